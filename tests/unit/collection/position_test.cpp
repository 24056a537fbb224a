// Stream positions: allocated by the engine or brought along, taken ones, request ids, row
// versions.
#include <gtest/gtest.h>

#include "support/collections.h"

namespace cairn::unit {
namespace {

class Positions : public CollectionTest {
 protected:
  Positions() : collection_(open()) {}

  CommitResult commit(const TransactionOptions& options, int n = -1) {
    return apply(collection_, Changes().insert("k", {{"n", n < 0 ? ++n_ : n}}), options);
  }

  // A transaction that brings its position.
  static TransactionOptions at(uint64_t term, uint64_t seq, const std::string& writer,
                               const std::string& id = "") {
    TransactionOptions options;
    options.term = term;
    options.seq = seq;
    options.writer = writer;
    options.id = id;
    return options;
  }

  static std::vector<uint64_t> place(const CommitResult& result) {
    return {result.position.term, result.position.seq, result.position.row_version};
  }

  std::shared_ptr<Collection> collection_;
  int n_ = 0;
};
CAIRN_OVER_ALL_STORES(Positions);

using Place = std::vector<uint64_t>;

TEST_P(Positions, ANewCollectionHasNone) {
  Position position = collection_->info().state.position();
  EXPECT_EQ(position.seq, 0u);
  EXPECT_EQ(position.row_version, 0u);
  EXPECT_EQ(position.reset_epoch, 0u);
}

TEST_P(Positions, AreAllocatedOneAfterAnother) {
  EXPECT_EQ(place(commit({})), (Place{1, 1, 1}));
  EXPECT_EQ(place(commit({})), (Place{1, 2, 2}));
  CommitResult result = commit({});
  EXPECT_EQ(place(result), (Place{1, 3, 3}));
  EXPECT_EQ(result.previous_version, 2u);
}

TEST_P(Positions, ATransactionThatChangesNothingTakesNone) {
  commit({}, 5);
  CommitResult result = commit({}, 5);
  EXPECT_EQ(result.outcome, Outcome::kUnchanged);
  EXPECT_EQ(place(result), (Place{1, 1, 1}));
  EXPECT_EQ(place(commit({}, 6)), (Place{1, 2, 2}));
}

TEST_P(Positions, ATransactionThatBringsItsPositionTakesIt) {
  EXPECT_EQ(place(commit(at(3, 17, "w"))), (Place{3, 17, 1}));
  EXPECT_EQ(place(commit({})), (Place{3, 18, 2}));
  EXPECT_EQ(place(commit(at(4, 1, "w"))), (Place{4, 1, 3}));
}

TEST_P(Positions, OneThatBringsItsPositionTakesItEvenIfItChangesNothing) {
  commit(at(1, 5, "w"), 1);
  EXPECT_EQ(commit(at(1, 6, "w"), 1).outcome, Outcome::kUnchanged);
  EXPECT_EQ(collection_->info().state.seq, 6u);
  EXPECT_EQ(commit(at(1, 6, "w"), 2).outcome, Outcome::kIgnored);
}

TEST_P(Positions, ARepetitionByTheSameWriterIsIgnored) {
  commit(at(1, 5, "w"), 1);
  CommitResult result = commit(at(1, 5, "w"), 2);
  EXPECT_EQ(result.outcome, Outcome::kIgnored);
  EXPECT_EQ(row(collection_, "k"), Value(Object{{"n", 1}}));
  EXPECT_EQ(place(result), (Place{1, 5, 1}));
}

TEST_P(Positions, ARepetitionWithTheSameIdIsIgnored) {
  commit(at(1, 5, "w", "id"), 1);
  EXPECT_EQ(commit(at(1, 5, "another", "id"), 2).outcome, Outcome::kIgnored);
}

TEST_P(Positions, OneThatAnotherWriterTookIsAppliedAtAFreshOne) {
  commit(at(1, 5, "w", "a"), 1);
  CommitResult result = commit(at(1, 5, "another", "b"), 2);
  EXPECT_EQ(result.outcome, Outcome::kApplied);
  EXPECT_EQ(place(result), (Place{1, 6, 2}));
  EXPECT_EQ(row(collection_, "k"), Value(Object{{"n", 2}}));
}

TEST_P(Positions, AMovedTransactionThatComesAgainIsIgnored) {
  commit(at(1, 5, "w", "a"), 1);
  commit(at(1, 5, "another", "b"), 2);
  EXPECT_EQ(commit(at(1, 5, "another", "b"), 3).outcome, Outcome::kIgnored);
  EXPECT_EQ(row(collection_, "k"), Value(Object{{"n", 2}}));
}

TEST_P(Positions, ThoseThatTheEngineTookBelongToNoWriter) {
  // The engine took (1, 1); a source's own (1, 1) is another transaction.
  commit({}, 1);
  CommitResult result = commit(at(1, 1, ""), 2);
  EXPECT_EQ(result.outcome, Outcome::kApplied);
  EXPECT_EQ(place(result), (Place{1, 2, 2}));
}

TEST_P(Positions, AGapIsNoReasonToRefuse) {
  EXPECT_EQ(place(commit(at(1, 5, "w"))), (Place{1, 5, 1}));
  EXPECT_EQ(place(commit(at(1, 9, "w"))), (Place{1, 9, 2}));
  // One that fills the gap later is applied, and the newest stays the newest.
  CommitResult late = commit(at(1, 7, "w"));
  EXPECT_EQ(late.outcome, Outcome::kApplied);
  EXPECT_EQ(place(late), (Place{1, 9, 3}));
  EXPECT_EQ(commit(at(1, 7, "w")).outcome, Outcome::kIgnored);
}

TEST_P(Positions, AnOlderTermStillApplies) {
  commit(at(5, 1, "w"));
  CommitResult result = commit(at(4, 8, "v"));
  EXPECT_EQ(result.outcome, Outcome::kApplied);
  EXPECT_EQ(place(result), (Place{5, 1, 2}));
  EXPECT_EQ(commit(at(4, 8, "v")).outcome, Outcome::kIgnored);
  EXPECT_EQ(place(commit({})), (Place{5, 2, 3}));
}

TEST_P(Positions, TheRowVersionIsAtLeastTheTransactionsOwn) {
  TransactionOptions options;
  options.row_version = 100;
  EXPECT_EQ(commit(options).position.row_version, 100u);
  options.row_version = 7;
  EXPECT_EQ(commit(options).position.row_version, 101u);
  EXPECT_EQ(commit({}).position.row_version, 102u);
}

TEST_P(Positions, ATransactionThatFailsTakesNone) {
  BatchRow row = plain_row("bad", {{"a", Object{{"b", Undefined{}}}}});
  EXPECT_EQ(status_of([&] { apply(collection_, Changes().add(row), at(1, 5, "w")); }),
            Status::kInvalidValue);
  EXPECT_EQ(commit(at(1, 5, "w")).outcome, Outcome::kApplied);
}

TEST_P(Positions, SurviveTheDatabase) {
  commit(at(2, 7, "w", "id"), 1);
  collection_.reset();
  reopen();
  collection_ = open();
  EXPECT_EQ(commit(at(2, 7, "w", "other"), 2).outcome, Outcome::kIgnored);
  EXPECT_EQ(place(commit({}, 3)), (Place{2, 8, 2}));
}

TEST_P(Positions, OfCollectionsAreTheirOwn) {
  auto other = open("other");
  commit({});
  commit({});
  EXPECT_EQ(apply(other, numbered(0, 1)).position.seq, 1u);
}

TEST_P(Positions, ARequestThatComesAgainHasItsFirstResult) {
  TransactionOptions options;
  options.request_id = "request";
  CommitResult first = commit(options, 1);
  commit({}, 2);
  CommitResult second = commit(options, 3);
  EXPECT_EQ(first.outcome, Outcome::kApplied);
  EXPECT_EQ(second.outcome, Outcome::kRepeated);
  EXPECT_EQ(place(second), place(first));
  EXPECT_EQ(second.inserted, 1u);
  EXPECT_EQ(row(collection_, "k"), Value(Object{{"n", 2}}));
  options.request_id = "another";
  EXPECT_EQ(commit(options, 4).outcome, Outcome::kApplied);
}

TEST_P(Positions, ARequestThatChangedNothingIsRememberedToo) {
  commit({}, 1);
  TransactionOptions options;
  options.request_id = "request";
  EXPECT_EQ(commit(options, 1).outcome, Outcome::kUnchanged);
  EXPECT_EQ(commit(options, 2).outcome, Outcome::kRepeated);
  EXPECT_EQ(row(collection_, "k"), Value(Object{{"n", 1}}));
}

TEST_P(Positions, RequestsAreRememberedAcrossARestart) {
  TransactionOptions options;
  options.request_id = "request";
  commit(options, 1);
  collection_.reset();
  reopen();
  collection_ = open();
  EXPECT_EQ(commit(options, 2).outcome, Outcome::kRepeated);
}

TEST_P(Positions, RequestsAreForgottenAfterTenMinutes) {
  TransactionOptions options;
  options.request_id = "request";
  commit(options, 1);
  auto earlier = [&](int seconds) {
    behind(store(), [&](RawDatabase& raw) {
      raw.run("UPDATE cairn_requests SET time = time - " + std::to_string(seconds * 1000));
    });
  };
  earlier(590);
  EXPECT_EQ(commit(options, 2).outcome, Outcome::kRepeated);
  earlier(20);
  EXPECT_EQ(commit(options, 3).outcome, Outcome::kApplied);
  EXPECT_EQ(commit(options, 4).outcome, Outcome::kRepeated);
  // Others that are old go when a new one comes.
  earlier(610);
  options.request_id = "another";
  commit(options, 5);
  behind(store(), [](RawDatabase& raw) {
    EXPECT_EQ(raw.integer("SELECT count(*) FROM cairn_requests"), 1);
  });
}

TEST_P(Positions, ADamagedResultOfARequestIsCorrupt) {
  TransactionOptions options;
  options.request_id = "request";
  commit(options);
  behind(store(), [](RawDatabase& raw) { raw.run("UPDATE cairn_requests SET result = x'0101'"); });
  EXPECT_EQ(status_of([&] { commit(options); }), Status::kCorrupt);
}

TEST_P(Positions, AreAtMost2To52) {
  for (uint64_t TransactionOptions::*part :
       {&TransactionOptions::term, &TransactionOptions::seq, &TransactionOptions::row_version}) {
    TransactionOptions options;
    for (uint64_t value : {kMaxPosition + 1, uint64_t{1} << 63, UINT64_MAX}) {
      options.*part = value;
      EXPECT_EQ(status_of([&] { commit(options); }), Status::kInvalidArgument) << value;
    }
    options.*part = kMaxPosition;
    commit(options);
  }
  // And the engine counts on from there.
  commit({});
  CommitResult result = commit({});
  EXPECT_EQ(result.position.row_version, kMaxPosition + 2);
  EXPECT_EQ(result.position.term, kMaxPosition);
  expect_in_order();
}

TEST_P(Positions, RequestsOfCollectionsAreTheirOwn) {
  TransactionOptions options;
  options.request_id = "request";
  commit(options);
  EXPECT_EQ(apply(open("other"), numbered(0, 1), options).outcome, Outcome::kApplied);
}

}  // namespace
}  // namespace cairn::unit
