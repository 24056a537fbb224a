// The rules of a replica, one by one: starting, hydration, what the source and others write,
// readiness, local mutations, failures, restarts.
#include <gtest/gtest.h>

#include <limits>

#include "support/replicas.h"

namespace cairn::unit {
namespace {

using fb::EffectKind::Confirm;
using fb::EffectKind::Ready;
using fb::EffectKind::Recovered;
using fb::EffectKind::Reject;
using fb::EffectKind::Replace;
using fb::EffectKind::RestartSource;
using fb::EffectKind::Rows;
using fb::EffectKind::Saved;
using fb::EffectKind::Started;
using fb::EffectKind::Stopped;
using Names = std::vector<std::string>;

constexpr double kNoKey = std::numeric_limits<double>::infinity();

class Replicas : public ReplicaTest {
 protected:
  void write(const Changes& changes, bool local = false) { apply(plain(local), changes); }
};
CAIRN_OVER_ALL_STORES(Replicas);

TEST_P(Replicas, PositionAndMetadataComeOnceAndBeforeTheRows) {
  Peer& first = started();
  first.source(numbered(0, 3), 7);
  settle();
  Peer& second = started();
  ASSERT_EQ(second.all(Started).size(), 1u);
  const ReplicaEffect& started = second.effects.front();
  EXPECT_EQ(started.kind, Started);
  EXPECT_EQ(started.position.row_version, 1u);
  ASSERT_EQ(started.metadata.size(), 1u);
  EXPECT_EQ(from_portable(*started.metadata[0].value), Value(7.0));
}

TEST_P(Replicas, EagerOnesGetEverythingInSeveralBatchesBeforeTheyAreReady) {
  write(numbered(0, 10));
  ReplicaOptions options;
  options.batch.most_rows = 4;
  Peer& peer = started(options);
  EXPECT_EQ(peer.all(Rows).size(), 3u);
  EXPECT_EQ(peer.keys().size(), 10u);
  EXPECT_GT(peer.last(Ready).number, peer.last(Rows).number);
}

TEST_P(Replicas, WhatTheSourceWritesDuringHydrationComesAfterItInOrder) {
  write(numbered(0, 10));
  ReplicaOptions options;
  options.batch.most_rows = 2;
  Peer& peer = add(options);
  peer.start();
  ASSERT_TRUE(peer.step());  // started
  ASSERT_TRUE(peer.step());  // the first rows
  peer.source(Changes().insert("k9", {{"n", 90}}).remove("k8"), 1);
  peer.source(Changes().insert("k9", {{"n", 91}}), 2);
  settle();
  EXPECT_EQ(row(plain(), "k9"), Value(Object{{"n", 91}}));
  EXPECT_EQ(row(plain(), "k8"), Value(nullptr));
  EXPECT_EQ(peer.front->rows().at("k9"), canonical_of(Object{{"n", 91}}));
  EXPECT_EQ(peer.keys().size(), 9u);
  EXPECT_FALSE(peer.front->rows().contains("k8"));
  EXPECT_EQ(cursor(), Value(2.0));
}

TEST_P(Replicas, ATruncateDuringHydrationLeavesNothingOfBefore) {
  write(numbered(0, 10));
  ReplicaOptions options;
  options.batch.most_rows = 2;
  Peer& peer = add(options);
  peer.start();
  ASSERT_TRUE(peer.step());
  ASSERT_TRUE(peer.step());
  peer.source(Changes().insert("only", {{"n", 1}}), 1, true);
  settle();
  EXPECT_EQ(peer.keys(), Names{"only"});
}

TEST_P(Replicas, MessagesAtOrBelowTheKnownPositionAreDropped) {
  Peer& first = started();
  Peer& second = started();
  first.source(numbered(0, 2), 1);
  settle();
  Message message;
  message.collection = "c";
  message.sender = "node0";
  message.kind = fb::MessageKind::Changed;
  message.position = second.replica->known();
  second.coordinator->receive(as_bytes(encode_message(message)));
  EXPECT_FALSE(second.step());
}

TEST_P(Replicas, AGapIsFilledByTheDelta) {
  Peer& first = started();
  Peer& second = started();
  carries_ = false;
  for (int i = 0; i < 3; ++i) first.source(numbered(i, i + 1), i);
  settle();
  EXPECT_TRUE(second.keys().empty());
  carries_ = true;
  first.source(numbered(3, 4), 4);
  settle();
  EXPECT_EQ(second.keys(), (Names{"k0", "k1", "k2", "k3"}));
  EXPECT_FALSE(second.has(Replace));
}

TEST_P(Replicas, WhereTheLogDoesNotReachBackEverythingIsReplaced) {
  Peer& first = started();
  Peer& second = started();
  first.source(numbered(0, 3), 1);
  settle();
  first.source(Changes().insert("new", {{"n", 1}}), 2, true);
  settle();
  EXPECT_TRUE(second.has(Replace));
  EXPECT_EQ(second.keys(), Names{"new"});
}

TEST_P(Replicas, WhatSomebodyWithoutACoordinatorWritesIsFoundOnATick) {
  Peer& peer = started();
  tick(1000);
  write(numbered(0, 2));
  tick(1010);
  EXPECT_TRUE(peer.keys().empty());
  tick(1200);
  EXPECT_EQ(peer.keys(), (Names{"k0", "k1"}));
}

TEST_P(Replicas, LocalAndRemoteReadinessAreTwo) {
  write(numbered(0, 2));
  Peer& peer = started();
  EXPECT_TRUE(peer.is_ready(0));
  EXPECT_FALSE(peer.is_ready(0, true));
  EXPECT_EQ(peer.keys().size(), 2u);  // without the network
  peer.send(fb::EventKind::SourceReady);
  settle();
  EXPECT_TRUE(peer.is_ready(0, true));
}

TEST_P(Replicas, AMutationIsConfirmedWhenItIsDurable) {
  Peer& peer = started({}, true);
  uint64_t event = peer.mutate("m", Changes().insert("a", {{"n", 1}}));
  EXPECT_EQ(peer.front->see("a"), canonical_of(Object{{"n", 1}}));  // at once
  settle();
  const ReplicaEffect& confirmed = peer.last(Confirm);
  EXPECT_EQ(confirmed.seen, event);
  EXPECT_EQ(confirmed.mutation_ids, (Names{"m-1", "m-2"}));
  EXPECT_EQ(confirmed.durability, is_file() ? Durability::kDisk : Durability::kDefault);
  EXPECT_EQ(peer.keys(), Names{"a"});
}

TEST_P(Replicas, MutationsAreAcceptedWholeOrNotAtAll) {
  Peer& peer = started({}, true);
  ReplicaEvent event;
  event.kind = fb::EventKind::Mutate;
  event.number = 100;
  event.mutation_ids = {"1", "2"};
  event.batch = Changes().insert("a", {{"n", 1}}).insert(kNoKey, {{"n", 2}}).batch();
  peer.replica->handle(std::move(event));
  peer.run();
  ASSERT_TRUE(peer.has(Reject));
  EXPECT_EQ(peer.last(Reject).mutation_ids, (Names{"1", "2"}));
  EXPECT_EQ(peer.last(Reject).status, Status::kInvalidValue);
  EXPECT_FALSE(peer.has(Confirm));
  EXPECT_TRUE(stored_keys().empty());
}

TEST_P(Replicas, AMutationThatIsRepeatedIsAppliedOnce) {
  Peer& peer = started({}, true);
  peer.mutate("m", Changes().insert("a", {{"n", 1}}));
  settle();
  write(Changes().remove("a"), true);
  peer.mutate("m", Changes().insert("a", {{"n", 1}}));
  settle();
  EXPECT_EQ(peer.all(Confirm).size(), 2u);
  EXPECT_TRUE(stored_keys().empty());
}

TEST_P(Replicas, SyncedCollectionsLeaveMutationsToTheirHandlers) {
  Peer& peer = started();
  EXPECT_THROW(peer.mutate("m", Changes().insert("a", {{"n", 1}})), cairn::Error);
}

TEST_P(Replicas, ASourceSaysWhenItFails) {
  Peer& peer = started();
  ReplicaEvent event;
  event.kind = fb::EventKind::SourceError;
  event.message = "401";
  peer.front->send(std::move(event));
  settle();
  EXPECT_NE(peer.last(fb::EffectKind::Error).message.find("401"), std::string::npos);
}

TEST_P(Replicas, WhatCannotBeSavedIsKeptToldAndTriedAgain) {
  Peer& peer = started();
  {
    Lease held = store().writer();
    peer.source(numbered(0, 2), 5);
    peer.run();
    ASSERT_TRUE(peer.has(fb::EffectKind::Error));
    const ReplicaEffect& error = peer.last(fb::EffectKind::Error);
    EXPECT_EQ(error.status, Status::kBusy);
    EXPECT_TRUE(error.retryable);
    EXPECT_EQ(error.unsaved, 1u);
    EXPECT_EQ(peer.keys(), (Names{"k0", "k1"}));  // the front has them all the same
  }
  peer.run();
  EXPECT_FALSE(peer.has(Saved));  // not before it is time
  tick(60000);
  EXPECT_TRUE(peer.has(Saved));
  EXPECT_TRUE(peer.has(Recovered));
  EXPECT_EQ(cursor(), Value(5.0));
}

TEST_P(Replicas, AnAppMayHaveItTriedAgainAtOnce) {
  Peer& peer = started();
  {
    Lease held = store().writer();
    peer.source(numbered(0, 2), 5);
    peer.run();
  }
  peer.send(fb::EventKind::Retry);
  settle();
  EXPECT_TRUE(peer.has(Saved));
}

TEST_P(Replicas, ATransactionThatCanNeverBeSavedStopsThoseBehindIt) {
  Peer& peer = started();
  uint64_t number = 100;
  auto send = [&](fb::EventKind kind, const std::string& batch = {}) {
    ReplicaEvent event;
    event.kind = kind;
    event.number = ++number;
    event.batch = batch;
    event.metadata.push_back({"cursor", portable(Value(9.0))});
    peer.replica->handle(std::move(event));
  };
  send(fb::EventKind::SourceBegin);
  send(fb::EventKind::SourceWrite, Changes().insert(kNoKey, {{"n", 1}}).batch());
  send(fb::EventKind::SourceCommit);
  peer.run();
  EXPECT_EQ(peer.last(fb::EffectKind::Error).status, Status::kInvalidValue);
  EXPECT_FALSE(peer.last(fb::EffectKind::Error).retryable);
  send(fb::EventKind::SourceBegin);
  send(fb::EventKind::SourceCommit);
  tick(60000);
  EXPECT_EQ(cursor(), Value(nullptr));  // the cursor must not pass what is missing
  write(Changes().insert("other", {{"n", 1}}));
  tick(120000);
  EXPECT_TRUE(peer.front->rows().contains("other"));  // reading goes on
}

TEST_P(Replicas, UnsavedTransactionsAreBounded) {
  ReplicaOptions options;
  options.max_unsaved_bytes = 1000;
  Peer& peer = started(options);
  {
    Lease held = store().writer();
    for (int i = 0; i < 20; ++i) peer.source(numbered(i, i + 1), i);
    peer.run();
    EXPECT_EQ(peer.last(fb::EffectKind::Error).status, Status::kTooLarge);
  }
  tick(60000);
  ASSERT_TRUE(peer.has(RestartSource));
  EXPECT_TRUE(peer.last(RestartSource).metadata.empty());  // from the start: nothing was saved
  peer.done(peer.last(RestartSource).number);
  settle();
  peer.source(numbered(0, 20), 19, true);
  settle();
  EXPECT_EQ(stored_keys().size(), 20u);
  EXPECT_EQ(peer.keys().size(), 20u);
}

TEST_P(Replicas, CleanupAndRestartWorkAnyNumberOfTimes) {
  Peer& peer = add();
  for (size_t i = 0; i < 5; ++i) {
    peer.start();
    settle();
    peer.source(numbered(static_cast<int>(i), static_cast<int>(i) + 1), static_cast<int>(i));
    settle();
    EXPECT_EQ(peer.keys().size(), i + 1);
    peer.stop();
    settle();
    EXPECT_EQ(peer.all(Stopped).size(), i + 1);
  }
  EXPECT_EQ(stored_keys().size(), 5u);
}

TEST_P(Replicas, AStartBeforeTheEndOfTheRunBeforeIsTheNewOne) {
  write(numbered(0, 3));
  Peer& peer = add();
  peer.start();
  peer.step();
  peer.stop();
  write(Changes().remove("k0"));
  peer.start();
  settle();
  EXPECT_EQ(peer.keys(), (Names{"k1", "k2"}));
}

TEST_P(Replicas, AResetStartsTheSourceAnewWithoutItsCursor) {
  Peer& peer = started();
  peer.source(numbered(0, 3), 5);
  settle();
  plain()->reset();
  peer.source(numbered(3, 4), 6);  // goes on from rows that are gone
  tick(1000);
  ASSERT_TRUE(peer.has(RestartSource));
  EXPECT_TRUE(peer.last(RestartSource).metadata.empty());
  EXPECT_TRUE(stored_keys().empty());
  EXPECT_EQ(cursor(), Value(nullptr));
  peer.done(peer.last(RestartSource).number);
  settle();
  EXPECT_TRUE(peer.keys().empty());
  peer.source(numbered(0, 4), 6, true);
  settle();
  EXPECT_EQ(stored_keys().size(), 4u);
}

TEST_P(Replicas, EventsThatDoNotFitChangeNothing) {
  Peer& peer = add();
  EXPECT_THROW(peer.load(1, ""), cairn::Error);  // before the start
  peer.start();
  EXPECT_THROW(peer.start(), cairn::Error);
  ReplicaEvent old;
  old.kind = fb::EventKind::SourceReady;
  old.number = 1;
  EXPECT_THROW(peer.replica->handle(old), cairn::Error);
  settle();
  peer.send(fb::EventKind::SourceCommit);  // without a beginning
  settle();
  EXPECT_EQ(peer.last(fb::EffectKind::Error).status, Status::kWrongState);
  EXPECT_TRUE(peer.is_ready(0));
}

TEST_P(Replicas, ADroppedCollectionIsAnErrorThatStays) {
  Peer& peer = started();
  database_->drop("c");
  peer.source(numbered(0, 1), 1);
  peer.run();
  EXPECT_EQ(peer.last(fb::EffectKind::Error).status, Status::kDropped);
  EXPECT_FALSE(peer.last(fb::EffectKind::Error).retryable);
}

}  // namespace
}  // namespace cairn::unit
