// The rules of leading, one by one: whose transactions are saved, what a former and a new leader
// do, and what can be asked of a leader.
#include <gtest/gtest.h>

#include <limits>

#include "core/replica/payloads.h"
#include "support/replicas.h"

namespace cairn::unit {
namespace {

using fb::EffectKind::Leadership;
using fb::EffectKind::Reply;
using fb::EffectKind::RestartSource;
using fb::EffectKind::Saved;
using Names = std::vector<std::string>;

class Leading : public ReplicaTest {
 protected:
  Peer& started(bool local = false) { return ReplicaTest::started({}, local); }
};
CAIRN_OVER_ALL_STORES(Leading);

TEST_P(Leading, OnlyTheLeadersSourceIsSavedAndItsCursorWithIt) {
  Peer &leader = started(), &follower = started();
  EXPECT_TRUE(leader.last(Leadership).leads);
  EXPECT_FALSE(follower.has(Leadership));
  leader.source(numbered(0, 3), 10);
  follower.source(numbered(0, 1), 4);
  settle();
  EXPECT_EQ(cursor(), Value(10.0));
  EXPECT_FALSE(follower.has(Saved));
  EXPECT_EQ(follower.keys().size(), 3u);
}

TEST_P(Leading, AnotherTermBeginsWithEachLeader) {
  Peer &leader = started(), &follower = started();
  uint64_t term = leader.last(Leadership).term;
  leader.stop();
  settle();
  ASSERT_TRUE(follower.has(Leadership));
  EXPECT_GT(follower.last(Leadership).term, term);
  EXPECT_EQ(follower.collection->position().term, follower.last(Leadership).term);
}

TEST_P(Leading, AFormerLeaderThatDoesNotKnowIsFenced) {
  Peer& leader = started();
  leader.source(numbered(0, 1), 1);
  settle();
  leader.collection->begin_term();  // somebody else, whom nobody has heard of
  leader.source(numbered(1, 2), 2);
  leader.run();
  EXPECT_FALSE(leader.last(Leadership).leads);
  EXPECT_EQ(cursor(), Value(1.0));
}

TEST_P(Leading, ANewLeaderStartsItsSourceWhereTheFileIs) {
  Peer &leader = started(), &follower = started();
  leader.source(numbered(0, 3), 10);
  follower.source(numbered(0, 1), 4);  // it is behind
  settle();
  leader.stop();
  settle();
  ASSERT_TRUE(follower.has(RestartSource));
  EXPECT_EQ(from_portable(*follower.last(RestartSource).metadata.at(0).value), Value(10.0));
  follower.source(numbered(7, 8), 5);  // of the source before: it counts no more
  settle();
  EXPECT_EQ(cursor(), Value(10.0));
  follower.done(follower.last(RestartSource).number);
  follower.source(numbered(3, 4), 11);
  settle();
  EXPECT_EQ(cursor(), Value(11.0));
  EXPECT_EQ(follower.keys(), (Names{"k0", "k1", "k2", "k3"}));
  EXPECT_EQ(stored_keys().size(), 4u);
}

TEST_P(Leading, WhereNobodyElseHasWrittenNothingHasToBeginAnew) {
  elects_ = false;
  Peer& peer = started();
  peer.source(numbered(0, 3), 3);
  settle();
  EXPECT_FALSE(peer.has(Saved));
  elects_ = true;
  settle();
  EXPECT_FALSE(peer.has(RestartSource));
  EXPECT_TRUE(peer.has(Saved));
  EXPECT_EQ(cursor(), Value(3.0));
}

TEST_P(Leading, MutationsNeedNoLeader) {
  Peer &leader = started(true), &follower = started(true);
  follower.mutate("m", Changes().insert("a", {{"n", 1}}));
  settle();
  EXPECT_TRUE(follower.has(fb::EffectKind::Confirm));
  EXPECT_EQ(leader.keys(), Names{"a"});
}

TEST_P(Leading, MutationsCanBeAskedOfTheLeaderAndCountOnce) {
  Peer &leader = started(true), &follower = started(true);
  MutationSet set{{"1", "2"}, Changes().insert("a", {{"n", 1}}).insert("b", {{"n", 2}}).batch()};
  follower.request("r", fb::RequestKind::ApplyMutations, write_mutation_set(set));
  settle();
  ASSERT_TRUE(follower.has(Reply));
  const std::string result = follower.last(Reply).payload;
  auto* table = flatbuffers::GetRoot<fb::MutationResult>(result.data());
  EXPECT_EQ(table->accepted()->size(), 2u);  // each, or none
  EXPECT_EQ(leader.keys(), (Names{"a", "b"}));
  apply(plain(true), Changes().remove("a"));
  leader.stop();
  settle();  // the follower leads now, and does not know of the request but by the file
  follower.request("r", fb::RequestKind::ApplyMutations, write_mutation_set(set));
  settle();
  EXPECT_EQ(follower.all(Reply).size(), 2u);
  EXPECT_EQ(stored_keys(), Names{encoded_key("b")});
}

TEST_P(Leading, WhatCannotBeAppliedIsSaidInTheReply) {
  started(true);
  Peer& follower = started(true);
  MutationSet set{{"1"}, Changes().insert(std::numeric_limits<double>::infinity(), {}).batch()};
  follower.request("r", fb::RequestKind::ApplyMutations, write_mutation_set(set));
  settle();
  EXPECT_EQ(follower.last(Reply).status, Status::kInvalidValue);
  follower.request("s", fb::RequestKind::ApplyMutations, "garbage");
  settle();
  EXPECT_EQ(follower.last(Reply).status, Status::kMalformed);
}

TEST_P(Leading, ADeltaCanBeAskedForAndHasItsRows) {
  Peer& leader = started();
  Peer& follower = started();
  leader.source(numbered(0, 3), 1);
  settle();
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::CreateDeltaRequest(builder, 0));
  follower.request("r", fb::RequestKind::PullSince,
                   {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
  settle();
  ASSERT_EQ(follower.last(Reply).status, Status::kOk);
  auto* table = flatbuffers::GetRoot<fb::DeltaReply>(follower.last(Reply).payload.data());
  EXPECT_EQ(table->head()->changed(), 3u);
  ASSERT_EQ(table->batches()->size(), 1u);
  MemoryShapes shapes;
  auto* bytes = table->batches()->Get(0)->bytes();
  EXPECT_EQ(read_batch({bytes->data(), bytes->size()}, shapes).size(), 3u);
}

TEST_P(Leading, AnIndexCanBeAskedFor) {
  Peer& leader = started();
  Peer& follower = started();
  flatbuffers::FlatBufferBuilder builder;
  auto signature = builder.CreateString("by-n");
  auto texts = builder.CreateVectorOfStrings({"json_extract(value, '$.n')"});
  builder.Finish(fb::CreateIndexRequest(builder, signature, 0, texts));
  follower.request("r", fb::RequestKind::EnsureIndex,
                   {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
  settle();
  EXPECT_EQ(follower.last(Reply).status, Status::kOk);
  EXPECT_EQ(leader.collection->info().indexes.size(), 1u);
}

TEST_P(Leading, WithoutALeaderARequestEndsWithATimeout) {
  elects_ = false;
  Peer& peer = started();
  peer.request("r", fb::RequestKind::PullSince, "");
  for (int64_t now = 1; now < 60000; now += 5000) tick(now);
  EXPECT_EQ(peer.last(Reply).status, Status::kTimeout);
}

}  // namespace
}  // namespace cairn::unit
