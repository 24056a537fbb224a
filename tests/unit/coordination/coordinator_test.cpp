// The rules of coordination, one by one: who leads, who hears what, requests and their replies.
#include "core/coordination/coordinator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "support/values.h"

namespace cairn::unit {
namespace {

using Kind = Notice::Kind;

// Nodes whose messages the test carries.
class CoordinatorRules : public ::testing::Test {
 protected:
  Coordinator& add(const std::string& node, const std::string& database = "") {
    CoordinatorOptions options;
    options.node = node;
    options.database = database;
    nodes_[node] = std::make_unique<Coordinator>(options);
    return *nodes_[node];
  }

  // What a node asks its host for; messages are carried to the others.
  std::vector<CoordinatorAction> carry(const std::string& node) {
    std::vector<CoordinatorAction> rest;
    while (auto action = nodes_[node]->next_action()) {
      if (action->kind != CoordinatorAction::Kind::kSend) {
        rest.push_back(std::move(*action));
        continue;
      }
      ++sent_;
      for (auto& [name, other] : nodes_)
        if (name != node && !cut_.contains(name)) other->receive(as_bytes(action->message));
    }
    return rest;
  }
  void carry_all() {
    for (int round = 0; round < 4; ++round)
      for (auto& [name, node] : nodes_) carry(name);
  }
  void tick(int64_t now_ms) {
    for (auto& [name, node] : nodes_) node->tick(now_ms);
    carry_all();
  }
  static std::vector<Notice> notices(Coordinator& node, Coordinator::Member member) {
    std::vector<Notice> notices;
    while (auto notice = node.next_notice(member)) notices.push_back(std::move(*notice));
    return notices;
  }
  static bool has(const std::vector<Notice>& notices, Kind kind) {
    return std::any_of(notices.begin(), notices.end(),
                       [&](const Notice& notice) { return notice.kind == kind; });
  }
  // A member of "c" that leads from `term` on.
  Coordinator::Member leader(Coordinator& node, uint64_t term) {
    Coordinator::Member member = node.join("c", true);
    node.elected("c");
    notices(node, member);
    node.lead(member, term, {term, 0, 5, 0});
    carry_all();
    return member;
  }

  std::map<std::string, std::unique_ptr<Coordinator>> nodes_;
  std::set<std::string> cut_;  // nothing arrives there
  int sent_ = 0;
};

TEST_F(CoordinatorRules, TheHostIsAskedToElectOncePerCollection) {
  Coordinator& node = add("a");
  node.join("c", true);
  node.join("c", true);
  node.join("d", true);
  node.join("e", false);  // cannot lead
  std::vector<CoordinatorAction> actions = carry("a");
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_EQ(actions[0].collection, "c");
  EXPECT_EQ(actions[1].collection, "d");
}

TEST_F(CoordinatorRules, AloneOneLeadsAtOnceAndSendsNothing) {
  CoordinatorOptions options;
  options.node = "a";
  options.alone = true;
  Coordinator node(options);
  auto first = node.join("c", true), second = node.join("c", true);
  EXPECT_TRUE(has(notices(node, first), Kind::kLead));
  EXPECT_FALSE(has(notices(node, second), Kind::kLead));
  node.lead(first, 1, {});
  node.committed(first, {1, 1, 1, 0});
  EXPECT_TRUE(has(notices(node, second), Kind::kChanged));
  EXPECT_FALSE(node.next_action());
}

TEST_F(CoordinatorRules, TheLeadPassesOnToAnotherMemberAndThenIsLetGo) {
  Coordinator& node = add("a");
  auto first = leader(node, 1);
  auto second = node.join("c", true);
  carry("a");
  node.leave(first);
  EXPECT_TRUE(has(notices(node, second), Kind::kLead));
  node.leave(second);
  std::vector<CoordinatorAction> actions = carry("a");
  ASSERT_EQ(actions.size(), 1u);
  EXPECT_EQ(actions[0].kind, CoordinatorAction::Kind::kRelease);
}

TEST_F(CoordinatorRules, AnElectionThatNobodyWantsAnyMoreIsReleased) {
  Coordinator& node = add("a");
  node.leave(node.join("c", true));
  std::vector<CoordinatorAction> actions = carry("a");
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_EQ(actions[1].kind, CoordinatorAction::Kind::kRelease);
  node.elected("c");
  EXPECT_EQ(carry("a").at(0).kind, CoordinatorAction::Kind::kRelease);
}

TEST_F(CoordinatorRules, WhoHearsOfANewerTermStopsLeading) {
  Coordinator &old = add("a"), &newer = add("b");
  auto first = leader(old, 3);
  auto second = newer.join("c", true);
  newer.elected("c");
  newer.lead(second, 4, {});
  carry_all();
  EXPECT_TRUE(has(notices(old, first), Kind::kFollow));
}

TEST_F(CoordinatorRules, AnOlderTermIsNotBelieved) {
  Coordinator &old = add("a"), &newer = add("b"), &third = add("d");
  auto member = third.join("c", false);
  auto leading = leader(newer, 4);
  notices(third, member);
  auto first = old.join("c", true);
  old.elected("c");
  old.lead(first, 3, {});
  carry_all();
  third.request(member, "r", fb::RequestKind::PullSince, "");
  carry_all();
  EXPECT_FALSE(has(notices(old, first), Kind::kRequest));
  EXPECT_TRUE(has(notices(newer, leading), Kind::kRequest));
}

TEST_F(CoordinatorRules, AHostThatHasLostTheElectionIsAskedAgain) {
  Coordinator& node = add("a");
  auto member = leader(node, 1);
  carry("a");
  node.lost("c");
  EXPECT_TRUE(has(notices(node, member), Kind::kFollow));
  EXPECT_EQ(carry("a").at(0).kind, CoordinatorAction::Kind::kElect);
}

TEST_F(CoordinatorRules, HeartbeatsTellWhereACollectionStands) {
  Coordinator &node = add("a"), &other = add("b");
  leader(node, 1);
  auto member = other.join("c", false);
  tick(1000);
  std::vector<Notice> heard = notices(other, member);
  ASSERT_TRUE(has(heard, Kind::kChanged));
  EXPECT_EQ(heard[0].position.row_version, 5u);
  tick(2500);
  EXPECT_FALSE(has(notices(other, member), Kind::kChanged));  // nothing new
}

TEST_F(CoordinatorRules, HintsAreForAllMembersAndCountOnce) {
  Coordinator &node = add("a"), &other = add("b");
  auto writer = node.join("c", false), beside = node.join("c", false);
  auto reader = other.join("c", false), elsewhere = other.join("d", false);
  for (uint64_t i = 1; i <= 3; ++i) node.committed(writer, {1, i, i, 0});
  carry_all();
  EXPECT_TRUE(notices(node, writer).empty());
  EXPECT_EQ(notices(node, beside).size(), 1u);
  std::vector<Notice> heard = notices(other, reader);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].position.row_version, 3u);
  EXPECT_TRUE(notices(other, elsewhere).empty());
}

TEST_F(CoordinatorRules, MessagesOfAnotherDatabaseAreLeftAlone) {
  Coordinator &node = add("a", "one"), &other = add("b", "two");
  auto member = other.join("c", false);
  node.committed(node.join("c", false), {1, 1, 1, 0});
  carry_all();
  EXPECT_TRUE(notices(other, member).empty());
}

TEST_F(CoordinatorRules, ARequestGoesToTheLeaderAndItsReplyComesBack) {
  Coordinator &node = add("a"), &other = add("b"), &third = add("d");
  auto leads = leader(node, 1);
  auto asks = other.join("c", false), hears = third.join("c", false);
  carry_all();
  tick(1000);
  other.request(asks, "r1", fb::RequestKind::EnsureIndex, "payload");
  carry_all();
  std::vector<Notice> heard = notices(node, leads);
  ASSERT_TRUE(has(heard, Kind::kRequest));
  EXPECT_EQ(heard.back().payload, "payload");
  EXPECT_EQ(heard.back().request, fb::RequestKind::EnsureIndex);
  node.reply(leads, "r1", Status::kOk, "", "result");
  carry_all();
  heard = notices(other, asks);
  EXPECT_EQ(heard.back().kind, Kind::kReply);
  EXPECT_EQ(heard.back().payload, "result");
  EXPECT_FALSE(has(notices(third, hears), Kind::kReply));
}

TEST_F(CoordinatorRules, ARequestOfTheLeadersOwnNodeNeedsNoMessage) {
  Coordinator& node = add("a");
  auto leads = leader(node, 1);
  auto asks = node.join("c", false);
  sent_ = 0;
  node.request(asks, "r", fb::RequestKind::PullSince, "");
  carry_all();
  EXPECT_EQ(sent_, 0);
  ASSERT_TRUE(has(notices(node, leads), Kind::kRequest));
  node.reply(leads, "r", Status::kOk, "", "");
  EXPECT_TRUE(has(notices(node, asks), Kind::kReply));
}

TEST_F(CoordinatorRules, ARepeatedRequestGetsItsFirstReply) {
  Coordinator &node = add("a"), &other = add("b");
  auto leads = leader(node, 1);
  auto asks = other.join("c", false);
  cut_ = {"b"};  // replies are lost
  other.request(asks, "r", fb::RequestKind::ApplyMutations, "");
  carry_all();
  ASSERT_TRUE(has(notices(node, leads), Kind::kRequest));
  node.reply(leads, "r", Status::kOk, "", "first");
  carry_all();
  cut_.clear();
  tick(1);
  tick(10500);
  EXPECT_FALSE(has(notices(node, leads), Kind::kRequest));
  std::vector<Notice> heard = notices(other, asks);
  ASSERT_TRUE(has(heard, Kind::kReply));
  EXPECT_EQ(heard.back().payload, "first");
}

TEST_F(CoordinatorRules, WithoutAReplyThereAreTwoRetriesAndThenATimeout) {
  Coordinator& node = add("a");
  auto member = node.join("c", false);
  node.tick(1);
  node.request(member, "r", fb::RequestKind::PullSince, "");
  carry_all();
  EXPECT_EQ(sent_, 1);
  for (int64_t now : {9000, 10001, 20002}) tick(now);
  EXPECT_EQ(sent_, 3);
  EXPECT_FALSE(has(notices(node, member), Kind::kReply));
  tick(30003);
  std::vector<Notice> heard = notices(node, member);
  ASSERT_TRUE(has(heard, Kind::kReply));
  EXPECT_EQ(heard.back().status, Status::kTimeout);
}

TEST_F(CoordinatorRules, WhoDoesNotLeadSaysSoAndTheRequestFindsTheNewLeader) {
  Coordinator &first = add("a"), &second = add("b"), &third = add("d");
  auto old = leader(first, 1);
  auto asks = third.join("c", false);
  tick(1000);
  first.leave(old);
  first.join("c", false);
  cut_ = {"d"};  // it does not hear that the leader has gone
  carry_all();
  auto newer = second.join("c", true);
  cut_.clear();
  third.request(asks, "r", fb::RequestKind::PullSince, "");
  carry_all();
  second.elected("c");
  second.lead(newer, 2, {});
  carry_all();
  tick(1500);
  EXPECT_TRUE(has(notices(second, newer), Kind::kRequest));
}

TEST_F(CoordinatorRules, WhereNobodyLeadsItAsksAgainSoonAlsoWhenTheClockIsYoung) {
  Coordinator &first = add("a"), &third = add("d");
  auto asks = third.join("c", false);
  auto old = leader(first, 1);
  tick(10);
  cut_ = {"d"};  // it does not hear that the leader has gone
  first.leave(old);
  first.join("c", false);
  carry_all();
  cut_.clear();
  third.request(asks, "r", fb::RequestKind::PullSince, "");
  carry_all();
  int sent = sent_;
  tick(200);
  EXPECT_EQ(sent_, sent);
  tick(300);
  EXPECT_GT(sent_, sent);
}

TEST_F(CoordinatorRules, ANewLeaderGetsWhatWasAskedOfTheOldOne) {
  Coordinator &first = add("a"), &second = add("b"), &third = add("d");
  leader(first, 1);
  auto asks = third.join("c", false);
  tick(1000);
  third.request(asks, "r", fb::RequestKind::PullSince, "");
  carry_all();
  nodes_.erase("a");  // it dies with the request
  third.gone("a");
  auto newer = leader(second, 2);
  EXPECT_TRUE(has(notices(second, newer), Kind::kRequest));
}

TEST_F(CoordinatorRules, WhatIsNoMessageChangesNothing) {
  Coordinator& node = add("a");
  node.join("c", true);
  Message message;
  message.collection = "c";
  message.sender = "x";
  message.kind = fb::MessageKind::Request;
  message.payload = std::string(100, 'p');
  const std::string whole = encode_message(message);
  EXPECT_THROW(node.receive({}), cairn::Error);
  for (size_t size = 0; size < whole.size(); size += 3) {
    try {
      node.receive(as_bytes(whole.substr(0, size)));
    } catch (const cairn::Error& error) {
      EXPECT_EQ(error.status(), Status::kMalformed);
    }
  }
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = whole;
    damaged[random.below(damaged.size())] = static_cast<char>(random.next());
    try {
      node.receive(as_bytes(damaged));
    } catch (const cairn::Error& error) {
      EXPECT_EQ(error.status(), Status::kMalformed);
    }
  }
}

TEST_F(CoordinatorRules, AMessageComesThroughWhole) {
  Message message;
  message.database = "d";
  message.collection = "c";
  message.sender = "x";
  message.to = "y";
  message.kind = fb::MessageKind::Reply;
  message.leads = true;
  message.leader_term = 7;
  message.position = {1, 2, 3, 4};
  message.request_id = "r";
  message.request = fb::RequestKind::PullSince;
  message.payload = std::string("\0\1", 2);
  message.status = Status::kTimeout;
  message.error = "late";
  std::optional<Message> read = decode_message(as_bytes(encode_message(message)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->to, "y");
  EXPECT_TRUE(read->leads);
  EXPECT_EQ(read->leader_term, 7u);
  EXPECT_EQ(read->position, message.position);
  EXPECT_EQ(read->request, message.request);
  EXPECT_EQ(read->payload, message.payload);
  EXPECT_EQ(read->status, Status::kTimeout);
  EXPECT_EQ(read->error, "late");
}

}  // namespace
}  // namespace cairn::unit
