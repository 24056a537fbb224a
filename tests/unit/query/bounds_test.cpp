// Bounds: what a predicate says about an expression's value. No value for which it is true is ever
// outside of them.
#include <gtest/gtest.h>

#include "core/query/bounds.h"
#include "core/query/evaluator.h"
#include "support/expressions.h"

namespace cairn::unit::bounds_tests {
namespace {

std::string encoded(const Value& value) {
  std::string bytes = portable(value);
  ByteBuffer out;
  encode_order(Operand::of(read_item(as_bytes(bytes))), out);
  return to_string(out);
}

// As if the index had a value of each of these classes.
ClassCounts counts_of(const std::vector<OrderClass>& classes) {
  ClassCounts counts{};
  for (OrderClass one : classes) counts[class_index(one)] = 1;
  return counts;
}

ClassCounts counts_of_all() {
  ClassCounts counts;
  counts.fill(1);
  return counts;
}

std::optional<Bounds> bounds(const Tree& predicate, const ClassCounts& counts = counts_of_all(),
                             const Tree& indexed = ref("a")) {
  ExpressionPtr expression = predicate.read();
  return bounds_of(*expression, expression->root(), indexed.read()->written(), counts);
}

bool covers(const Bounds& bounds, const Value& value) {
  std::string key = encoded(value);
  for (const ValueRange& one : bounds)
    if (one.range.from <= key && (one.range.to.empty() || key < one.range.to)) return true;
  return false;
}

Tree compared(const std::string& name, const Value& value) {
  return call(name, ref("a"), val(value));
}

const ClassCounts kNumbers = counts_of({OrderClass::kNumber});

TEST(Bounds, OfAnEqualityAreOnePoint) {
  std::optional<Bounds> found = bounds(compared("eq", 5), kNumbers);
  ASSERT_TRUE(found && found->size() == 1 && (*found)[0].point);
  EXPECT_TRUE(covers(*found, 5));
  EXPECT_TRUE(covers(*found, BigInt::parse("5"))) << "evaluated all the same";
  EXPECT_FALSE(covers(*found, 6));
  EXPECT_EQ(bounds(call("eq", val(5), ref("a")), kNumbers)->size(), 1u) << "either way round";
}

TEST(Bounds, OfAnEqualityAreTwoPointsWhereThereAreDates) {
  ClassCounts both = counts_of({OrderClass::kNumber, OrderClass::kDate});
  EXPECT_EQ(bounds(compared("eq", 5), both)->size(), 2u);
  EXPECT_EQ(bounds(compared("eq", Date{5}), both)->size(), 2u);
  EXPECT_EQ(bounds(compared("eq", 5.5), both)->size(), 1u) << "no date has half a millisecond";
  EXPECT_EQ(bounds(compared("eq", "5"), both)->size(), 1u);
}

TEST(Bounds, AreEmptyWhereNothingIsTrue) {
  for (const Tree& never :
       {compared("eq", nullptr), compared("gt", nullptr), compared("eq", Array{1}),
        compared("in", Array{}), compared("in", Array{nullptr}), compared("like", nullptr),
        compared("like", 5), val(false), val(nullptr), call("and", compared("eq", 1), val(false)),
        call("and", compared("gt", 5), compared("lt", 5)), call("or")}) {
    std::optional<Bounds> found = bounds(never, kNumbers);
    ASSERT_TRUE(found.has_value()) << never.json;
    EXPECT_TRUE(found->empty()) << never.json;
  }
}

TEST(Bounds, AreNoneWhereNothingIsSaid) {
  for (const Tree& other :
       {val(true), ref("a"), call("eq", ref("b"), val(1)), call("eq", ref("a"), ref("b")),
        call("not", compared("eq", 1)), call("ilike", ref("a"), val("x")),
        call("or", compared("eq", 1), call("eq", ref("b"), val(1))), call("and"),
        call("and", val(true), call("eq", ref("b"), val(1))),
        call("eq", call("upper", ref("a")), val("A"))})
    EXPECT_FALSE(bounds(other).has_value()) << other.json;
}

TEST(Bounds, OfAndAreWhatAllHaveOfOrWhatAnyHas) {
  std::optional<Bounds> both = bounds(
      call("and", compared("gte", 3), compared("lt", 7), call("eq", ref("b"), val(1))), kNumbers);
  ASSERT_TRUE(both && both->size() == 1);
  EXPECT_TRUE(covers(*both, 3) && covers(*both, 6.99) && !covers(*both, 7) && !covers(*both, 2));
  std::optional<Bounds> any = bounds(call("or", compared("lt", 3), compared("eq", 9)), kNumbers);
  ASSERT_TRUE(any && any->size() == 2);
  EXPECT_TRUE(covers(*any, 2) && covers(*any, 9) && !covers(*any, 5));
  EXPECT_FALSE((*any)[0].point);
  EXPECT_TRUE((*any)[1].point);
  std::optional<Bounds> joined =
      bounds(call("or", compared("lt", 3), compared("lte", 9)), kNumbers);
  EXPECT_EQ(joined->size(), 1u) << "ranges that overlap are one";
}

TEST(Bounds, OfOtherClassesAreThereWhereTheIndexHasAny) {
  EXPECT_EQ(bounds(compared("gt", 5), kNumbers)->size(), 1u);
  std::optional<Bounds> mixed =
      bounds(compared("gt", 5), counts_of({OrderClass::kNumber, OrderClass::kText}));
  EXPECT_TRUE(covers(*mixed, "10"));
  EXPECT_FALSE(covers(*mixed, Date{10}));
  EXPECT_FALSE(covers(*bounds(compared("gt", 5)), nullptr));
}

TEST(Bounds, OfAPatternAreItsStart) {
  std::optional<Bounds> found = bounds(compared("like", "ab%c"));
  ASSERT_TRUE(found && found->size() == 1);
  EXPECT_TRUE(covers(*found, "ab") && covers(*found, "abxc"));
  EXPECT_FALSE(covers(*found, "ac"));
  EXPECT_FALSE(covers(*found, "a"));
  EXPECT_TRUE((*bounds(compared("like", "ab")))[0].point);
  EXPECT_TRUE(covers(*bounds(compared("like", "%")), "anything"));
  EXPECT_TRUE(covers(*bounds(compared("like", "\xed\xa0\xbd_")), "\U0001F600"));
}

TEST(Bounds, OfAListAreItsValuesOnce) {
  std::optional<Bounds> found =
      bounds(compared("in", Array{3, 1, 3, nullptr, "x", Array{1}}), kNumbers);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->size(), 3u);
  for (const ValueRange& one : *found) EXPECT_TRUE(one.point);
}

TEST(Bounds, OfALongListAreKnown) {
  Array many;
  for (int i = 0; i < 100000; ++i) many.push_back(i);
  std::optional<Bounds> found = bounds(
      call("and", compared("gte", 5), call("and", compared("in", many), compared("lt", 90000))),
      kNumbers);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->size(), 89995u);
}

// Gone through once for each level, they would take minutes.
TEST(Bounds, OfWhatNestsFarAndWideAreGivenUp) {
  Array many;
  for (int i = 0; i < 20000; ++i) many.push_back(i);
  Tree tree = compared("in", many);
  for (int i = 0; i < 30; ++i)
    tree = call("and", call("or", tree, compared("eq", -i)), compared("gt", -50));
  std::optional<Bounds> found = bounds(tree, kNumbers);
  EXPECT_TRUE(!found || found->size() == 1) << "the last range alone is known";
}

TEST(Bounds, ClipAPart) {
  Bounds three = *bounds(compared("in", Array{1, 5, 9}), kNumbers);
  KeyRange part{encoded(2), encoded(9)};
  std::vector<KeyRange> clipped = clip(part, three);
  ASSERT_EQ(clipped.size(), 1u);
  EXPECT_EQ(clipped[0], three[1].range);
  EXPECT_TRUE(clip(part, {}).empty());
}

// Random predicates over random values: what is true is covered, and ranges are in order.
class RandomPredicates {
 public:
  explicit RandomPredicates(uint64_t seed) : values_(seed) {
    for (int i = 0; i < 40; ++i) pool_.push_back(values_.value(1));
    for (const Value& value : {Value(5), Value(Date{5}), Value("5"), Value(BigInt::parse("5")),
                               Value(nullptr), Value(true), Value("ab"), Value("a")})
      pool_.push_back(value);
  }

  const std::vector<Value>& pool() const { return pool_; }

  Tree predicate(int depth) {
    Random& random = values_.random();
    if (depth > 0 && random.chance(60)) {
      Tree left = predicate(depth - 1), right = predicate(depth - 1);
      return random.chance(10) ? call("not", left)
                               : call(random.chance(50) ? "and" : "or", left, right);
    }
    static const std::vector<std::string> kRelations = {"eq", "gt", "gte", "lt", "lte", "like"};
    Value constant = random.pick(pool_);
    switch (random.below(6)) {
      case 0:
        return compared("in", Array{constant, random.pick(pool_)});
      case 1:
        return call(random.chance(50) ? "isNull" : "isUndefined", ref("a"));
      case 2:
        return call(random.pick(kRelations), val(constant), ref("a"));
      default:
        return compared(random.pick(kRelations), constant);
    }
  }

 private:
  RandomValues values_;
  std::vector<Value> pool_;
};

TEST(Bounds, CoverWhateverIsTrue) {
  RandomPredicates random(7);
  MemoryShapes shapes;
  std::vector<std::string> rows;
  for (const Value& value : random.pool()) rows.push_back(make_row({{"a", value}}, shapes));
  int found_some = 0, left_out = 0;
  for (int i = 0; i < 3000; ++i) {
    Tree predicate = random.predicate(2);
    std::optional<Bounds> found = bounds(predicate);
    if (!found) continue;
    ++found_some;
    for (size_t k = 1; k < found->size(); ++k) {
      const KeyRange &last = (*found)[k - 1].range, &next = (*found)[k].range;
      ASSERT_TRUE(!last.to.empty() && last.to <= next.from) << predicate.json;
    }
    HostAnswers host(false);
    RowFields fields;
    Evaluator evaluator(predicate.read(), fields, host);
    for (size_t k = 0; k < rows.size(); ++k) {
      fields.set(as_bytes(rows[k]), shapes);
      bool is_covered = covers(*found, random.pool()[k]);
      left_out += !is_covered;
      ASSERT_TRUE(is_covered || !evaluator.evaluate().is_true())
          << predicate.json << " " << ::testing::PrintToString(random.pool()[k]);
    }
  }
  EXPECT_GT(found_some, 1000);
  EXPECT_GT(left_out, 10000);
}

}  // namespace
}  // namespace cairn::unit::bounds_tests
