// Changed rows against subsets: a consumer that does what verdicts say always holds the page.
#include "core/query/subset_match.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/query/expression_text.h"
#include "core/query/page.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

using enum SubsetVerdict;

struct MatchRow {
  int64_t number = 0;
  std::string stored;
};
using MatchRows = std::map<std::string, MatchRow>;  // by encoded key

ExpressionPtr match_field(const std::string& name) {
  return parse_expression_text(R"({"type":"ref","path":[")" + name + "\"]}");
}

// A call of a function with a field and a number.
ExpressionPtr match_call(const std::string& function, const std::string& field, int number) {
  return parse_expression_text(R"({"type":"func","name":")" + function +
                               R"(","args":[{"type":"ref","path":[")" + field +
                               R"("]},{"type":"val","value":)" + std::to_string(number) + "}]}");
}

OrderClause match_clause(const std::string& field) {
  OrderClause clause;
  clause.expression = match_field(field);
  return clause;
}

bool is_match(const Subset& subset, const std::string& key, const MatchRow& row,
              MemoryShapes& shapes) {
  const std::vector<std::string>& keys = subset.keys;
  if (subset.by_keys && std::find(keys.begin(), keys.end(), key) == keys.end()) return false;
  if (subset.where == nullptr) return true;
  HostAnswers host(false);
  RowFields fields;
  Evaluator where(subset.where, fields, host);
  fields.set(as_bytes(row.stored), shapes);
  return where.evaluate().is_true();
}

// The keys of the page by brute force, in their order.
std::vector<std::string> brute_page(const Subset& subset, const MatchRows& rows,
                                    MemoryShapes& shapes) {
  HostAnswers host(false);
  RowFields fields;
  Page page(subset, fields, host);
  std::map<int64_t, std::string> by_number;
  for (const auto& [key, row] : rows) {
    if (!is_match(subset, key, row, shapes)) continue;
    by_number[row.number] = key;
    fields.set(as_bytes(row.stored), shapes);
    if (!subset.order.empty()) page.add(row.number, as_bytes(key));
  }
  std::vector<std::string> found;
  if (!subset.order.empty()) {
    for (int64_t number : page.finish()) found.push_back(by_number[number]);
    return found;
  }
  for (const auto& [number, key] : by_number) found.push_back(key);
  found.erase(found.begin(), found.begin() + static_cast<ptrdiff_t>(
                                                 std::min<uint64_t>(subset.offset, found.size())));
  found.resize(std::min<uint64_t>(subset.limit, found.size()));
  return found;
}

// Holds the rows of a subset, by verdicts alone but for what it reads to fill and to reload.
class MatchConsumer {
 public:
  MatchConsumer(const Subset& subset, bool host, MatchRows& rows, MemoryShapes& shapes)
      : subset_(subset), matcher_(subset, host), rows_(rows), shapes_(shapes) {
    load();
  }

  SubsetVerdict change(const std::string& key, int64_t number, const std::string& after) {
    std::string before = rows_.contains(key) ? rows_[key].stored : "";
    if (after.empty()) {
      rows_.erase(key);
    } else {
      rows_[key] = {number, after};
    }
    SubsetVerdict verdict =
        matcher_.match(as_bytes(key), number, as_bytes(before), as_bytes(after), shapes_);
    apply(verdict, key);
    return verdict;
  }

  // At a commit's end.
  void settle() {
    if (reloads_now_) {
      load();
    } else if (matcher_.missing() > 0) {
      fill();
    }
    if (matcher_.wants_last() && tells_) tell();
    std::vector<std::string> page = brute_page(subset_, rows_, shapes_);
    EXPECT_EQ(held_, std::set<std::string>(page.begin(), page.end()));
  }

  const std::set<std::string>& held() const { return held_; }
  SubsetMatcher& matcher() { return matcher_; }
  size_t reloads() const { return reloads_; }
  void tell_seldom() { tells_ = false; }

 private:
  void apply(SubsetVerdict verdict, const std::string& key) {
    if (reloads_now_) return;
    if (verdict == kEnters || verdict == kPushesOut) {
      EXPECT_TRUE(held_.insert(key).second);
    }
    if (verdict == kLeaves || verdict == kRefill) {
      EXPECT_EQ(held_.erase(key), 1u);
    }
    if (verdict == kChanges || verdict == kNone) {
      EXPECT_EQ(held_.contains(key), verdict == kChanges);
    }
    if (verdict == kPushesOut) {
      EXPECT_NE(counted().back(), key);
      held_.erase(counted().back());
      tell();
    }
    reloads_now_ = verdict == kReload;
    reloads_ += reloads_now_ ? 1 : 0;
    if (tells_ && matcher_.wants_last()) tell();
  }

  SubsetMatcher::Row row_of(const std::string& key) {
    const MatchRow& row = rows_.at(key);
    return {as_bytes(key), row.number, as_bytes(row.stored)};
  }

  // Rows that are held and count towards the limit, in their order.
  std::vector<std::string> counted() {
    Subset all = subset_;
    all.after.reset();
    all.offset = 0;
    all.limit = UINT64_MAX;
    std::vector<std::string> keys = brute_page(all, rows_, shapes_);
    std::erase_if(keys, [&](const std::string& key) {
      return !held_.contains(key) || matcher_.ties_with_cursor(row_of(key), shapes_);
    });
    return keys;
  }

  void load() {
    std::vector<std::string> page = brute_page(subset_, rows_, shapes_);
    held_ = {page.begin(), page.end()};
    reloads_now_ = false;
    tell();
  }

  void fill() {
    size_t before = held_.size();
    for (const std::string& key : brute_page(subset_, rows_, shapes_)) held_.insert(key);
    EXPECT_LE(held_.size() - before, matcher_.missing());
    tell();
  }

  void tell() {
    std::vector<std::string> keys = counted();
    SubsetMatcher::LoadedPage page;
    page.rows = keys.size();
    page.holds_all = page.rows < subset_.limit;
    if (!keys.empty()) page.last = row_of(keys.back());
    if (!keys.empty()) page.first = row_of(keys.front());
    matcher_.set_page(page, shapes_);
  }

  Subset subset_;
  SubsetMatcher matcher_;
  MatchRows& rows_;
  MemoryShapes& shapes_;
  std::set<std::string> held_;
  bool reloads_now_ = false;
  bool tells_ = true;
  size_t reloads_ = 0;
};

class SubsetModel {
 public:
  explicit SubsetModel(uint64_t seed) : random_(seed) {}

  Value value() {
    switch (random_.below(8)) {
      case 0:
        return nullptr;
      case 1:
        return Undefined{};
      case 2:
        return std::string(random_.below(3), 'x');
      case 3:
        return Date{static_cast<int64_t>(random_.below(4))};
      case 4:
        return random_.chance(50) ? Value(true) : Value(Array{1, "x"});
      default:
        return static_cast<double>(random_.below(5));
    }
  }

  Subset subset() {
    Subset subset;
    if (random_.chance(50))
      subset.where = match_call("gt", "a", static_cast<int>(random_.below(3)));
    for (const char* field : {"b", "c"}) {
      if (random_.chance(40)) continue;
      OrderClause clause = match_clause(field);
      clause.descending = random_.chance(50);
      clause.nulls_last = random_.chance(50);
      clause.by_locale = random_.chance(30);
      subset.order.push_back(clause);
    }
    if (random_.chance(75)) subset.limit = random_.below(8);
    if (random_.chance(20)) subset.offset = random_.below(5);
    if (random_.chance(10)) pick_keys(subset);
    if (!subset.order.empty() && random_.chance(25)) set_cursor(subset);
    return subset;
  }

  std::string key() { return encoded_key(static_cast<double>(random_.below(24))); }
  std::string stored() {
    return make_row({{"a", value()}, {"b", value()}, {"c", value()}}, shapes_);
  }

  void run(bool host, bool tells) {
    Subset subset = this->subset();
    for (size_t i = 0; i < 12; ++i) rows_[key()] = {++last_number_, stored()};
    MatchConsumer consumer(subset, host, rows_, shapes_);
    if (!tells) consumer.tell_seldom();
    for (size_t i = 0; i < 60 && !testing::Test::HasFailure(); ++i) {
      for (size_t n = random_.chance(60) ? 1 : 1 + random_.below(5); n > 0; --n) step(consumer);
      consumer.settle();
    }
    if (decides(subset, host, tells)) {
      EXPECT_EQ(consumer.reloads(), 0u);
    }
  }

 private:
  void step(MatchConsumer& consumer) {
    std::string changed = key();
    auto row = rows_.find(changed);
    if (row == rows_.end()) {
      consumer.change(changed, ++last_number_, stored());
    } else {
      bool deletes = random_.chance(45);
      consumer.change(changed, row->second.number, deletes ? "" : stored());
    }
  }

  // Whether no change is documented to reload.
  static bool decides(const Subset& subset, bool host, bool tells) {
    bool ranks = host && std::any_of(subset.order.begin(), subset.order.end(),
                                     [](const OrderClause& clause) { return clause.by_locale; });
    bool counts = subset.limit != UINT64_MAX;
    if (!counts && !subset.after && subset.offset == 0) return true;
    bool tie_moves = counts && subset.after && !subset.after->key;
    return !ranks && tells && subset.offset == 0 && !tie_moves;
  }

  void pick_keys(Subset& subset) {
    subset.by_keys = true;
    for (int i = 0; i < 12; ++i) subset.keys.push_back(encoded_key(2.0 * i));
    // Without an order they come in that of the list, which brute_page() does not know.
    if (subset.order.empty()) subset.limit = UINT64_MAX;
    if (subset.order.empty()) subset.offset = 0;
  }

  void set_cursor(Subset& subset) {
    subset.offset = 0;
    subset.after.emplace();
    for (size_t i = 0; i < subset.order.size(); ++i)
      subset.after->values.push_back(portable(value()));
    if (random_.chance(50)) {
      subset.after->key = key();
    } else if (random_.chance(50)) {
      subset.after->values.resize(1);
    }
  }

  Random random_;
  MemoryShapes shapes_;
  MatchRows rows_;
  int64_t last_number_ = 0;
};

TEST(SubsetMatch, ConsumersHoldThePage) {
  for (uint64_t seed = 0; seed < 1000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    SubsetModel(seed).run(seed % 4 == 3, seed % 8 != 5);
  }
}

// Rows with one field, n, and a consumer of those.
class SubsetMatchCases : public testing::Test {
 protected:
  void add(int key, Value n) { rows_[encoded_key(key)] = {key, row(std::move(n))}; }
  std::string row(Value n) { return make_row({{"n", std::move(n)}}, shapes_); }
  void begin(bool host = false) { consumer_.emplace(subset_, host, rows_, shapes_); }
  SubsetVerdict set(int key, Value n) {
    return consumer_->change(encoded_key(key), key, row(std::move(n)));
  }
  SubsetVerdict erase(int key) { return consumer_->change(encoded_key(key), key, ""); }
  // By n; rows 1 to 5 with 10 to 50.
  void order_by_n(uint64_t limit) {
    for (int i = 1; i <= 5; ++i) add(i, 10 * i);
    subset_.order.push_back(match_clause("n"));
    subset_.limit = limit;
  }

  MemoryShapes shapes_;
  MatchRows rows_;
  Subset subset_;
  std::optional<MatchConsumer> consumer_;
};

TEST_F(SubsetMatchCases, WithoutALimit) {
  subset_.where = match_call("gt", "n", 5);
  add(1, 10);
  begin();
  EXPECT_EQ(set(2, 1), kNone);
  EXPECT_EQ(set(2, 6), kEnters);
  EXPECT_EQ(set(2, 7), kChanges);
  EXPECT_EQ(set(2, 2), kLeaves);
  EXPECT_EQ(erase(2), kNone);
  EXPECT_EQ(erase(1), kLeaves);
}

TEST_F(SubsetMatchCases, AFullPage) {
  order_by_n(3);
  begin();
  EXPECT_EQ(set(5, 31), kNone);
  EXPECT_EQ(set(6, 5), kPushesOut);
  EXPECT_EQ(consumer_->held(), (std::set{encoded_key(1), encoded_key(2), encoded_key(6)}));
  EXPECT_EQ(set(1, 6), kChanges);
  EXPECT_EQ(set(1, 99), kRefill);
  EXPECT_EQ(consumer_->matcher().missing(), 1u);
  EXPECT_EQ(set(7, 19), kEnters);
  EXPECT_EQ(consumer_->matcher().missing(), 0u);
  consumer_->settle();
  EXPECT_EQ(consumer_->reloads(), 0u);
}

TEST_F(SubsetMatchCases, APageThatGetsFull) {
  order_by_n(6);
  begin();
  EXPECT_EQ(set(6, 60), kEnters);
  EXPECT_EQ(set(7, 70), kNone);
  EXPECT_EQ(set(8, 1), kPushesOut);
  EXPECT_EQ(erase(8), kRefill);
  consumer_->settle();
}

TEST_F(SubsetMatchCases, TheLastRowHasToBeTold) {
  order_by_n(3);
  begin();
  consumer_->tell_seldom();
  EXPECT_EQ(set(3, 15), kChanges);
  EXPECT_TRUE(consumer_->matcher().wants_last());
  EXPECT_EQ(set(4, 31), kNone);
  EXPECT_EQ(set(4, 29), kReload);
  EXPECT_EQ(set(1, 11), kReload);  // until it is loaded
  consumer_->settle();
  EXPECT_EQ(set(1, 12), kChanges);
}

TEST_F(SubsetMatchCases, NothingIsKnownBeforeTheFirstPage) {
  order_by_n(3);
  SubsetMatcher matcher(subset_, false);
  std::string key = encoded_key(1), stored = row(1);
  EXPECT_EQ(matcher.match(as_bytes(key), 1, {}, as_bytes(stored), shapes_), kReload);
  EXPECT_EQ(matcher.match(as_bytes(key), 1, {}, {}, shapes_), kNone);
}

TEST_F(SubsetMatchCases, TheOrderOfInsertion) {
  for (int i = 1; i <= 4; ++i) add(i, i);
  subset_.limit = 2;
  begin();
  EXPECT_EQ(set(5, 1), kNone);
  EXPECT_EQ(set(3, 9), kNone);
  EXPECT_EQ(set(2, 9), kChanges);
  EXPECT_EQ(erase(1), kRefill);
  consumer_->settle();
  EXPECT_EQ(consumer_->held(), (std::set{encoded_key(2), encoded_key(3)}));
}

TEST_F(SubsetMatchCases, Keys) {
  subset_.by_keys = true;
  subset_.keys = {encoded_key(3), encoded_key(1)};
  begin();
  EXPECT_EQ(set(2, 1), kNone);
  EXPECT_EQ(set(1, 1), kEnters);
  EXPECT_EQ(set(1, 2), kChanges);
  EXPECT_EQ(erase(1), kLeaves);
}

TEST_F(SubsetMatchCases, KeysInTheOrderOfTheirList) {
  subset_.by_keys = true;
  subset_.keys = {encoded_key(3), encoded_key(1), encoded_key(2)};
  subset_.limit = 1;
  SubsetMatcher matcher(subset_, false);
  std::string first = encoded_key(1), second = encoded_key(2), third = encoded_key(3),
              stored = row(1);
  matcher.set_page({1, false, SubsetMatcher::Row{as_bytes(first), 1, as_bytes(stored)}, {}},
                   shapes_);
  EXPECT_EQ(matcher.match(as_bytes(second), 2, {}, as_bytes(stored), shapes_), kNone);
  EXPECT_EQ(matcher.match(as_bytes(third), 3, {}, as_bytes(stored), shapes_), kPushesOut);
}

TEST_F(SubsetMatchCases, DatesThatAHostKnows) {
  subset_.where = parse_expression_text(
      R"({"type":"func","name":"eq","args":[{"type":"func","name":"date","args":[
      {"type":"ref","path":["n"]}]},{"type":"val","value":"2020-01-01"}]})");
  begin(true);
  EXPECT_EQ(set(1, "2020-01-01"), kEnters);
  EXPECT_EQ(set(2, "1 January 2020"), kReload);
  EXPECT_EQ(set(1, "2020-01-01"), kReload);
  consumer_->settle();
  EXPECT_EQ(set(1, "2020-01-01T10:00:00Z"), kChanges);
}

TEST_F(SubsetMatchCases, NoRowsAtAll) {
  order_by_n(0);
  begin();
  EXPECT_EQ(set(1, 1), kNone);
  EXPECT_EQ(erase(1), kNone);
  subset_.offset = 2;
  begin();
  EXPECT_EQ(set(1, 1), kNone);
}

TEST_F(SubsetMatchCases, AnOffsetThatSkipsAll) {
  order_by_n(2);
  subset_.offset = 5;
  begin();
  EXPECT_EQ(set(1, 90), kNone);
  EXPECT_EQ(erase(1), kNone);
  EXPECT_EQ(set(1, 5), kReload);  // whether it is the sixth is not known
  consumer_->settle();
}

TEST_F(SubsetMatchCases, AnOffset) {
  order_by_n(2);
  subset_.offset = 1;
  begin();
  EXPECT_EQ(set(1, 11), kNone);
  EXPECT_EQ(set(2, 21), kChanges);
  EXPECT_EQ(set(6, 25), kPushesOut);
  EXPECT_EQ(set(7, 1), kReload);
  consumer_->settle();
  EXPECT_EQ(erase(7), kReload);
  consumer_->settle();
}

TEST_F(SubsetMatchCases, ACursor) {
  order_by_n(2);
  subset_.after.emplace().values = {portable(20)};
  begin();
  EXPECT_EQ(consumer_->held(), (std::set{encoded_key(2), encoded_key(3), encoded_key(4)}));
  EXPECT_EQ(set(1, 15), kNone);
  EXPECT_EQ(set(6, 20), kEnters);  // ties do not count
  EXPECT_EQ(erase(2), kLeaves);
  EXPECT_EQ(set(1, 21), kPushesOut);
  EXPECT_EQ(set(1, 20), kChanges);
  EXPECT_EQ(consumer_->matcher().missing(), 1u);
  consumer_->settle();
  EXPECT_EQ(set(1, 22), kReload);
  consumer_->settle();
  EXPECT_EQ(set(3, 5), kRefill);
  consumer_->settle();
}

TEST_F(SubsetMatchCases, TextsThatAHostRanks) {
  order_by_n(3);
  subset_.order[0].by_locale = true;
  add(3, "m");
  add(4, "n");
  add(5, nullptr);
  subset_.limit = 4;
  begin(true);
  EXPECT_EQ(set(1, 11), kChanges);  // numbers are before all texts
  EXPECT_EQ(set(6, "z"), kReload);
  consumer_->settle();
  begin(false);
  EXPECT_EQ(set(7, "z"), kNone);
  subset_.limit = UINT64_MAX;
  begin(true);
  EXPECT_EQ(set(8, "z"), kEnters);
}

// Which rows tie with the cursor is for the host to say, and so is how many count.
TEST_F(SubsetMatchCases, ACursorThatAHostRanks) {
  order_by_n(3);
  subset_.order[0].by_locale = true;
  subset_.after.emplace().values = {portable("m")};
  add(6, "m");
  add(7, "m");
  add(8, Date{5});
  begin(true);
  EXPECT_EQ(set(1, 11), kNone);
  EXPECT_EQ(set(9, Date{1}), kReload);
  consumer_->settle();
  subset_.limit = UINT64_MAX;
  begin(true);
  EXPECT_EQ(set(10, Date{1}), kEnters);
}

TEST_F(SubsetMatchCases, EvaluationThatThrows) {
  subset_.where = parse_expression_text(
      R"({"type":"func","name":"gt","args":[{"type":"func","name":"add","args":[
      {"type":"ref","path":["n"]},{"type":"val","value":1}]},{"type":"val","value":3}]})");
  begin();
  EXPECT_EQ(set(1, 3), kEnters);
  EXPECT_EQ(set(2, BigInt{}), kReload);
}

}  // namespace
}  // namespace cairn::unit
