// Plans: which queries are answered by which indexes, in what order, and how little is read for
// that. The rows are always those of a collection without indexes.
#include <gtest/gtest.h>

#include <cstdio>

#include "support/queries.h"

namespace cairn::unit {
namespace {

using Signatures = std::vector<std::string>;
constexpr int kPlanRows = 500;

class QueryPlans : public QueryTest {
 protected:
  QueryPlans() { apply_to_both(lines(0, kPlanRows)); }

  static std::string word(int i) {
    char text[16];
    std::snprintf(text, sizeof text, "word%04d", i);
    return text;
  }

  // n: each number below 500 once; g: one of ten, h: one of fifty; t: a text for each row; m: a
  // number, or null in every seventh row.
  static Changes lines(int from, int to) {
    Changes changes;
    for (int i = from; i < to; ++i) {
      int n = (i * 7) % kPlanRows;
      changes.insert("k" + std::to_string(i), {{"n", n},
                                               {"g", i % 10},
                                               {"h", (i * 3) % 50},
                                               {"t", word(n)},
                                               {"m", i % 7 == 0 ? Value(nullptr) : Value(n)}});
    }
    return changes;
  }

  // A query that looks up these indexes, and reads so many entries and rows.
  Answered looked_up(const LoadRequest& request, const Signatures& indexes, uint64_t entries,
                     uint64_t rows) {
    Answered found = same(request);
    EXPECT_EQ(found.report.access, fb::Access::Index);
    EXPECT_EQ(found.report.indexes, indexes);
    EXPECT_FALSE(found.report.ordered_by_index);
    EXPECT_EQ(found.report.entries_read, entries);
    EXPECT_EQ(found.report.rows_read, rows);
    EXPECT_EQ(found.report.rows_matched, found.rows.size());
    EXPECT_EQ(found.report.rows_decoded, found.rows.size());
    return found;
  }

  // A query that reads an index in its order, and no more than so many rows.
  Answered in_order(const LoadRequest& request, const std::string& index, uint64_t most) {
    Answered found = same(request);
    EXPECT_EQ(found.report.access, fb::Access::Index);
    EXPECT_EQ(found.report.indexes, Signatures{index});
    EXPECT_TRUE(found.report.ordered_by_index);
    EXPECT_EQ(found.report.sorting, fb::Sorting::None);
    EXPECT_LE(found.report.rows_read, most);
    // From the end entries are read by chunks, each four times as large as the one before.
    EXPECT_LE(found.report.entries_read, 4 * most + 64);
    EXPECT_GE(found.report.rows_read, found.rows.size());
    return found;
  }

  Answered scanned(const LoadRequest& request, fb::Sorting sorting = fb::Sorting::None) {
    Answered found = same(request);
    EXPECT_EQ(found.report.access, fb::Access::Scan);
    EXPECT_EQ(found.report.indexes, Signatures{});
    EXPECT_FALSE(found.report.ordered_by_index);
    EXPECT_EQ(found.report.sorting, sorting);
    EXPECT_EQ(found.report.entries_read, 0u);
    return found;
  }
};
CAIRN_OVER_ALL_STORES(QueryPlans);

TEST_P(QueryPlans, ScanReadsAllRows) {
  EXPECT_EQ(scanned(query("eq(n, 3)")).report.rows_read, 500u);
  ensure("n", {"n"});
  EXPECT_EQ(scanned(query("")).rows.size(), 500u);
  EXPECT_EQ(scanned(query("eq(g, 3)")).rows.size(), 50u);
  EXPECT_EQ(scanned(query("gt(n, 100)")).rows.size(), 399u) << "too many for an index";
  scanned(query("gt(n, 100)", {"n"}), fb::Sorting::All);
  scanned(query("gt(n, 100)", {"n"}, 400), fb::Sorting::Top);
  scanned(query("not(eq(n, 3))"));
}

TEST_P(QueryPlans, GivenKeysAreReadAlone) {
  ensure("n", {"n"});
  LoadRequest request = query("gt(n, 10)");
  request.subset.by_keys = true;
  for (const char* key : {"k3", "k1", "missing"}) request.subset.keys.push_back(encoded_key(key));
  Answered found = same(request);
  EXPECT_EQ(found.report.access, fb::Access::Keys);
  EXPECT_EQ(found.report.indexes, Signatures{});
  EXPECT_EQ(found.report.rows_read, 2u);
  EXPECT_EQ(found.keys(), std::vector<Value>{"k3"});
}

TEST_P(QueryPlans, WhatCannotBeTrueReadsNothing) {
  ensure("n", {"n"});
  for (const char* where : {"false", "null", "in(n, [])", "eq(n, null)", "gt(n, null)",
                            "and(eq(n, 1), eq(n, 2))", "and(gt(n, 5), lt(n, 5))"}) {
    Answered found = same(query(where, {"n"}));
    EXPECT_EQ(found.report.access, fb::Access::Nothing) << where;
    EXPECT_EQ(found.report.indexes, Signatures{}) << where;
    EXPECT_EQ(found.report.entries_read + found.report.rows_read, 0u) << where;
  }
}

TEST_P(QueryPlans, EqualityReadsItsRowAlone) {
  ensure("n", {"n"});
  ensure("t", {"t"});
  EXPECT_EQ(looked_up(query("eq(n, 7)"), {"n"}, 1, 1).keys(), std::vector<Value>{"k1"});
  looked_up(query("eq(7, n)"), {"n"}, 1, 1);
  looked_up(query("eq(t, \"word0007\")"), {"t"}, 1, 1);
  looked_up(query("eq(n, 1000)"), {"n"}, 0, 0);
  looked_up(query("and(eq(n, 7), eq(g, 5))"), {"n"}, 1, 1);
}

TEST_P(QueryPlans, RangesReadWhatIsInThem) {
  ensure("n", {"n"});
  looked_up(query("gt(n, 490)"), {"n"}, 9, 9);
  looked_up(query("gte(n, 490)"), {"n"}, 10, 10);
  looked_up(query("lt(n, 10)"), {"n"}, 10, 10);
  looked_up(query("lte(n, 10)"), {"n"}, 11, 11);
  looked_up(query("lt(490, n)"), {"n"}, 9, 9);
  looked_up(query("and(gt(n, 100), lte(n, 120), eq(g, 1))"), {"n"}, 20, 20);
  Answered sorted = looked_up(query("gt(n, 490)", {"-n"}), {"n"}, 9, 9);
  EXPECT_EQ(sorted.report.sorting, fb::Sorting::All);
}

TEST_P(QueryPlans, ListsReadEachOfTheirValues) {
  ensure("n", {"n"});
  looked_up(query("in(n, [3, 1, 3, 499, 1000, null])"), {"n"}, 3, 3);
  looked_up(query("and(in(n, [3, 1, 400]), lt(n, 100))"), {"n"}, 2, 2);
}

TEST_P(QueryPlans, AlternativesOverOneIndex) {
  ensure("n", {"n"});
  looked_up(query("or(eq(n, 1), gt(n, 495), eq(n, 1))"), {"n"}, 5, 5);
  looked_up(query("or(gt(n, 495), gt(n, 497))"), {"n"}, 4, 4);
  scanned(query("or(eq(n, 1), eq(g, 2))"));
}

TEST_P(QueryPlans, AlternativesOverTwoIndexes) {
  ensure("n", {"n"});
  ensure("t", {"t"});
  looked_up(query("or(eq(n, 1), eq(t, \"word0002\"))"), {"n", "t"}, 2, 2);
  // A row that both have is read and given once.
  looked_up(query("or(lt(n, 5), in(t, [\"word0004\", \"word0005\"]))"), {"n", "t"}, 7, 6);
  looked_up(query("and(eq(g, 7), or(eq(n, 7), eq(t, \"word0002\")))"), {"n", "t"}, 2, 2);
  Answered page = same(query("or(lt(n, 5), eq(t, \"word0009\"))", {"-n"}, 2));
  EXPECT_EQ(page.report.indexes, (Signatures{"n", "t"}));
  EXPECT_EQ(page.report.sorting, fb::Sorting::Top);
}

TEST_P(QueryPlans, PatternsReadTheirPrefix) {
  ensure("t", {"t"});
  looked_up(query("like(t, \"word001%\")"), {"t"}, 10, 10);
  EXPECT_EQ(looked_up(query("like(t, \"word00_1\")"), {"t"}, 100, 100).rows.size(), 10u);
  looked_up(query("like(t, \"word0012\")"), {"t"}, 1, 1);
  looked_up(query("like(t, \"none%\")"), {"t"}, 0, 0);
  scanned(query("like(t, \"%001\")"));
  scanned(query("ilike(t, \"word001%\")"));
}

TEST_P(QueryPlans, ComputedValuesHaveIndexesOfTheirOwn) {
  ensure("upper", {"upper(t)"});
  looked_up(query("eq(upper(t), \"WORD0012\")"), {"upper"}, 1, 1);
  scanned(query("eq(lower(t), \"word0012\")"));
}

TEST_P(QueryPlans, EqualityAndARangeInACompoundIndex) {
  ensure("gn", {"g", "n"});
  Answered found = looked_up(query("and(eq(g, 3), gt(n, 450))"), {"gn"}, 5, 5);
  EXPECT_EQ(found.rows.size(), 5u);
  looked_up(query("eq(g, 3)"), {"gn"}, 50, 50);
  looked_up(query("and(in(g, [3, 4]), gt(n, 450))"), {"gn"}, 10, 10);
  looked_up(query("and(in(g, [3, 4]), in(n, [1, 14, 21]))"), {"gn"}, 2, 2);
  scanned(query("gt(n, 490)"));
  ensure("n", {"n"});
  looked_up(query("and(eq(g, 3), gt(n, 498))"), {"gn"}, 0, 0);
}

TEST_P(QueryPlans, OrderByAnIndexWithTiesByKey) {
  ensure("h", {"h"});
  for (uint64_t limit : {1u, 9u, 10u, 15u, 100u}) {
    EXPECT_EQ(in_order(query("", {"h"}, limit), "h", limit).rows.size(), limit);
    // A value's rows are read from its first key on.
    EXPECT_EQ(in_order(query("", {"-h"}, limit), "h", limit + 10).rows.size(), limit);
  }
  LoadRequest request = query("", {"-h"}, 12);
  request.subset.offset = 25;
  in_order(request, "h", 47);
  scanned(query("", {"h"}), fb::Sorting::All);
  scanned(query("", {"h"}, 101), fb::Sorting::Top);
  scanned(query("", {"h", "n"}, 10), fb::Sorting::Top);
}

TEST_P(QueryPlans, OrderByAnIndexWithAFilter) {
  ensure("n", {"n"});
  Answered found = in_order(query("eq(g, 3)", {"n"}, 5), "n", 60);
  EXPECT_EQ(found.rows.size(), 5u);
  in_order(query("and(eq(g, 3), gt(n, 200))", {"n"}, 5), "n", 60);
  in_order(query("and(eq(g, 3), lt(n, 200))", {"-n"}, 5), "n", 60);
  // A filter that leaves less than reading in order would is sorted instead.
  Answered few = looked_up(query("gt(n, 495)", {"n"}, 5), {"n"}, 4, 4);
  EXPECT_EQ(few.report.sorting, fb::Sorting::Top);
}

TEST_P(QueryPlans, OrderByTheRestOfACompoundIndex) {
  ensure("gn", {"g", "n"});
  in_order(query("eq(g, 3)", {"n"}, 5), "gn", 5);
  in_order(query("eq(g, 3)", {"-n"}, 5), "gn", 6);
  in_order(query("and(eq(g, 3), gt(n, 100))", {"n"}, 5), "gn", 5);
  in_order(query("", {"g", "n"}, 60), "gn", 60);
  in_order(query("", {"-g", "-n"}, 60), "gn", 61);
  scanned(query("", {"g", "-n"}, 10), fb::Sorting::Top);
  scanned(query("", {"n"}, 10), fb::Sorting::Top);
  same(query("in(g, [3, 4])", {"n"}, 5));
}

TEST_P(QueryPlans, NullsMovedToTheOtherEnd) {
  ensure("m", {"m"});
  for (const char* order : {"m", "!m", "-m", "!-m"}) {
    in_order(query("", {order}, 20), "m", 120);
    LoadRequest beyond = query("", {order}, 20);
    beyond.subset.offset = 75;
    in_order(beyond, "m", 195);
  }
  EXPECT_EQ(in_order(query("", {"m"}, 20), "m", 20).rows[0].value.back().second, Value(nullptr));
  in_order(query("", {"!m"}, 20), "m", 20);
  in_order(query("", {"-m"}, 20), "m", 21);
  ensure("gm", {"g", "m"});
  in_order(query("eq(g, 5)", {"!m"}, 8), "gm", 8);
  in_order(query("eq(g, 5)", {"m"}, 8), "gm", 8);
  in_order(query("eq(g, 5)", {"!-m"}, 8), "gm", 17);
  // With a second clause the nulls would have to move within each value of the first.
  scanned(query("", {"g", "!m"}, 20), fb::Sorting::Top);
}

TEST_P(QueryPlans, PagesFromACursor) {
  ensure("h", {"h"});
  ensure("m", {"m"});
  for (const char* order : {"h", "-h", "m", "!m", "-m", "!-m"}) {
    LoadRequest request = query("", {order}, 35);
    std::vector<Value> keys;
    const std::string field = std::string(order).back() == 'h' ? "h" : "m";
    for (Answered page = in_order(request, field, 150); !page.rows.empty();) {
      for (const Value& key : page.keys()) keys.push_back(key);
      request.subset.after =
          boundary(*Value(page.rows.back().value).find(field), page.rows.back().key);
      page = in_order(request, field, 150);
    }
    EXPECT_EQ(keys, same(query("", {order})).keys()) << order;
  }
}

// Of a page the first rows are kept when they are judged, and others are read again.
TEST_P(QueryPlans, PagesLargerThanWhatIsKept) {
  ensure("n", {"n"});
  Changes large;
  for (int i = 0; i < 80; ++i)
    large.insert("large" + std::to_string(i),
                 {{"n", (i < 40 ? -100 : 1000) + i / 3}, {"t", std::string(20'000 + i, 'x')}});
  apply_to_both(large);
  for (const char* order : {"n", "-n"}) {
    LoadRequest request = query("", {order}, 30);
    EXPECT_EQ(in_order(request, "n", 70).rows.size(), 30u);
    request.subset.offset = 5;
    request.batch.versions = request.batch.metadata = true;
    EXPECT_EQ(in_order(request, "n", 70).rows.size(), 30u);
  }
}

TEST_P(QueryPlans, PagesWithoutAKeyOfTheirBoundary) {
  ensure("n", {"n"});
  LoadRequest request = query("", {"n"}, 10);
  request.subset.after = boundary(250, "k0");
  request.subset.after->key.reset();
  in_order(request, "n", 15);
}

TEST_P(QueryPlans, PartialIndexWhereThePredicateImpliesIt) {
  EXPECT_EQ(ensure("part", {"n"}, "eq(g, 3)").state.entries, 50u);
  looked_up(query("and(eq(g, 3), gt(n, 400))"), {"part"}, 10, 10);
  looked_up(query("and(lt(n, 100), and(eq(h, 9), eq(g, 3)))"), {"part"}, 10, 10);
  in_order(query("eq(g, 3)", {"n"}, 10), "part", 10);
  scanned(query("gt(n, 490)"));
  scanned(query("and(eq(g, 4), gt(n, 490))"));
  scanned(query("or(eq(g, 3), gt(n, 490))"));
  scanned(query("", {"n"}, 10), fb::Sorting::Top);
}

// `gt` compares as JavaScript does.
TEST_P(QueryPlans, ValuesOfAnotherClassAreCandidates) {
  ensure("n", {"n"});
  apply_to_both(Changes()
                    .insert("text", {{"n", "1000"}})
                    .insert("low", {{"n", "10"}})
                    .insert("date", {{"n", Date{495}}})
                    .insert("array", {{"n", Array{1000}}})
                    .insert("bigint", {{"n", BigInt{false, {0xff, 0xff}}}})
                    .insert("none", {}));
  Answered found = looked_up(query("gt(n, 495)"), {"n"}, 9, 9);
  EXPECT_EQ(found.rows.size(), 7u) << "4 numbers, the text, the array and the bigint";
  EXPECT_EQ(looked_up(query("eq(n, 495)"), {"n"}, 2, 2).rows.size(), 2u) << "and the date";
  looked_up(query("eq(n, \"10\")"), {"n"}, 1, 1);
  same(query("gt(n, \"2\")"));
}

TEST_P(QueryPlans, AnIndexIsNotUsedBeforeItIsWhole) {
  EXPECT_FALSE(ensure("n", {"n"}, "", 200).state.ready);
  scanned(query("eq(n, 7)"));
  scanned(query("", {"n"}, 5), fb::Sorting::Top);
  EXPECT_FALSE(ensure("n", {"n"}, "", 200).state.ready);
  scanned(query("eq(n, 7)"));
  EXPECT_TRUE(ensure("n", {"n"}, "", 200).state.ready);
  looked_up(query("eq(n, 7)"), {"n"}, 1, 1);
}

TEST_P(QueryPlans, AnIndexIsNotUsedWhileARowHasNoKnownPlace) {
  apply_to_both(Changes().insert("iso", {{"d", "2020-01-02"}}));
  EXPECT_EQ(ensure("d", {"date(d)"}).state.undetermined, 0u);
  Answered found = same(query("eq(date(d), \"2020-01-02\")"));
  EXPECT_EQ(found.report.access, fb::Access::Index);
  EXPECT_EQ(found.rows.size(), 1u);
  apply_to_both(Changes().insert("free", {{"d", "May 3rd, 2020"}}));
  EXPECT_EQ(indexed_->info().indexes[0].state.undetermined, 1u);
  LoadRequest request = query("eq(date(d), \"2020-01-02\")");
  scanned(request);
  request.host = true;
  EXPECT_GT(scanned(request).report.questions, 0u);
  apply_to_both(Changes().remove("free"));
  EXPECT_EQ(same(request).report.indexes, Signatures{"d"});
}

TEST_P(QueryPlans, TextsThatAHostRanksAreSorted) {
  ensure("t", {"t"});
  ensure("n", {"n"});
  LoadRequest request = query("", {"t"}, 10);
  request.subset.order[0].by_locale = true;
  request.subset.order[0].locale = "de";
  Answered lexical = in_order(request, "t", 10);
  EXPECT_EQ(lexical.report.notes.size(), 1u);
  request.host = true;
  Answered ranked = scanned(request, fb::Sorting::All);
  EXPECT_GT(ranked.report.questions, 0u);
  EXPECT_NE(ranked.keys(), lexical.keys());
  // Numbers are where they are in every locale.
  request.subset.order[0].expression = expression("n");
  EXPECT_EQ(in_order(request, "n", 10).report.questions, 0u);
}

TEST_P(QueryPlans, AScanWhereTooFewRowsMatchInOrder) {
  apply_to_both(lines(kPlanRows, 3000));
  apply_to_both(Changes().insert("last", {{"n", 10000}, {"rare", true}}));
  ensure("n", {"n"});
  Answered found = same(query("eq(rare, true)", {"n"}, 5));
  EXPECT_EQ(found.report.access, fb::Access::Scan);
  EXPECT_FALSE(found.report.ordered_by_index);
  EXPECT_EQ(found.report.sorting, fb::Sorting::Top);
  EXPECT_EQ(found.rows.size(), 1u);
  EXPECT_EQ(found.report.entries_read, 1000u);
  EXPECT_EQ(found.report.rows_read, 1000u + 3001u);
  EXPECT_EQ(found.report.rows_matched, 1u);
}

}  // namespace
}  // namespace cairn::unit
