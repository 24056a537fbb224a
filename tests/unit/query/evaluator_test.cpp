// The evaluator: what JavaScript gives, above all where other layers are known to answer wrongly.
// Random expressions are compared with @tanstack/db in tests/differential.
#include <gtest/gtest.h>

#include "core/query/evaluator.h"
#include "support/expressions.h"

namespace cairn::unit::evaluator_tests {
namespace {

// An expression over rows, with a host or without.
class Evaluation {
 public:
  explicit Evaluation(const Tree& tree, bool asks = false)
      : host_(asks), evaluator_(tree.read(), fields_, host_) {}

  Value of(const Object& row) {
    row_ = make_row(row, shapes_);
    fields_.set(as_bytes(row_), shapes_);
    Operand value = evaluator_.evaluate();
    if (value.is(Operand::Type::kUndefined)) return Undefined{};
    ByteBuffer out;
    TupleWriter writer(out, 1);
    put_operand(value, writer);
    return decode_value(out.bytes());
  }
  bool pending() const { return evaluator_.pending(); }
  HostAnswers& host() { return host_; }

 private:
  MemoryShapes shapes_;
  RowFields fields_;
  HostAnswers host_;
  Evaluator evaluator_;
  std::string row_;
};

Value of(const Tree& tree, const Object& row = {}) { return Evaluation(tree).of(row); }

Object with(const Value& value) { return {{"v", value}}; }

const Value kUnknown = nullptr;

TEST(Evaluator, DatesInTheSameSecondDiffer) {
  for (const char* name : {"eq", "gte", "lte"})
    EXPECT_EQ(of(call(name, ref("v"), val(Date{1001})), with(Date{1001})), Value(true)) << name;
  EXPECT_EQ(of(call("eq", ref("v"), val(Date{1001})), with(Date{1000})), Value(false));
  EXPECT_EQ(of(call("gt", ref("v"), val(Date{1001})), with(Date{1999})), Value(true));
  EXPECT_EQ(of(call("gt", ref("v"), val(Date{1001})), with(Date{1001})), Value(false));
  EXPECT_EQ(of(call("in", ref("v"), val(Array{Date{1000}})), with(Date{1001})), Value(false));
}

TEST(Evaluator, ADateEqualsItsMilliseconds) {
  EXPECT_EQ(of(call("eq", ref("v"), val(5)), with(Date{5})), Value(true));
  EXPECT_EQ(of(call("in", ref("v"), val(Array{5})), with(Date{5})), Value(true));
  EXPECT_EQ(of(call("eq", ref("v"), val("5")), with(Date{5})), Value(false));
}

TEST(Evaluator, LowerAndIlikeBeyondAscii) {
  EXPECT_EQ(of(call("lower", ref("v")), with("ÄÖÜ")), Value("äöü"));
  EXPECT_EQ(of(call("lower", ref("v")), with("ΟΔΟΣ")), Value("οδος"));
  EXPECT_EQ(of(call("upper", ref("v")), with("straße")), Value("STRASSE"));
  EXPECT_EQ(of(call("ilike", ref("v"), val("ärg%")), with("ÄRGER")), Value(true));
  EXPECT_EQ(of(call("like", ref("v"), val("ärg%")), with("ÄRGER")), Value(false));
}

TEST(Evaluator, NotLikeIsFalseForWhatIsLike) {
  Tree unlike = call("not", call("like", ref("v"), val("a%")));
  EXPECT_EQ(of(unlike, with("abc")), Value(false));
  EXPECT_EQ(of(unlike, with("xyz")), Value(true));
  EXPECT_EQ(of(unlike, with(5)), Value(true)) << "a number is like nothing";
  EXPECT_EQ(of(unlike, with(nullptr)), kUnknown);
  EXPECT_EQ(of(unlike), kUnknown);
}

TEST(Evaluator, NotIsUndefinedIsTrueForNull) {
  Tree defined = call("not", call("isUndefined", ref("v")));
  EXPECT_EQ(of(defined, with("a")), Value(true));
  EXPECT_EQ(of(defined, with(nullptr)), Value(true));
  EXPECT_EQ(of(defined), Value(false));
  EXPECT_EQ(of(call("isNull", ref("v"))), Value(false));
  EXPECT_EQ(of(call("isNull", ref("v")), with(nullptr)), Value(true));
}

TEST(Evaluator, AnAliasStandsForTheRowUnlessTheRowHasThatField) {
  Tree alias = ref("todos", "v");
  EXPECT_EQ(of(alias, with(1)), Value(1));
  EXPECT_EQ(of(alias, {{"v", 1}, {"todos", Object{{"v", 2}}}}), Value(2));
  EXPECT_EQ(of(alias, {{"v", 1}, {"todos", nullptr}}), kUnknown);
  EXPECT_EQ(of(ref("todos", "o", "x"), {{"o", Object{{"x", 3}}}}), Value(3));
  EXPECT_EQ(of(ref("o", "x"), {{"o", Object{{"x", 3}}}}), Value(3));
}

TEST(Evaluator, ThreeValuedLogic) {
  Tree t = val(true), f = val(false), u = val(nullptr);
  EXPECT_EQ(of(call("and", t, u)), kUnknown);
  EXPECT_EQ(of(call("and", f, u)), Value(false));
  EXPECT_EQ(of(call("and", u, f)), Value(false));
  EXPECT_EQ(of(call("or", f, u)), kUnknown);
  EXPECT_EQ(of(call("or", u, t)), Value(true));
  EXPECT_EQ(of(call("not", u)), kUnknown);
  EXPECT_EQ(of(call("and")), Value(true));
  EXPECT_EQ(of(call("or")), Value(false));
  for (const char* name : {"eq", "gt", "gte", "lt", "lte", "like", "ilike"})
    EXPECT_EQ(of(call(name, ref("v"), val("a")), with(nullptr)), kUnknown) << name;
}

TEST(Evaluator, NanEqualsItselfAndIsAboveAll) {
  Value nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(of(call("eq", ref("v"), val(nan)), with(nan)), Value(true));
  EXPECT_EQ(of(call("gt", ref("v"), val(std::numeric_limits<double>::infinity())), with(nan)),
            Value(true));
  EXPECT_EQ(of(call("lt", ref("v"), val(nan)), with("text")), Value(true));
  EXPECT_EQ(of(call("in", ref("v"), val(Array{nan})), with(nan)), Value(true));
}

TEST(Evaluator, RelationsConvertAsJavaScriptDoes) {
  EXPECT_EQ(of(call("gt", ref("v"), val(5)), with("10")), Value(true));
  EXPECT_EQ(of(call("gt", ref("v"), val("9")), with("10")), Value(false)) << "two texts";
  EXPECT_EQ(of(call("gt", ref("v"), val(5)), with(true)), Value(false));
  EXPECT_EQ(of(call("gt", ref("v"), val(5)), with(Array{6})), Value(true));
  EXPECT_EQ(of(call("gt", ref("v"), val(5)), with("text")), Value(false));
  EXPECT_EQ(of(call("lte", ref("v"), val(5)), with("text")), Value(true));
  EXPECT_EQ(of(call("eq", ref("v"), val(1)), with(BigInt::parse("1"))), Value(false));
  EXPECT_EQ(of(call("gte", ref("v"), val(1)), with(BigInt::parse("1"))), Value(true));
  EXPECT_EQ(of(call("lt", ref("v"), val("\uFFFF")), with("\U0001F600")), Value(true));
}

TEST(Evaluator, Arithmetic) {
  EXPECT_EQ(of(call("add", ref("v"), val(1)), with("1")), Value("11"));
  EXPECT_EQ(of(call("add", ref("v"), val(1))), Value(1)) << "unknown counts as 0";
  EXPECT_EQ(of(call("divide", ref("v"), val(0)), with(1)), kUnknown);
  EXPECT_EQ(of(call("multiply", ref("v"), val(BigInt::parse("3"))), with(BigInt::parse("-2"))),
            Value(BigInt::parse("-6")));
  EXPECT_EQ(status_of([] { of(call("add", ref("v"), val(1)), with(BigInt::parse("1"))); }),
            Status::kInvalidValue);
}

TEST(Evaluator, TextsAndChoices) {
  EXPECT_EQ(of(call("length", ref("v")), with("\U0001F600")), Value(2));
  EXPECT_EQ(of(call("length", ref("v")), with(Array{1, 2, 3})), Value(3));
  EXPECT_EQ(of(call("length", ref("v")), with(5)), Value(0));
  EXPECT_EQ(of(call("concat", ref("v"), val(nullptr), val("x"), val(1)), with("a")), Value("ax1"));
  EXPECT_EQ(of(call("coalesce", ref("v"), val(nullptr), val(7))), Value(7));
  EXPECT_EQ(of(call("coalesce", ref("v"), val(7)), with(false)), Value(false));
  Tree choice = call("caseWhen", ref("v"), val("yes"), val("no"));
  EXPECT_EQ(of(choice, with("text")), Value("yes"));
  EXPECT_EQ(of(choice, with(0)), Value("no"));
  EXPECT_EQ(of(call("caseWhen", ref("v"), val("yes")), with("")), kUnknown);
}

TEST(Evaluator, Members) {
  Object row = {{"t", "ab"}, {"l", Array{1, Array{2}}}, {"o", Object{{"x", Object{{"y", 1}}}}}};
  EXPECT_EQ(of(ref("t", "length"), row), Value(2));
  EXPECT_EQ(of(ref("t", "1"), row), Value("b"));
  EXPECT_EQ(of(ref("t", "2"), row), Value(Undefined{}));
  EXPECT_EQ(of(ref("l", "1", "0"), row), Value(2));
  EXPECT_EQ(of(ref("l", "01"), row), Value(Undefined{}));
  EXPECT_EQ(of(ref("o", "x", "y"), row), Value(1));
  EXPECT_EQ(of(ref("o", "z", "y"), row), Value(Undefined{}));
}

TEST(Evaluator, DatesAsTexts) {
  EXPECT_EQ(of(call("date", ref("v")), with(Date{0})), Value("1970-01-01"));
  EXPECT_EQ(of(call("datetime", ref("v")), with(5)), Value("1970-01-01T00:00:00.005Z"));
  EXPECT_EQ(of(call("strftime", val("%Y-%m-%d"), ref("v")), with("2025-11-03T23:00:00Z")),
            Value("2025-11-03"));
  EXPECT_EQ(of(call("date", ref("v")), with("never")), kUnknown);
  EXPECT_EQ(of(call("date", ref("v")), with(8.65e15)), kUnknown);
}

TEST(Evaluator, WithAHostWhatIsNotKnownWaits) {
  Evaluation day(call("date", ref("v")), true);
  day.of(with("2025-11-03"));
  EXPECT_FALSE(day.pending()) << "an ISO date is known";
  day.of(with("3 Nov 2025"));
  EXPECT_TRUE(day.pending());
  std::optional<HostQuestion> question = day.host().next();
  ASSERT_TRUE(question.has_value());
  EXPECT_EQ(question->kind, fb::QuestionKind::ParseDate);
  std::string answer = portable(Array{0});
  day.host().answer(as_bytes(answer));
  EXPECT_EQ(day.of(with("3 Nov 2025")), Value("1970-01-01"));
  EXPECT_FALSE(day.pending());
  Evaluation text(call("concat", ref("v")), true);
  text.of(with(Date{0}));
  EXPECT_TRUE(text.pending());
  EXPECT_EQ(text.host().next()->kind, fb::QuestionKind::DateText);
}

TEST(Evaluator, RowsOfManyShapesOneAfterAnother) {
  Evaluation sum(call("concat", ref("a"), val("-"), ref("b")));
  EXPECT_EQ(sum.of({{"a", 1}, {"b", 2}}), Value("1-2"));
  EXPECT_EQ(sum.of({{"a", 3}, {"b", 4}}), Value("3-4"));
  EXPECT_EQ(sum.of({{"b", 1}, {"a", 2}}), Value("2-1"));
  EXPECT_EQ(sum.of({{"b", 1}}), Value("-1"));
  EXPECT_EQ(sum.of({}), Value("-"));
  EXPECT_EQ(sum.of({{"x", 0}, {"b", 1}, {"y", 0}, {"a", 2}}), Value("2-1"));
}

TEST(Evaluator, TextsThatGrowWithoutEndAreRefused) {
  Tree tree = ref("v");
  for (int i = 0; i < 16; ++i) tree = call("concat", tree, tree);
  EXPECT_EQ(status_of([&] { of(tree, with(std::string(4096, 'x'))); }), Status::kTooLarge);
}

}  // namespace
}  // namespace cairn::unit::evaluator_tests
