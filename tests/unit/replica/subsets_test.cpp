// The rules of a replica's subsets, one by one: loading, sharing, matching, pages, and asking the
// source for them.
#include <gtest/gtest.h>

#include "support/replicas.h"

namespace cairn::unit {
namespace {

using fb::EffectKind::EnsureRemoteSubset;
using fb::EffectKind::Question;
using fb::EffectKind::Replace;
using fb::EffectKind::Rows;
using Names = std::vector<std::string>;

class ReplicaSubsets : public ReplicaTest {
 protected:
  ReplicaSubsets() {
    Changes changes;
    for (int i = 0; i < 8; ++i) changes.insert("k" + std::to_string(i), {{"n", i}, {"g", i % 2}});
    write(changes);
  }

  void write(const Changes& changes) { apply(plain(), changes); }
  // What others have written arrives.
  void arrive() { tick(now_ms_ += 1000); }
  Peer& started(const ReplicaOptions& options = on_demand()) {
    return ReplicaTest::started(options);
  }

  int64_t now_ms_ = 0;
  size_t answered_ = 0;
};
CAIRN_OVER_ALL_STORES(ReplicaSubsets);

TEST_P(ReplicaSubsets, OnlyWhatIsAskedForIsLoaded) {
  Peer& peer = started();
  EXPECT_TRUE(peer.is_ready(0));
  EXPECT_TRUE(peer.keys().empty());
  peer.load(1, "eq(g, 1)");
  settle();
  EXPECT_TRUE(peer.is_ready(1));
  EXPECT_EQ(peer.keys(), (Names{"k1", "k3", "k5", "k7"}));
}

TEST_P(ReplicaSubsets, OneThatIsLoadedAnswersAtOnce) {
  Peer& peer = started();
  peer.load(1, "eq(g, 1)");
  settle();
  size_t before = peer.all(Rows).size();
  peer.load(2, "eq(g, 1)");
  settle();
  EXPECT_TRUE(peer.is_ready(2));
  EXPECT_EQ(peer.all(Rows).size(), before);
  peer.unload(1);
  settle();
  EXPECT_EQ(peer.keys().size(), 4u);  // the other one holds them
  peer.unload(2);
  settle();
  EXPECT_TRUE(peer.keys().empty());
}

TEST_P(ReplicaSubsets, InEagerModeEverythingIsThereAlready) {
  Peer& peer = started({});
  peer.load(1, "eq(g, 1)");
  settle();
  EXPECT_TRUE(peer.is_ready(1));
  EXPECT_EQ(peer.keys().size(), 8u);
}

TEST_P(ReplicaSubsets, ChangesGoToThoseTheyMatch) {
  Peer& peer = started();
  peer.load(1, "eq(g, 1)");
  settle();
  write(Changes().update("k0", {{"g", 1}}).update("k1", {{"g", 0}}));
  write(Changes().insert("k8", {{"n", 8}, {"g", 0}}).insert("k9", {{"n", 9}, {"g", 1}}));
  arrive();
  EXPECT_EQ(peer.keys(), (Names{"k0", "k3", "k5", "k7", "k9"}));
  EXPECT_FALSE(peer.has(Replace));
}

TEST_P(ReplicaSubsets, ARowThatLeavesOneStaysWhereAnotherHoldsIt) {
  Peer& peer = started();
  peer.load(1, "eq(g, 1)");
  peer.load(2, "gt(n, 6)");
  settle();
  write(Changes().update("k5", {{"g", 0}}).update("k7", {{"g", 0}}));
  arrive();
  EXPECT_EQ(peer.keys(), (Names{"k1", "k3", "k7"}));
  peer.unload(2);
  settle();
  EXPECT_EQ(peer.keys(), (Names{"k1", "k3"}));
}

TEST_P(ReplicaSubsets, AKeyThatIsDeletedAndComesBackElsewhereLeaves) {
  Peer& peer = started();
  peer.load(1, "eq(g, 1)");
  settle();
  write(Changes().remove("k3"));
  write(Changes().insert("k3", {{"n", 3}, {"g", 0}}));
  arrive();
  EXPECT_EQ(peer.keys(), (Names{"k1", "k5", "k7"}));
}

TEST_P(ReplicaSubsets, APageKeepsItsLengthAndItsOrder) {
  Peer& peer = started();
  peer.load(1, "", {"n"}, 3);
  settle();
  EXPECT_EQ(peer.keys(), (Names{"k0", "k1", "k2"}));
  write(Changes().remove("k1"));
  arrive();
  EXPECT_EQ(peer.keys(), (Names{"k0", "k2", "k3"}));
  write(Changes().insert("first", {{"n", -1}, {"g", 0}}));
  arrive();
  EXPECT_EQ(peer.keys(), (Names{"first", "k0", "k2"}));
  write(Changes().update("k0", {{"n", 100}}));
  arrive();
  EXPECT_EQ(peer.keys(), (Names{"first", "k2", "k3"}));
  write(Changes().update("k6", {{"n", 50}}));  // after the page: nothing to do
  arrive();
  EXPECT_EQ(peer.keys(), (Names{"first", "k2", "k3"}));
  EXPECT_FALSE(peer.has(Replace));
}

TEST_P(ReplicaSubsets, OnlyRowsThatAreNewToThePageAreSent) {
  Peer& peer = started();
  peer.load(1, "", {"n"}, 3);
  settle();
  peer.effects.clear();
  write(Changes().remove("k1"));
  arrive();
  size_t rows = 0;
  for (const ReplicaEffect* effect : peer.all(fb::EffectKind::Changes)) {
    MemoryShapes shapes;
    if (effect->batch) rows += read_batch(bytes_of(*effect->batch), shapes).size();
  }
  EXPECT_EQ(rows, 2u);  // the one that is gone, and the one that follows up
}

TEST_P(ReplicaSubsets, OneIsReadyRemotelyWhenTheSourceHasIt) {
  Peer& peer = started();
  peer.load(1, "eq(g, 1)");
  settle();
  EXPECT_TRUE(peer.is_ready(1));
  EXPECT_FALSE(peer.is_ready(1, true));
  ASSERT_TRUE(peer.has(EnsureRemoteSubset));
  peer.done(peer.last(EnsureRemoteSubset).number);
  settle();
  EXPECT_TRUE(peer.is_ready(1, true));
  peer.load(2, "eq(g, 0)");
  settle();
  peer.done(peer.last(EnsureRemoteSubset).number, fb::EventKind::EffectFailed);
  settle();
  EXPECT_FALSE(peer.is_ready(2, true));
  EXPECT_EQ(peer.last(fb::EffectKind::Error).subset_id, 2u);
}

TEST_P(ReplicaSubsets, AFollowersAreAskedOfTheLeadersSource) {
  Peer& leader = started();
  Peer& follower = started();
  follower.load(1, "eq(g, 1)");
  settle();
  EXPECT_FALSE(follower.has(EnsureRemoteSubset));
  ASSERT_TRUE(leader.has(EnsureRemoteSubset));
  leader.source(Changes().insert("k9", {{"n", 9}, {"g", 1}}), 1);
  leader.done(leader.last(EnsureRemoteSubset).number);
  settle();
  EXPECT_TRUE(follower.is_ready(1, true));
  EXPECT_TRUE(follower.front->rows().contains("k9"));  // the rows come before that
}

TEST_P(ReplicaSubsets, OneThatCannotBeLoadedIsAnErrorOfItsOwn) {
  Peer& peer = started();
  ReplicaEvent event;
  event.kind = fb::EventKind::LoadSubset;
  event.subset_id = 5;
  event.subset = "no subset";
  peer.front->send(std::move(event));
  settle();
  EXPECT_EQ(peer.last(fb::EffectKind::Error).subset_id, 5u);
  EXPECT_EQ(peer.last(fb::EffectKind::Error).status, Status::kMalformed);
  peer.load(5, "eq(g, 1)");
  settle();
  EXPECT_TRUE(peer.is_ready(5));
}

TEST_P(ReplicaSubsets, OneThatFailsForANewRowIsGivenUpAlone) {
  Peer& peer = started();
  peer.load(1, "gt(add(n, 100), 106)");
  peer.load(2, "eq(g, 1)");
  settle();
  EXPECT_EQ(peer.keys(), (Names{"k1", "k3", "k5", "k7"}));
  write(Changes().insert("k9", {{"n", BigInt::parse("9")}, {"g", 1}}));
  arrive();
  ASSERT_EQ(peer.all(fb::EffectKind::Error).size(), 1u);
  EXPECT_EQ(peer.last(fb::EffectKind::Error).subset_id, 1u);
  EXPECT_EQ(peer.keys(), (Names{"k1", "k3", "k5", "k7", "k9"}));
}

TEST_P(ReplicaSubsets, WhatTheSourceBringsAfterATruncateStaysWithoutASubset) {
  Peer& peer = started();
  peer.load(1, "eq(g, 1)");
  settle();
  peer.source(Changes().insert("s0", {{"g", 0}}).insert("s1", {{"g", 1}}), 1, true);
  settle();
  EXPECT_EQ(peer.keys(), (Names{"s0", "s1"}));
  peer.unload(1);
  write(Changes().update("s0", {{"n", 9}}));
  arrive();
  EXPECT_EQ(peer.keys(), (Names{"s0", "s1"}));
  EXPECT_EQ(peer.front->rows().at("s0"), canonical_of(Object{{"g", 0}, {"n", 9}}));
}

TEST_P(ReplicaSubsets, WhatTheSourceHasBroughtStaysWhenEverythingIsReadAnew) {
  Peer& peer = started();
  peer.source(Changes().insert("s0", {{"g", 0}}), 1);
  settle();
  Changes many;  // so many that readers reload
  for (int i = 0; i < 3000; ++i) many.insert("m" + std::to_string(i), {{"g", 0}});
  write(many);
  arrive();
  EXPECT_TRUE(peer.has(Replace));
  EXPECT_EQ(peer.keys(), Names{"s0"});
}

// Texts are ranked by the host, from their end.
TEST_P(ReplicaSubsets, WhereTheHostDecidesTheOrderThatOneAloneIsLoadedAgain) {
  ReplicaOptions options = on_demand();
  options.host = true;
  write(Changes()
            .insert("t1", {{"t", "xb"}})
            .insert("t2", {{"t", "ya"}})
            .insert("t3", {{"t", "wc"}}));
  Peer& peer = started(options);
  peer.load(1, "gt(t, \"\")", {"~t"}, 2);
  auto answer = [&] {
    settle();
    for (size_t asked = peer.all(Question).size(), done = answered_; done < asked; ++done) {
      const ReplicaEffect& question = *peer.all(Question)[done];
      Array ranks;
      Value values = from_portable(question.question->values);
      for (const Value& text : *values.get<Array>())
        ranks.emplace_back(static_cast<double>(text.get<std::string>()->back()));
      ReplicaEvent event;
      event.kind = fb::EventKind::Answer;
      event.effect = question.number;
      event.payload = portable(ranks);
      peer.front->send(std::move(event));
      ++answered_;
      settle();
      asked = peer.all(Question).size();
    }
  };
  answer();
  EXPECT_GT(answered_, 0u);
  EXPECT_EQ(peer.keys(), (Names{"t1", "t2"}));
  write(Changes().insert("t4", {{"t", "zA"}}));
  arrive();
  answer();
  EXPECT_EQ(peer.keys(), (Names{"t2", "t4"}));
  EXPECT_FALSE(peer.has(Replace));
}

}  // namespace
}  // namespace cairn::unit
