// How queries get their rows: one test for each kind of plan, so that none can get lost silently.
// What they give is compared with @tanstack/db in tests/differential.
#include <gtest/gtest.h>

#include "core/query/expression_text.h"
#include "support/collections.h"

namespace cairn::unit {
namespace {

std::string field(const std::string& name) {
  return R"({"type":"ref","path":[")" + name + R"("]})";
}

std::string constant(const std::string& json) { return R"({"type":"val","value":)" + json + "}"; }

template <typename... Arguments>
std::string called(const std::string& name, const Arguments&... arguments) {
  std::string list;
  ((list += (list.empty() ? "" : ",") + arguments), ...);
  return R"({"type":"func","name":")" + name + R"(","args":[)" + list + "]}";
}

std::string compared(const std::string& name, const std::string& of, const std::string& json) {
  return called(name, field(of), constant(json));
}

class Plans : public CollectionTest {
 protected:
  static constexpr int kRows = 1000;

  // Row i: its number, n, a tenth of it, m, a text, t, and in two of three rows z.
  Plans() : collection_(open()) {
    Changes changes;
    for (int i = 0; i < kRows; ++i) {
      Object row = {{"n", i}, {"m", i % 10}, {"t", "text " + std::to_string(i)}};
      if (i % 3 != 0) row.push_back({"z", i % 7});
      changes.insert("k" + std::to_string(1000 + i), row);
    }
    apply(collection_, changes);
  }

  IndexInfo index(const std::string& signature, const std::vector<std::string>& expressions,
                  const std::string& where = "", uint64_t max_rows = 0) {
    IndexRequest request;
    request.signature = signature;
    request.max_rows = max_rows;
    for (const std::string& text : expressions)
      request.definition.expressions.push_back(parse_expression_text(text));
    if (!where.empty()) request.definition.where = parse_expression_text(where);
    return collection_->ensure_index(request);
  }

  static LoadRequest where(const std::string& predicate) {
    LoadRequest request;
    if (!predicate.empty()) request.subset.where = parse_expression_text(predicate);
    return request;
  }

  static OrderClause by(const std::string& name, bool descending = false, bool nulls_last = false) {
    OrderClause clause;
    clause.expression = parse_expression_text(field(name));
    clause.descending = descending;
    clause.nulls_last = nulls_last;
    return clause;
  }

  // Reads a query to its end: its report, and in `rows_` what it gave.
  QueryReport read(const LoadRequest& request) {
    auto cursor = Cursor::load(collection_, request);
    MemoryShapes shapes;
    keys_.clear();
    for (CursorStep step = cursor->next(); step.batch; step = cursor->next())
      for (const BatchRow& row : read_batch(bytes_of(*step.batch), shapes))
        keys_.push_back(*row.key.get<std::string>());
    return cursor->report();
  }

  // The report of a query by an index, which gives what a scan gives.
  QueryReport by_index(const LoadRequest& request, const std::vector<std::string>& names) {
    QueryReport report = read(request);
    EXPECT_EQ(report.access, fb::Access::Index);
    EXPECT_EQ(report.indexes, names);
    std::vector<std::string> found = keys_;
    for (const IndexInfo& one : collection_->info().indexes)
      collection_->remove_index(one.signature);
    EXPECT_EQ(read(request).access, fb::Access::Scan);
    EXPECT_EQ(found, keys_);
    expect_in_order();
    return report;
  }

  std::shared_ptr<Collection> collection_;
  std::vector<std::string> keys_;
};
CAIRN_OVER_ALL_STORES(Plans);

using List = std::vector<std::string>;

TEST_P(Plans, WithoutAnIndexAllRowsAreRead) {
  QueryReport report = read(where(compared("eq", "m", "3")));
  EXPECT_EQ(report.access, fb::Access::Scan);
  EXPECT_EQ(report.rows_read, 1000u);
  EXPECT_EQ(report.rows_matched, 100u);
  EXPECT_EQ(report.rows_decoded, 100u);
  EXPECT_EQ(report.sorting, fb::Sorting::None);
}

TEST_P(Plans, AnOrderWithALimitKeepsTheTopAlone) {
  LoadRequest request = where("");
  request.subset.order = {by("n", true)};
  EXPECT_EQ(read(request).sorting, fb::Sorting::All);
  request.subset.limit = 3;
  QueryReport report = read(request);
  EXPECT_EQ(report.sorting, fb::Sorting::Top);
  EXPECT_EQ(report.rows_decoded, 3u);
  EXPECT_EQ(keys_, (List{"k1999", "k1998", "k1997"}));
}

TEST_P(Plans, KeysAreLookedUp) {
  LoadRequest request = where(compared("gt", "n", "1"));
  request.subset.by_keys = true;
  for (const char* key : {"k1001", "k1005", "nobody"})
    request.subset.keys.push_back(encoded_key(key));
  QueryReport report = read(request);
  EXPECT_EQ(report.access, fb::Access::Keys);
  EXPECT_EQ(report.rows_read, 2u);
  EXPECT_EQ(keys_, List{"k1005"});
}

TEST_P(Plans, WhatCannotBeTrueReadsNothing) {
  index("n", {field("n")});
  for (const std::string& predicate :
       {constant("false"), compared("eq", "n", "null"),
        called("and", compared("gt", "n", "5"), compared("lt", "n", "5"))}) {
    QueryReport report = read(where(predicate));
    EXPECT_EQ(report.access, fb::Access::Nothing) << predicate;
    EXPECT_EQ(report.rows_read, 0u);
    EXPECT_EQ(keys_, List{});
  }
}

TEST_P(Plans, Equality) {
  index("m", {field("m")});
  QueryReport report = by_index(where(compared("eq", "m", "3")), {"m"});
  EXPECT_EQ(report.rows_read, 100u);
  EXPECT_EQ(report.entries_read, 100u);
}

TEST_P(Plans, Range) {
  index("n", {field("n")});
  std::string both = called("and", compared("gte", "n", "10"), compared("lt", "n", "30"));
  EXPECT_EQ(by_index(where(both), {"n"}).rows_read, 20u);
}

TEST_P(Plans, In) {
  index("n", {field("n")});
  EXPECT_EQ(by_index(where(compared("in", "n", "[7,5,null,5000]")), {"n"}).rows_read, 2u);
}

TEST_P(Plans, OrOverOneIndex) {
  index("n", {field("n")});
  std::string any = called("or", compared("lt", "n", "3"), compared("eq", "n", "500"));
  EXPECT_EQ(by_index(where(any), {"n"}).rows_read, 4u);
}

TEST_P(Plans, OrOverTwoIndexes) {
  index("n", {field("n")});
  index("t", {field("t")});
  std::string any = called("or", compared("lt", "n", "3"), compared("eq", "t", "\"text 2\""),
                           compared("eq", "t", "\"text 9\""));
  QueryReport report = by_index(where(any), {"n", "t"});
  EXPECT_EQ(report.rows_read, 4u) << "a row that both have is read once";
}

TEST_P(Plans, LikeWithAPrefix) {
  index("t", {field("t")});
  EXPECT_EQ(by_index(where(compared("like", "t", "\"text 12%\"")), {"t"}).rows_read, 11u);
}

TEST_P(Plans, SeveralExpressions) {
  index("m n", {field("m"), field("n")});
  std::string both = called("and", compared("eq", "m", "4"), compared("lt", "n", "50"));
  EXPECT_EQ(by_index(where(both), {"m n"}).rows_read, 5u);
}

TEST_P(Plans, AnExpressionThatIsIndexed) {
  index("upper", {called("upper", field("t"))});
  std::string upper = called("eq", called("upper", field("t")), constant("\"TEXT 77\""));
  EXPECT_EQ(by_index(where(upper), {"upper"}).rows_read, 1u);
}

TEST_P(Plans, OrderByAnIndex) {
  for (bool descending : {false, true}) {
    index("m", {field("m")});
    LoadRequest request = where(compared("gt", "n", "20"));
    request.subset.order = {by("m", descending)};
    request.subset.limit = 7;
    request.subset.offset = 5;
    QueryReport report = by_index(request, {"m"});
    EXPECT_TRUE(report.ordered_by_index);
    EXPECT_EQ(report.sorting, fb::Sorting::None);
    EXPECT_LE(report.rows_read, 20u);
    EXPECT_EQ(report.rows_decoded, 7u);
  }
}

TEST_P(Plans, OrderAfterAnEquality) {
  index("by n", {field("n")});
  index("m n", {field("m"), field("n")});
  LoadRequest request = where(compared("eq", "m", "4"));
  request.subset.order = {by("n", true)};
  request.subset.limit = 5;
  QueryReport report = by_index(request, {"m n"});
  EXPECT_TRUE(report.ordered_by_index);
  EXPECT_EQ(report.rows_read, 5u);
}

TEST_P(Plans, NullsAtEitherEnd) {
  for (bool descending : {false, true}) {
    for (bool nulls_last : {false, true}) {
      index("z", {field("z")});
      LoadRequest request = where("");
      request.subset.order = {by("z", descending, nulls_last)};
      request.subset.limit = 9;
      QueryReport report = by_index(request, {"z"});
      EXPECT_TRUE(report.ordered_by_index);
      EXPECT_EQ(report.rows_read, 9u);
    }
  }
}

TEST_P(Plans, ACursorGoesOnInTheIndex) {
  index("n", {field("n")});
  LoadRequest request = where("");
  request.subset.order = {by("n", true)};
  request.subset.limit = 3;
  ByteBuffer boundary;
  encode_value(500, boundary);
  request.subset.after =
      PageBoundary{{std::string(as_text(boundary.bytes()))}, encoded_key("k1500")};
  QueryReport report = by_index(request, {"n"});
  EXPECT_EQ(keys_, (List{"k1499", "k1498", "k1497"}));
  EXPECT_LE(report.rows_read, 5u);
}

TEST_P(Plans, APartialIndexWhereThePredicateAsksForAsMuch) {
  std::string few = compared("eq", "m", "3");
  EXPECT_EQ(index("few", {field("n")}, few).state.entries, 100u);
  EXPECT_EQ(read(where(compared("lt", "n", "100"))).access, fb::Access::Scan);
  EXPECT_EQ(by_index(where(called("and", compared("lt", "n", "100"), few)), {"few"}).rows_read,
            10u);
}

// "1990" > 989 is true in JavaScript, and so is true > 0.
TEST_P(Plans, ValuesOfOtherClassesAreCandidates) {
  apply(collection_, Changes().insert("text", {{"n", "1990"}}).insert("date", {{"n", Date{5}}}));
  index("n", {field("n")});
  QueryReport report = by_index(where(compared("gt", "n", "990")), {"n"});
  EXPECT_EQ(report.rows_read, 11u);
  EXPECT_EQ(keys_.size(), 10u);
  EXPECT_EQ(keys_.back(), "text");
}

TEST_P(Plans, AnIndexThatIsBeingMadeIsNotUsed) {
  EXPECT_FALSE(index("n", {field("n")}, "", 300).state.ready);
  EXPECT_EQ(read(where(compared("eq", "n", "5"))).access, fb::Access::Scan);
  apply(collection_, Changes().remove("k1001").insert("new", {{"n", 5}}));
  while (!index("n", {field("n")}, "", 300).state.ready) {
  }
  EXPECT_EQ(by_index(where(compared("eq", "n", "5")), {"n"}).rows_read, 2u);
}

TEST_P(Plans, AnIndexWithRowsThatNeedAHostIsNotUsed) {
  std::string day = called("date", field("d"));
  std::string first = called("eq", day, constant("\"1970-01-01\""));
  apply(collection_, Changes().insert("a", {{"d", Date{5}}}).insert("b", {{"d", "3 May 1999"}}));
  EXPECT_EQ(index("day", {day}).state.undetermined, 1u);
  EXPECT_EQ(read(where(first)).access, fb::Access::Scan);
  apply(collection_, Changes().remove("b"));
  EXPECT_EQ(by_index(where(first), {"day"}).rows_read, 1u);
}

TEST_P(Plans, TheOrderOfALocaleTakesNoIndexOfTexts) {
  index("t", {field("t")});
  LoadRequest request = where("");
  request.subset.order = {by("t")};
  request.subset.order[0].by_locale = true;
  request.subset.limit = 3;
  EXPECT_TRUE(read(request).ordered_by_index);
  request.host = true;
  QueryReport report = Cursor::load(collection_, request)->report();
  EXPECT_FALSE(report.ordered_by_index);
  EXPECT_EQ(report.access, fb::Access::Scan);
}

TEST_P(Plans, WhereTooFewRowsMatchInOrderAScanGoesOn) {
  apply(collection_, numbered(10000, 14000));
  index("n", {field("n")});
  LoadRequest request = where(compared("eq", "m", "3"));
  request.subset.order = {by("n", true)};
  request.subset.limit = 200;
  QueryReport report = read(request);
  EXPECT_EQ(report.access, fb::Access::Scan);
  EXPECT_EQ(report.sorting, fb::Sorting::Top);
  EXPECT_EQ(report.rows_decoded, 100u);
  EXPECT_LE(report.rows_read, 5000u + 1251u);
}

TEST_P(Plans, AliasesAreLookedThrough) {
  index("n", {field("n")});
  std::string alias = R"({"type":"ref","path":["todos","n"]})";
  std::string above = called("gte", alias, constant("995"));
  EXPECT_EQ(by_index(where(above), {"n"}).rows_read, 5u);
}

}  // namespace
}  // namespace cairn::unit
