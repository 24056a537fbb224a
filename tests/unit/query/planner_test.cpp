// The planner on its own: over indexes whose entries are a list in the test. Which plan a query
// over a collection has is tested in collection/query_plan_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/query/planner.h"
#include "support/expressions.h"

namespace cairn::unit::planner_tests {
namespace {

std::string encoded(const Value& value) {
  std::string bytes = portable(value);
  ByteBuffer out;
  encode_order(Operand::of(read_item(as_bytes(bytes))), out);
  return to_string(out);
}

OrderClass class_of(const Value& value) {
  std::string bytes = portable(value);
  return order_class(Operand::of(read_item(as_bytes(bytes))));
}

class Planning : public ::testing::Test {
 protected:
  // An index and the values of its entries.
  void add_index(const std::vector<Tree>& trees, const std::vector<Array>& entries,
                 const std::optional<Tree>& where = {}) {
    IndexFacts& facts = indexes_.emplace_back();
    facts.signature = "index " + std::to_string(indexes_.size());
    for (const Tree& tree : trees) facts.expressions.push_back(tree.read());
    if (where) facts.where = where->read();
    facts.classes.resize(trees.size());
    facts.entries = entries.size();
    std::vector<std::string>& keys = entries_.emplace_back();
    for (const Array& entry : entries) {
      std::string key;
      for (size_t i = 0; i < trees.size(); ++i) {
        key += encoded(entry[i]);
        ++facts.classes[i][class_index(class_of(entry[i]))];
      }
      keys.push_back(key + "key");
    }
  }

  // Rows 0 to 999 by a number, and by what is left of it.
  static std::vector<Array> numbers(int modulo) {
    std::vector<Array> entries;
    for (int i = 0; i < 1000; ++i) entries.push_back(modulo == 0 ? Array{i} : Array{i % modulo, i});
    return entries;
  }

  uint64_t count(const IndexRanges& part, uint64_t most) {
    uint64_t found = 0;
    for (const std::string& key : entries_[part.index])
      for (const KeyRange& range : part.ranges)
        found += range.from <= key && (range.to.empty() || key < range.to);
    counted_ = std::max(counted_, most);
    return std::min(found, most);
  }

  Plan plan() {
    return make_plan(
        {subset_, host_, rows_, indexes_,
         [this](const IndexRanges& part, uint64_t most) { return count(part, most); }});
  }
  Plan plan(const Tree& where) {
    subset_.where = where.read();
    return plan();
  }

  OrderClause& order_by(const Tree& tree, bool descending = false) {
    OrderClause& clause = subset_.order.emplace_back();
    clause.expression = tree.read();
    clause.descending = descending;
    clause.nulls_last = descending;
    return clause;
  }

  uint64_t found(const Plan& plan) {
    uint64_t all = 0;
    for (const IndexRanges& part : plan.indexes) all += count(part, UINT64_MAX);
    return all;
  }

  Subset subset_;
  bool host_ = false;
  uint64_t rows_ = 1000;
  std::vector<IndexFacts> indexes_;
  std::vector<std::vector<std::string>> entries_;
  uint64_t counted_ = 0;
};

Tree above(int n) { return call("gte", ref("n"), val(n)); }

TEST_F(Planning, WithoutIndexesAllRowsAreRead) {
  EXPECT_EQ(plan(above(999)).access, fb::Access::Scan);
  EXPECT_EQ(plan(val(false)).access, fb::Access::Nothing);
  EXPECT_EQ(plan(val(nullptr)).access, fb::Access::Nothing);
  EXPECT_EQ(plan(val(true)).access, fb::Access::Scan);
}

TEST_F(Planning, AnIndexIsForFewRows) {
  add_index({ref("n")}, numbers(0));
  EXPECT_EQ(plan(above(990)).access, fb::Access::Index);
  EXPECT_EQ(plan(above(800)).access, fb::Access::Index) << "a fifth";
  EXPECT_EQ(plan(above(799)).access, fb::Access::Scan);
  EXPECT_LE(counted_, rows_) << "no more is counted than decides";
}

TEST_F(Planning, TheIndexWithFewerEntriesIsTaken) {
  add_index({ref("m")}, numbers(10));
  add_index({ref("n")}, numbers(0));
  Plan chosen = plan(call("and", call("eq", ref("m"), val(3)), above(995)));
  ASSERT_EQ(chosen.indexes.size(), 1u);
  EXPECT_EQ(chosen.indexes[0].index, 1u);
  chosen = plan(call("and", call("eq", ref("m"), val(3)), above(10)));
  EXPECT_EQ(chosen.indexes[0].index, 0u);
}

TEST_F(Planning, AnOrOverIndexesNeedsOneForEachPart) {
  add_index({ref("m"), ref("n")}, numbers(100));
  add_index({ref("n")}, numbers(0));
  Plan any = plan(call("or", call("eq", ref("m"), val(3)), above(998)));
  EXPECT_EQ(any.access, fb::Access::Index);
  EXPECT_EQ(any.indexes.size(), 2u);
  EXPECT_EQ(found(any), 12u);
  EXPECT_EQ(plan(call("or", above(998), call("eq", ref("x"), val(1)))).access, fb::Access::Scan);
  Plan inside = plan(call("and", call("eq", ref("x"), val(1)),
                          call("or", call("eq", ref("m"), val(3)), above(998))));
  EXPECT_EQ(inside.indexes.size(), 2u);
}

TEST_F(Planning, OrsInOrsAreLookedIntoForAFewLevels) {
  add_index({ref("m"), ref("n")}, numbers(100));
  add_index({ref("n")}, numbers(0));
  Tree tree = above(999);
  for (int levels = 1; levels <= 6; ++levels) {
    tree = call("or", call("eq", ref("m"), val(levels)), tree);
    EXPECT_EQ(plan(tree).access, levels <= 4 ? fb::Access::Index : fb::Access::Scan) << levels;
  }
}

TEST_F(Planning, SeveralExpressionsHoldEachOther) {
  add_index({ref("m"), ref("n")}, numbers(10));
  Tree one = call("eq", ref("m"), val(3));
  EXPECT_EQ(found(plan(call("and", one, above(900)))), 10u);
  EXPECT_EQ(found(plan(call("and", call("in", ref("m"), val(Array{3, 4})), above(900)))), 20u);
  EXPECT_EQ(plan(above(990)).access, fb::Access::Scan) << "the first expression is free";
  // A range of the first says nothing about the second.
  EXPECT_EQ(found(plan(call("and", call("lt", ref("m"), val(1)), above(900)))), 100u);
}

TEST_F(Planning, ProductsOfListsAreBounded) {
  add_index({ref("m"), ref("n")}, numbers(10));
  Array many, some;
  for (int i = 0; i < 3000; ++i) many.push_back(i);
  for (int i = 0; i < 2; ++i) some.push_back(i);
  Tree both = call("and", call("in", ref("m"), val(some)), call("in", ref("n"), val(many)));
  Plan chosen = plan(both);
  size_t ranges = 0;
  for (const IndexRanges& part : chosen.indexes) ranges += part.ranges.size();
  EXPECT_LE(ranges, 4096u);
  EXPECT_EQ(chosen.access, fb::Access::Index);
  EXPECT_EQ(found(chosen), 200u);
}

TEST_F(Planning, APartialIndexIsForWhatIsInIt) {
  Tree open = call("eq", ref("open"), val(true)), named = call("isNull", ref("name"));
  add_index({ref("n")}, {{5}, {6}}, call("and", open, named));
  Tree near = call("eq", ref("n"), val(5));
  EXPECT_EQ(plan(near).access, fb::Access::Scan);
  EXPECT_EQ(plan(call("and", near, open)).access, fb::Access::Scan);
  EXPECT_EQ(plan(call("and", named, call("and", open, near))).access, fb::Access::Index);
  EXPECT_EQ(plan(call("or", near, call("and", open, named))).access, fb::Access::Scan);
  EXPECT_EQ(plan(call("not", call("and", open, named))).access, fb::Access::Scan);
}

TEST_F(Planning, AnIndexGivesAnOrderForFewRows) {
  add_index({ref("n")}, numbers(0));
  order_by(ref("n"));
  EXPECT_EQ(plan().access, fb::Access::Scan) << "without a limit sorting is less";
  subset_.limit = 200;
  EXPECT_TRUE(plan().ordered);
  EXPECT_FALSE(plan().descending);
  subset_.limit = 201;
  EXPECT_FALSE(plan().ordered);
  subset_.limit = UINT64_MAX;
  subset_.offset = 5;
  EXPECT_FALSE(plan().ordered) << "the sum does not wrap round";
  subset_.limit = 1;
  subset_.offset = UINT64_MAX;
  EXPECT_FALSE(plan().ordered);
}

TEST_F(Planning, ADescendingOrderIsReadFromTheEnd) {
  add_index({ref("m"), ref("n")}, numbers(10));
  order_by(ref("m"), true);
  order_by(ref("n"), true);
  subset_.limit = 3;
  EXPECT_TRUE(plan().ordered);
  EXPECT_TRUE(plan().descending);
  subset_.order[1].descending = subset_.order[1].nulls_last = false;
  EXPECT_FALSE(plan().ordered) << "two directions are in no index";
}

TEST_F(Planning, AnOrderHasToBeThatOfTheWholeIndex) {
  add_index({ref("m"), ref("n")}, numbers(10));
  order_by(ref("m"));
  subset_.limit = 3;
  EXPECT_FALSE(plan().ordered) << "ties would come by n, not by key";
  order_by(ref("n"));
  EXPECT_TRUE(plan().ordered);
  order_by(ref("x"));
  EXPECT_FALSE(plan().ordered);
}

TEST_F(Planning, WhatIsHeldToOneValueMayStandBeforeTheOrder) {
  add_index({ref("m"), ref("n")}, numbers(10));
  order_by(ref("n"));
  subset_.limit = 3;
  EXPECT_TRUE(plan(call("eq", ref("m"), val(3))).ordered);
  EXPECT_EQ(found(plan(call("eq", ref("m"), val(3)))), 100u);
  EXPECT_FALSE(plan(call("in", ref("m"), val(Array{3, 4}))).ordered);
  EXPECT_FALSE(plan(call("lt", ref("m"), val(1))).ordered);
  EXPECT_FALSE(plan(above(5)).ordered);
  EXPECT_EQ(plan(call("eq", ref("m"), val(nullptr))).access, fb::Access::Nothing);
}

TEST_F(Planning, NullsMoveOnlyWhereTheyAreTheFirstPart) {
  std::vector<Array> entries = numbers(10);
  add_index({ref("m"), ref("n")}, entries);
  order_by(ref("m"));
  order_by(ref("n")).nulls_last = true;
  subset_.limit = 3;
  EXPECT_TRUE(plan().ordered) << "there are none";
  entries.push_back({1, nullptr});
  indexes_.clear();
  entries_.clear();
  add_index({ref("m"), ref("n")}, entries);
  EXPECT_FALSE(plan().ordered);
}

TEST_F(Planning, NullsInArraysAreWhereTheIndexHasThem) {
  std::vector<Array> entries = numbers(0);
  entries.emplace_back().emplace_back(Array{nullptr});
  add_index({ref("n")}, entries);
  order_by(ref("n"));
  subset_.limit = 3;
  EXPECT_TRUE(plan().ordered);
  subset_.order[0].nulls_last = true;
  EXPECT_FALSE(plan().ordered);
}

TEST_F(Planning, TextsOfALocaleAreInNoIndex) {
  add_index({ref("n")}, numbers(0));
  order_by(ref("n")).by_locale = true;
  subset_.limit = 3;
  host_ = true;
  EXPECT_TRUE(plan().ordered) << "there are no texts";
  std::vector<Array> entries = numbers(0);
  entries.push_back(Array{"text"});
  indexes_.clear();
  entries_.clear();
  add_index({ref("n")}, entries);
  EXPECT_FALSE(plan().ordered);
  host_ = false;
  EXPECT_TRUE(plan().ordered);
}

TEST_F(Planning, APageBeginsAtItsBoundary) {
  add_index({ref("n")}, numbers(0));
  order_by(ref("n"));
  subset_.limit = 3;
  subset_.after = PageBoundary{{portable(700)}, {}};
  EXPECT_EQ(found(plan()), 300u);
  subset_.order[0].descending = subset_.order[0].nulls_last = true;
  EXPECT_EQ(found(plan()), 701u);
  subset_.after = PageBoundary{{portable(nullptr)}, {}};
  EXPECT_EQ(found(plan()), 0u) << "nulls come last, and there are none";
  subset_.order[0].nulls_last = false;
  EXPECT_EQ(found(plan()), 1000u);
  subset_.after = PageBoundary{{portable("text")}, {}};
  EXPECT_EQ(found(plan()), 1000u) << "texts are above numbers";
}

TEST_F(Planning, AFilterThatLeavesLittleGoesBeforeTheOrder) {
  add_index({ref("n")}, numbers(0));
  add_index({ref("x")}, {{1}, {2}, {3}});
  order_by(ref("n"));
  subset_.limit = 10;
  Plan chosen = plan(call("eq", ref("x"), val(2)));
  EXPECT_FALSE(chosen.ordered);
  EXPECT_EQ(chosen.indexes[0].index, 1u);
  EXPECT_TRUE(plan(above(100)).ordered);
  EXPECT_EQ(found(plan(above(100))), 900u) << "the order's ranges are the predicate's";
}

TEST_F(Planning, ValuesThatAreNoPredicatesAreNoConjuncts) {
  // and(x, ...) is true for the text x, which "where x" is not: the index lacks such rows.
  add_index({ref("n")}, {{5}}, ref("x"));
  Tree near = call("eq", ref("n"), val(5));
  EXPECT_EQ(plan(call("and", near, ref("x"))).access, fb::Access::Scan);
}

}  // namespace
}  // namespace cairn::unit::planner_tests
