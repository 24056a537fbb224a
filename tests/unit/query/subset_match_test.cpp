// Subsets that follow changes: a consumer that does what the matcher says has what it would load.
#include "core/query/subset_match.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>

#include "core/query/expression_text.h"
#include "core/query/page.h"
#include "core/value/key.h"
#include "core/value/row.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

struct StoredRow {
  int64_t number;
  std::string key;  // encoded
  std::string row;

  SubsetRow view() const { return {number, as_bytes(key), as_bytes(row)}; }
};

// All rows of a collection, by number.
class Collected {
 public:
  std::string stored(const Object& value) {
    RowEncoder encoder(shapes);
    Patch patch(value, shapes);
    encoder.insert(patch.view());
    return std::string(as_text(encoder.row()));
  }

  // The rows of a subset in their order, the slow way.
  std::vector<int64_t> load(const Subset& subset) {
    HostAnswers host(false);
    RowFields fields;
    std::optional<Evaluator> where;
    if (subset.where != nullptr) where.emplace(subset.where, fields, host);
    Page page(subset, fields, host);
    std::vector<int64_t> found;
    for (const auto& [number, row] : rows) {
      fields.set(as_bytes(row.row), shapes);
      if (where && !where->evaluate().is_true()) continue;
      subset.order.empty() ? found.push_back(number)
                           : static_cast<void>(page.add(number, as_bytes(row.key)));
    }
    if (!subset.order.empty()) return page.finish();
    if (found.size() > subset.limit) found.resize(static_cast<size_t>(subset.limit));
    return found;
  }

  MemoryShapes shapes;
  std::map<int64_t, StoredRow> rows;
};

std::string key_text(int number) {
  ByteBuffer key;
  encode_number_key(number, key);
  return std::string(as_text(key.bytes()));
}

// A consumer of one subset, with the rows that it has.
class Consumer {
 public:
  Consumer(Collected& all, std::shared_ptr<const Subset> subset)
      : all_(all), subset_(std::move(subset)), matcher_(subset_, false) {
    reload();
  }

  const std::vector<int64_t>& page() const { return page_; }
  int reloads() const { return reloads_; }

  // After the change was made to all rows.
  void follow(const StoredRow& before, const StoredRow& after) {
    switch (matcher_.match(before.view(), after.view(), all_.shapes)) {
      case SubsetEffect::kNone:
        return;
      case SubsetEffect::kReloads:
        ++reloads_;
        return reload();
      case SubsetEffect::kEnters:
      case SubsetEffect::kPushesOut:
        page_.push_back(after.number);
        break;
      case SubsetEffect::kLeaves:
        std::erase(page_, before.number);
        break;
      case SubsetEffect::kRefills:
        std::erase(page_, before.number);
        refill();
        break;
      case SubsetEffect::kChanges:
        if (subset_->offset != 0) return;  // it may stand before the page
        EXPECT_TRUE(std::find(page_.begin(), page_.end(), after.number) != page_.end());
    }
    settle();
  }

 private:
  void reload() {
    page_ = all_.load(*subset_);
    tell_end();
  }

  // The first row that the page lacks.
  void refill() {
    for (int64_t number : all_.load(*subset_))
      if (std::find(page_.begin(), page_.end(), number) == page_.end()) {
        page_.push_back(number);
        return;
      }
  }

  // Sorts the page as the consumer's own rows, and drops what is too much.
  void settle() {
    Subset unlimited = *subset_;
    unlimited.limit = UINT64_MAX;
    unlimited.offset = 0;
    unlimited.where = nullptr;
    std::vector<int64_t> sorted = all_.load(unlimited);
    std::erase_if(sorted, [&](int64_t number) {
      return std::find(page_.begin(), page_.end(), number) == page_.end();
    });
    if (sorted.size() > subset_->limit) sorted.resize(static_cast<size_t>(subset_->limit));
    page_ = sorted;
    tell_end();
  }

  void tell_end() {
    if (page_.size() < subset_->limit || page_.empty()) return matcher_.set_all();
    matcher_.set_last(all_.rows.at(page_.back()).view(), all_.shapes);
  }

  Collected& all_;
  std::shared_ptr<const Subset> subset_;
  SubsetMatcher matcher_;
  std::vector<int64_t> page_;
  int reloads_ = 0;
};

ExpressionPtr named(const std::string& name) {
  return parse_expression_text(R"({"type":"ref","path":[")" + name + R"("]})");
}

std::shared_ptr<Subset> random_subset(Random& random) {
  auto subset = std::make_shared<Subset>();
  if (random.chance(60))
    subset->where = parse_expression_text(
        R"({"type":"func","name":"lt","args":[{"type":"ref","path":["a"]},{"type":"val","value":)" +
        std::to_string(random.below(6)) + "}]}");
  for (const char* name : {"a", "b"})
    if (random.chance(60))
      subset->order.push_back({named(name), random.chance(50), random.chance(50), false, {}});
  if (random.chance(70)) subset->limit = 1 + random.below(6);
  if (random.chance(10) && !subset->order.empty()) subset->offset = random.below(3);
  return subset;
}

Object random_object(Random& random) {
  Object row;
  if (random.chance(80)) row.push_back({"a", static_cast<double>(random.below(6))});
  if (random.chance(80)) row.push_back({"b", "t" + std::to_string(random.below(3))});
  return row;
}

// Inserts, updates or deletes a row, and tells every consumer.
void change_one(Random& random, Collected& all, int64_t& next, std::deque<Consumer>& consumers) {
  StoredRow before{0, {}, {}}, after{0, {}, {}};
  if (all.rows.empty() || random.chance(35)) {
    int64_t number = ++next;
    after = {number, key_text(static_cast<int>(random.below(100000))),
             all.stored(random_object(random))};
  } else {
    auto place = all.rows.begin();
    std::advance(place, static_cast<ptrdiff_t>(random.below(all.rows.size())));
    before = place->second;
    if (random.chance(60)) after = {before.number, before.key, all.stored(random_object(random))};
  }
  if (after.row.empty()) {
    all.rows.erase(before.number);
  } else {
    all.rows[after.number] = after;
  }
  for (Consumer& consumer : consumers) consumer.follow(before, after);
}

TEST(SubsetMatch, AConsumerThatFollowsHasWhatItWouldLoad) {
  Random random(501);
  int reloads = 0;
  for (int round = 0; round < 60; ++round) {
    Collected all;
    int64_t next = 0;
    std::vector<std::shared_ptr<Subset>> subsets;
    std::deque<Consumer> consumers;
    for (int i = 0; i < 8; ++i) {
      subsets.push_back(random_subset(random));
      consumers.emplace_back(all, subsets.back());
    }
    for (int step = 0; step < 60; ++step) {
      change_one(random, all, next, consumers);
      for (size_t i = 0; i < consumers.size(); ++i)
        ASSERT_EQ(consumers[i].page(), all.load(*subsets[i])) << "round " << round;
    }
    for (size_t i = 0; i < consumers.size(); ++i) {
      if (subsets[i]->offset == 0) {
        EXPECT_EQ(consumers[i].reloads(), 0);
      }
      reloads += consumers[i].reloads();
    }
  }
  EXPECT_GT(reloads, 0) << "of those with an offset";
}

TEST(SubsetMatch, WhatAHostWouldHaveToRankReloads) {
  Collected all;
  auto subset = std::make_shared<Subset>();
  subset->order.push_back({named("b"), false, false, true, "de"});
  SubsetMatcher lexical(subset, false), ranked(subset, true);
  StoredRow none{0, {}, {}}, text{1, key_text(1), all.stored({{"b", "t"}})},
      number{2, key_text(2), all.stored({{"b", 5}})};
  EXPECT_EQ(lexical.match(none.view(), text.view(), all.shapes), SubsetEffect::kEnters);
  EXPECT_EQ(ranked.match(none.view(), text.view(), all.shapes), SubsetEffect::kReloads);
  EXPECT_EQ(ranked.match(none.view(), number.view(), all.shapes), SubsetEffect::kEnters);
}

TEST(SubsetMatch, KeysAreMembership) {
  Collected all;
  auto subset = std::make_shared<Subset>();
  subset->by_keys = true;
  subset->keys = {key_text(1)};
  SubsetMatcher matcher(subset, false);
  StoredRow none{0, {}, {}}, one{1, key_text(1), all.stored({{"b", "t"}})},
      two{2, key_text(2), all.stored({{"b", "t"}})};
  EXPECT_EQ(matcher.match(none.view(), one.view(), all.shapes), SubsetEffect::kEnters);
  EXPECT_EQ(matcher.match(one.view(), none.view(), all.shapes), SubsetEffect::kLeaves);
  EXPECT_EQ(matcher.match(none.view(), two.view(), all.shapes), SubsetEffect::kNone);
}

TEST(SubsetMatch, ACursorStartsThePage) {
  Collected all;
  auto subset = std::make_shared<Subset>();
  subset->order.push_back({named("a"), false, false, false, {}});
  ByteBuffer three;
  encode_value(3, three);
  subset->after = PageBoundary{{std::string(as_text(three.bytes()))}, key_text(5)};
  SubsetMatcher matcher(subset, false);
  auto effect = [&](int key, double a) {
    StoredRow none{0, {}, {}}, row{1, key_text(key), all.stored({{"a", a}})};
    return matcher.match(none.view(), row.view(), all.shapes);
  };
  EXPECT_EQ(effect(9, 2), SubsetEffect::kNone);
  EXPECT_EQ(effect(5, 3), SubsetEffect::kNone);
  EXPECT_EQ(effect(6, 3), SubsetEffect::kEnters);
  EXPECT_EQ(effect(1, 4), SubsetEffect::kEnters);
}

}  // namespace
}  // namespace cairn::unit
