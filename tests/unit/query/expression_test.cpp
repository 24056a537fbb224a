// Expressions: what is taken for one, the one form in which they are kept, and texts for people.
#include <gtest/gtest.h>

#include "core/query/aliases.h"
#include "support/expressions.h"

namespace cairn::unit::expression_tests {
namespace {

std::string described(const Tree& tree) { return tree.read()->describe(); }

Status status_of_text(const std::string& text) {
  return status_of([&] { parse_expression_text(text); });
}

// Written, and nested so deep, the constant included.
std::string nested(size_t depth) {
  std::string constant = val(true).read()->written();
  std::string call_of_it = call("not", val(true)).read()->written();
  std::string start = call_of_it.substr(0, call_of_it.size() - constant.size()), written;
  for (size_t i = 1; i < depth; ++i) written += start;
  return written + constant;
}

const std::vector<Tree>& trees() {
  static const std::vector<Tree> kTrees = {
      val(nullptr),
      val(Array{1, "two", Array{}, Object{{"x", Date{5}}}}),
      val(BigInt::parse("-12345678901234567890")),
      ref("a"),
      ref("a", "b", "c"),
      ref("", "\xed\xa0\xbd"),
      call("and"),
      call("eq", ref("a"), val("text")),
      call("in", ref("a"), val(Array{1, nullptr, "x"})),
      call("or", call("not", call("like", ref("a", "b"), val("%"))), call("isNull", ref("a"))),
      call("caseWhen", ref("a"), val(1), call("add", ref("b"), val(2)))};
  return kTrees;
}

TEST(Expression, HasOneWrittenForm) {
  for (const Tree& tree : trees()) {
    std::string written = tree.read()->written();
    EXPECT_EQ(tree.read()->written(), written);
    EXPECT_EQ(Expression::read(as_bytes(written))->written(), written);
    for (const Tree& other : trees())
      EXPECT_EQ(other.read()->written() == written, &other == &tree) << other.json;
  }
}

TEST(Expression, DamagedFormsAreRefused) {
  Random random(1);
  for (const Tree& tree : trees()) {
    std::string written = tree.read()->written();
    for (size_t size = 0; size < written.size(); ++size)
      EXPECT_NE(status_of([&] { Expression::read(as_bytes(written.substr(0, size))); }),
                Status::kOk);
    EXPECT_EQ(status_of([&] { Expression::read(as_bytes(written + "x")); }), Status::kMalformed);
    for (int i = 0; i < 200; ++i) {
      std::string changed = written;
      changed[random.below(changed.size())] ^= static_cast<char>(1 + random.below(255));
      try {
        std::string again = Expression::read(as_bytes(changed))->written();
        EXPECT_EQ(Expression::read(as_bytes(again))->written(), again);
      } catch (const Error& error) {
        EXPECT_NE(error.status(), Status::kInternal) << error.what();
      }
    }
  }
}

TEST(Expression, APartIsWrittenAsItStandsAlone) {
  ExpressionPtr whole = call("and", call("eq", ref("a"), val(1)), ref("b")).read();
  EXPECT_EQ(whole->written(whole->argument(whole->root(), 0)),
            call("eq", ref("a"), val(1)).read()->written());
  EXPECT_EQ(whole->written(whole->argument(whole->root(), 1)), ref("b").read()->written());
}

TEST(Expression, IsAtMost256Deep) {
  auto read = [](size_t depth) { return Expression::read(as_bytes(nested(depth))); };
  EXPECT_EQ(read(kMaxExpressionDepth)->nodes().size(), kMaxExpressionDepth);
  EXPECT_EQ(status_of([&] { read(kMaxExpressionDepth + 1); }), Status::kTooLarge);
  EXPECT_EQ(status_of([&] { read(100000); }), Status::kTooLarge);
}

TEST(Expression, FunctionsAndTheirArgumentsAreChecked) {
  EXPECT_EQ(status_of([] { call("nonsense").read(); }), Status::kInvalidArgument);
  EXPECT_EQ(status_of([] { call("AND").read(); }), Status::kInvalidArgument);
  EXPECT_EQ(status_of([] { call("eq", val(1)).read(); }), Status::kInvalidArgument);
  EXPECT_EQ(status_of([] { call("not", val(1), val(2)).read(); }), Status::kInvalidArgument);
  EXPECT_EQ(status_of([] { call("caseWhen", val(1)).read(); }), Status::kInvalidArgument);
  EXPECT_EQ(status_of([] { ref().read(); }), Status::kInvalidArgument);
  EXPECT_NE(message_of([] { call("eq", val(1)).read(); }).find("eq takes 2"), std::string::npos);
  for (int i = 0; i <= static_cast<int>(Function::kStrftime); ++i) {
    std::string name(function_name(static_cast<Function>(i)));
    std::string some = call(name, ref("a"), ref("b")).json, one = call(name, ref("a")).json;
    EXPECT_TRUE(status_of_text(some) == Status::kOk || status_of_text(one) == Status::kOk) << name;
  }
}

TEST(Expression, OtherTextsAreRefused) {
  EXPECT_EQ(status_of_text(""), Status::kUnsupported);
  EXPECT_EQ(status_of_text("lower(x)"), Status::kUnsupported);
  EXPECT_EQ(status_of_text("json_extract(value, '$.a') COLLATE NOCASE"), Status::kUnsupported);
  EXPECT_EQ(status_of_text("json_extract(value, '$.a[0]')"), Status::kUnsupported);
  EXPECT_EQ(status_of_text("json_extract(value, '$')"), Status::kUnsupported);
  EXPECT_EQ(status_of_text("json_extract(value, '$.a', '$.b')"), Status::kUnsupported);
  EXPECT_EQ(status_of_text("json_extract(value,'')"), Status::kUnsupported);
  EXPECT_EQ(status_of_text("{"), Status::kMalformed);
  EXPECT_EQ(status_of_text(R"({"type":"func","name":"and"})"), Status::kMalformed);
  EXPECT_EQ(status_of_text(R"({"type":"agg"})"), Status::kMalformed);
  EXPECT_EQ(status_of_text(R"({"type":"ref","path":[1]})"), Status::kMalformed);
  EXPECT_EQ(parse_expression_text(" json_extract( value , '$.a.b_1' ) ")->written(),
            ref("a", "b_1").read()->written());
}

TEST(Expression, IsShownAsTheCommandLineTakesIt) {
  EXPECT_EQ(
      described(call("and", call("gt", ref("a", "b"), val(5)), call("like", ref("t"), val("x%")))),
      R"((a.b > 5) and (t like "x%"))");
  EXPECT_EQ(described(call("not", call("eq", ref("a"), val(Date{5})))),
            R"(not (a = date"1970-01-01T00:00:00.005Z"))");
  EXPECT_EQ(described(call("or", call("and", ref("a"), ref("b")), ref("c"))), "(a and b) or c");
  EXPECT_EQ(described(call("in", ref("not"), val(Array{BigInt::parse("7"), -0.0, "x"}))),
            R"(`not` in [7n, -0, "x"])");
  EXPECT_EQ(described(ref("a field", "`")), "`a field`.````");
  EXPECT_EQ(described(ref("\xed\xa0\xbd")), "an expression with lone surrogates");
}

TEST(Expression, ListsAreLookedUp) {
  ExpressionPtr in =
      call("in", ref("a"), val(Array{1, -0.0, "1", Date{5}, nullptr, Array{}})).read();
  auto has = [&](const Value& value) {
    std::string bytes = portable(value);
    std::string key = list_key(Operand::of(read_item(as_bytes(bytes))));
    return !key.empty() && in->root().list->contains(key);
  };
  for (const Value& value : {Value(1), Value(0), Value("1"), Value(5), Value(Date{1})})
    EXPECT_TRUE(has(value)) << ::testing::PrintToString(value);
  for (const Value& value : {Value(2), Value("0"), Value(nullptr), Value(Array{}),
                             Value(BigInt::parse("1")), Value(true)})
    EXPECT_FALSE(has(value)) << ::testing::PrintToString(value);
}

TEST(Aliases, AreDroppedWhereNoRowHasSuchAField) {
  Subset subset;
  subset.where = call("eq", ref("todos", "a"), val(1)).read();
  subset.order.emplace_back().expression = ref("todos", "b").read();
  Subset dropped = without_aliases(subset, [](std::string_view) { return false; });
  EXPECT_EQ(dropped.where->written(), call("eq", ref("a"), val(1)).read()->written());
  EXPECT_EQ(dropped.order[0].expression->written(), ref("b").read()->written());
  Subset kept = without_aliases(subset, [](std::string_view name) { return name == "todos"; });
  EXPECT_EQ(kept.where->written(), subset.where->written());
}

TEST(Aliases, StayWhereTheyMeanTheRow) {
  Tree row = call("and", call("eq", ref("t", "a"), val(1)), call("isUndefined", ref("t")));
  Tree own = call("eq", ref("t", "a"), ref("a", "b"));
  for (const Tree& tree : {row, own}) {
    Subset subset;
    subset.where = tree.read();
    Subset same = without_aliases(subset, [](std::string_view) { return false; });
    EXPECT_EQ(same.where->written(), subset.where->written());
  }
  EXPECT_NE(row.read()->written(row.read()->root()), ref("t").read()->written());
}

}  // namespace
}  // namespace cairn::unit::expression_tests
