// Digests: equal for equal contents, whatever the store and the history; different for others.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/value/json.h"
#include "reference.h"
#include "support/collections.h"

namespace cairn::unit {
namespace {

using cairn::testing::Json;
using cairn::testing::ReferenceCollection;

class Digests : public CollectionTest {};
CAIRN_OVER_ALL_STORES(Digests);

TEST_P(Digests, AreTheSameOverEveryStore) {
  // Written down once, so that every kind of store and every later version has to agree.
  EXPECT_EQ(digest(), "99aa06d3014798d86001c324468d497f") << "of no collection at all";
  apply(open("a"), Changes().insert("k", {{"b", 1}, {"a", Array{"x", nullptr}}}));
  std::string portable_digest = cairn::testing::digest_of_database(
      {{"a", {{"k", Json::parse("{\"b\":1,\"a\":[\"x\",null]}"), nullptr}}}});
  EXPECT_EQ(digest(), portable_digest);
}

TEST_P(Digests, AgreeWithTheReference) {
  RandomValues random(351);
  std::vector<ReferenceCollection> expected;
  for (const char* name : {"b", "a", "\xc3\xa9"}) {
    std::map<std::string, BatchRow> rows;
    for (int i = 0; i < 200; ++i) {
      BatchRow row = plain_row(random.key(), random.object(3));
      row.metadata = random.random().chance(30) ? random.value(2) : Value(nullptr);
      // Null is no metadata in the canonical form.
      if (row.metadata.get<std::nullptr_t>() == nullptr) row.metadata_op = fb::MetadataOp::Set;
      rows[encoded_key(row.key)] = row;
    }
    Changes changes;
    ReferenceCollection reference{name, {}};
    for (const auto& [key, row] : rows) {
      changes.add(row);
      reference.rows.push_back({Json::parse(to_json(row.key)), Json::parse(to_json(row.value)),
                                Json::parse(to_json(row.metadata))});
    }
    apply(open(name), changes);
    expected.push_back(std::move(reference));
  }
  DigestReport report = database_->digest();
  EXPECT_EQ(report.digest, cairn::testing::digest_of_database(expected));
  ASSERT_EQ(report.collections.size(), 3u);
  EXPECT_EQ(report.collections[0].name, "a");
  EXPECT_EQ(report.collections[0].rows, expected[1].rows.size());
  EXPECT_EQ(report.collections[0].digest, cairn::testing::digest_of_rows(expected[1].rows));
}

TEST_P(Digests, DoNotDependOnTheHistory) {
  auto first = open("first"), second = open("second");
  apply(first, numbered(0, 100));
  // The same rows by a long way round.
  Random random(352);
  apply(second, numbered(50, 300).insert("gone", {{"x", 1}}));
  apply(second, Changes().remove("gone"));
  for (int i = 99; i >= 0; --i) {
    std::string key = "k" + std::to_string(i);
    apply(second, Changes().insert(key, {{"other", i}}));
    apply(second, Changes().update(key, {{"n", i}, {"other", Undefined{}}}));
  }
  Changes changes;
  for (int i = 100; i < 300; ++i) changes.remove("k" + std::to_string(i));
  apply(second, changes);
  DigestReport report = database_->digest();
  EXPECT_EQ(report.collections[0].digest, report.collections[1].digest);
  EXPECT_EQ(report.collections[0].rows, 100u);
}

TEST_P(Digests, DoNotDependOnTheOrderOfFieldsOrRows) {
  RandomValues random(353);
  std::map<std::string, BatchRow> rows;
  for (int i = 0; i < 100; ++i) {
    BatchRow row = plain_row(random.key(), random.object(4));
    rows[encoded_key(row.key)] = row;
  }
  Changes forwards, backwards;
  for (auto row = rows.begin(); row != rows.end(); ++row) forwards.add(row->second);
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    BatchRow copy = row->second;
    copy.value = *shuffled(copy.value, random.random()).get<Object>();
    backwards.add(copy);
  }
  apply(open("first"), forwards);
  apply(open("second"), backwards);
  DigestReport report = database_->digest();
  EXPECT_EQ(report.collections[0].digest, report.collections[1].digest);
}

TEST_P(Digests, SurviveTheDatabase) {
  RandomValues random(354);
  Changes changes;
  for (int i = 0; i < 100; ++i) changes.insert(random.key(), random.object(4));
  apply(open(), changes);
  std::string before = digest();
  reopen();
  EXPECT_EQ(digest(), before);
}

TEST_P(Digests, DifferForOtherContents) {
  auto collection = open();
  apply(collection, numbered(0, 10));
  std::set<std::string> seen = {digest()};
  auto expect_new = [&](const Changes& changes) {
    apply(collection, changes);
    EXPECT_TRUE(seen.insert(digest()).second);
  };
  expect_new(Changes().insert("k1", {{"n", -1}}));
  expect_new(Changes().insert("k1", {{"n", BigInt{false, {1}}}}));
  expect_new(Changes().insert("k1", {{"n", 0.0}}));
  expect_new(Changes().insert("k1", {{"n", -0.0}}));
  expect_new(Changes().insert("k1", {{"n", nullptr}}));
  expect_new(Changes().insert("k1", {}));
  expect_new(Changes().remove("k1"));
  expect_new(Changes().insert("K1", {}));
  expect_new(Changes().touch("k2", "metadata"));
  open("empty");
  EXPECT_TRUE(seen.insert(digest()).second) << "an empty collection is content, too";
}

TEST_P(Digests, OfManyRows) {
  // More than one statement gives.
  apply(open(), numbered(0, 1500));
  DigestReport report = database_->digest();
  EXPECT_EQ(report.collections[0].rows, 1500u);
  std::vector<cairn::testing::ReferenceRow> rows;
  for (int i = 0; i < 1500; ++i) rows.push_back({"k" + std::to_string(i), Json{{"n", i}}, nullptr});
  EXPECT_EQ(report.collections[0].digest, cairn::testing::digest_of_rows(rows));
}

}  // namespace
}  // namespace cairn::unit
