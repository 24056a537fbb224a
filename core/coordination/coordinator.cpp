#include "core/coordination/coordinator.h"

#include <algorithm>
#include <random>

namespace cairn {
namespace {

constexpr int64_t kHandledMs = 10 * 60 * 1000;  // for how long a reply is kept for repetitions
constexpr size_t kMaxHandled = 1024;
constexpr int64_t kSilentBeats = 3;  // a leader that misses so many is not known any more
constexpr int64_t kRedirectMs = 250;

}  // namespace

std::string random_name() {
  std::random_device random;
  std::string name;
  for (int i = 0; i < 4; ++i) name += std::to_string(random()) + (i < 3 ? "-" : "");
  return name;
}

// Runs `body` under the lock, and tells afterwards that there is work.
template <typename Body>
void Coordinator::locked(Body body) {
  {
    MutexLock lock(mutex_);
    body();
    if (!std::exchange(has_work_, false)) return;
  }
  if (on_work_) on_work_();
}

Coordinator::Group* Coordinator::group_of(Member member) {
  for (auto& [name, group] : groups_)
    if (seat_of(group, member) != nullptr) return &group;
  return nullptr;
}

Coordinator::Seat* Coordinator::seat_of(Group& group, Member member) {
  for (Seat& seat : group.seats)
    if (seat.member == member) return &seat;
  return nullptr;
}

void Coordinator::notify(Group& group, Member member, Notice notice) {
  Seat* seat = seat_of(group, member);
  if (seat == nullptr) return;
  seat->notices.push_back(std::move(notice));
  has_work_ = true;
}

// One hint that nobody has looked at yet is as good as many.
void Coordinator::tell_change(Group& group, const Position& position, Member except) {
  for (Seat& seat : group.seats) {
    if (seat.member == except) continue;
    auto is_hint = [](const Notice& notice) { return notice.kind == Notice::Kind::kChanged; };
    auto hint = std::find_if(seat.notices.begin(), seat.notices.end(), is_hint);
    if (hint != seat.notices.end()) {
      hint->position = position;
      continue;
    }
    Notice notice;
    notice.position = position;
    seat.notices.push_back(std::move(notice));
    has_work_ = true;
  }
}

void Coordinator::act(CoordinatorAction action) {
  actions_.push_back(std::move(action));
  has_work_ = true;
}

void Coordinator::ask(CoordinatorAction::Kind kind, const std::string& collection) {
  CoordinatorAction action;
  action.kind = kind;
  action.collection = collection;
  act(std::move(action));
}

void Coordinator::send(const Message& message) {
  if (options_.alone) return;
  CoordinatorAction action;
  action.collection = message.collection;
  action.to = message.to;
  action.message = encode_message(message);
  action.is_hint = message.kind == fb::MessageKind::Changed;
  act(std::move(action));
}

Message Coordinator::message_of(const Group& group, fb::MessageKind kind) const {
  Message message;
  message.database = options_.database;
  message.collection = group.name;
  message.sender = options_.node;
  message.kind = kind;
  message.position = group.position;
  message.leader_term = group.term;
  return message;
}

void Coordinator::beat(Group& group) {
  Message message = message_of(group, fb::MessageKind::Heartbeat);
  message.leads = group.term != 0;
  group.beat_ms = now_ms_;
  send(message);
}

Coordinator::Member Coordinator::join(const std::string& collection, bool may_lead) {
  Member member = 0;
  locked([&] {
    Group& group = groups_[collection];
    group.name = collection;
    member = ++last_member_;
    group.seats.push_back({member, may_lead, {}});
    if (!may_lead) return;
    if (options_.alone) group.elected = true;
    if (group.elected) return appoint(group);
    if (std::exchange(group.asked, true)) return;
    ask(CoordinatorAction::Kind::kElect, collection);
  });
  return member;
}

// Gives the lead to a member here, unless one has it.
void Coordinator::appoint(Group& group) {
  if (!group.elected || group.leading != 0) return;
  auto can = [](const Seat& seat) { return seat.may_lead; };
  auto seat = std::find_if(group.seats.begin(), group.seats.end(), can);
  if (seat == group.seats.end()) {
    group.elected = group.asked = false;
    return ask(CoordinatorAction::Kind::kRelease, group.name);
  }
  group.leading = seat->member;
  group.handled.clear();
  Notice notice;
  notice.kind = Notice::Kind::kLead;
  notify(group, group.leading, std::move(notice));
}

// Takes the lead from the member that has it, and tells the others. `again`: the host may give it
// back later.
void Coordinator::step_down(Group& group, bool again) {
  if (group.leading != 0) {
    Notice notice;
    notice.kind = Notice::Kind::kFollow;
    notify(group, std::exchange(group.leading, 0), std::move(notice));
  }
  if (std::exchange(group.term, 0) != 0) beat(group);
  if (group.leader == options_.node) forget_leader(group);
  if (!again || options_.alone) return;
  if (std::exchange(group.elected, false)) ask(CoordinatorAction::Kind::kRelease, group.name);
  ask(CoordinatorAction::Kind::kElect, group.name);
}

void Coordinator::leave(Member member) {
  locked([&] {
    Group* group = group_of(member);
    if (group == nullptr) return;
    std::erase_if(group->seats, [&](const Seat& seat) { return seat.member == member; });
    std::erase_if(group->pending, [&](const auto& entry) { return entry.second.member == member; });
    if (group->leading == member) {
      step_down(*group, false);
      appoint(*group);
    } else if (group->asked && !group->elected &&
               std::none_of(group->seats.begin(), group->seats.end(),
                            [](const Seat& seat) { return seat.may_lead; })) {
      group->asked = false;
      ask(CoordinatorAction::Kind::kRelease, group->name);
    }
    if (group->seats.empty()) groups_.erase(groups_.find(group->name));
  });
}

void Coordinator::lead(Member member, uint64_t term, const Position& position) {
  locked([&] {
    Group* group = group_of(member);
    if (group == nullptr || group->leading != member) return;
    group->term = term;
    group->position = position;
    group->leader = options_.node;
    group->leader_term = term;
    beat(*group);
    send_all_requests(*group);
  });
}

void Coordinator::resign(Member member) {
  locked([&] {
    Group* group = group_of(member);
    if (group != nullptr && group->leading == member) step_down(*group, true);
  });
}

void Coordinator::committed(Member member, const Position& position) {
  locked([&] {
    Group* group = group_of(member);
    if (group == nullptr) return;
    group->position = position;
    tell_change(*group, position, member);
    if (options_.alone) return;
    // One that was not sent yet is replaced.
    CoordinatorAction* last = actions_.empty() ? nullptr : &actions_.back();
    if (last != nullptr && last->is_hint && last->collection == group->name) actions_.pop_back();
    send(message_of(*group, fb::MessageKind::Changed));
  });
}

void Coordinator::request(Member member, const std::string& id, fb::RequestKind kind,
                          std::string payload) {
  locked([&] {
    Group* group = group_of(member);
    if (group == nullptr) return;
    Pending& pending = group->pending[id];
    pending.member = member;
    pending.message = message_of(*group, fb::MessageKind::Request);
    pending.message.request_id = id;
    pending.message.request = kind;
    pending.message.payload = std::move(payload);
    send_request(*group, id);
  });
}

// To the leader where it is known, be it here; else to all. Here the reply may be there at once,
// and the request is over then.
void Coordinator::send_request(Group& group, const std::string& id) {
  auto pending = group.pending.find(id);
  if (pending == group.pending.end()) return;
  pending->second.sent_ms.reset();
  if (now_ms_ > 0) pending->second.sent_ms = now_ms_;
  Message message = pending->second.message;
  message.to = group.leading != 0 ? options_.node : group.leader;
  group.leading != 0 ? hear_request(group, message) : send(message);
}

void Coordinator::send_all_requests(Group& group) {
  std::vector<std::string> ids;
  for (const auto& [id, pending] : group.pending) ids.push_back(id);
  for (const std::string& id : ids) send_request(group, id);
}

void Coordinator::hear_request(Group& group, const Message& message) {
  if (group.leading == 0) {
    if (message.to != options_.node) return;
    Message answer = message_of(group, fb::MessageKind::Reply);
    answer.to = message.sender;
    answer.request_id = message.request_id;
    answer.status = Status::kNotLeader;
    answer.error = "this instance does not lead the collection";
    return send(answer);
  }
  auto [handled, is_new] = group.handled.try_emplace(message.request_id);
  handled->second.from = message.sender;
  if (!is_new) {
    if (!handled->second.reply) return;
    Message again = *handled->second.reply;
    again.to = message.sender;
    if (again.to == options_.node) return hear_reply(group, again);
    return send(again);
  }
  handled->second.at_ms = now_ms_;
  Notice notice;
  notice.kind = Notice::Kind::kRequest;
  notice.id = message.request_id;
  notice.request = message.request;
  notice.payload = message.payload;
  notify(group, group.leading, std::move(notice));
}

void Coordinator::reply(Member member, const std::string& id, Status status,
                        const std::string& error, std::string payload) {
  locked([&] {
    Group* group = group_of(member);
    if (group == nullptr) return;
    auto handled = group->handled.find(id);
    if (handled == group->handled.end()) return;
    Message answer = message_of(*group, fb::MessageKind::Reply);
    answer.to = handled->second.from;
    answer.request_id = id;
    answer.status = status;
    answer.error = error;
    answer.payload = std::move(payload);
    // What failed may be tried again.
    if (status == Status::kOk) {
      handled->second.reply = answer;
    } else {
      group->handled.erase(handled);
    }
    if (answer.to == options_.node) return hear_reply(*group, answer);
    send(answer);
  });
}

void Coordinator::hear_reply(Group& group, const Message& message) {
  auto pending = group.pending.find(message.request_id);
  if (pending == group.pending.end()) return;
  if (message.status == Status::kNotLeader) {
    if (group.leader == message.sender) forget_leader(group);
    // Soon again, to whoever leads then.
    pending->second.sent_ms = now_ms_ - options_.timeout_ms + kRedirectMs;
    if (pending->second.tries > 0) --pending->second.tries;
    return;
  }
  Notice notice;
  notice.kind = Notice::Kind::kReply;
  notice.id = message.request_id;
  notice.request = pending->second.message.request;
  notice.status = message.status;
  notice.error = message.error;
  notice.payload = message.payload;
  Member member = pending->second.member;
  group.pending.erase(pending);
  notify(group, member, std::move(notice));
}

std::optional<Notice> Coordinator::next_notice(Member member) {
  MutexLock lock(mutex_);
  Group* group = group_of(member);
  if (group == nullptr) return std::nullopt;
  Seat& seat = *seat_of(*group, member);
  if (seat.notices.empty()) return std::nullopt;
  Notice notice = std::move(seat.notices.front());
  seat.notices.pop_front();
  return notice;
}

bool Coordinator::has_notices(Member member) {
  MutexLock lock(mutex_);
  Group* group = group_of(member);
  return group != nullptr && !seat_of(*group, member)->notices.empty();
}

void Coordinator::elected(const std::string& collection) {
  locked([&] {
    auto group = groups_.find(collection);
    if (group == groups_.end()) return ask(CoordinatorAction::Kind::kRelease, collection);
    group->second.elected = group->second.asked = true;
    appoint(group->second);
  });
}

void Coordinator::lost(const std::string& collection) {
  locked([&] {
    auto group = groups_.find(collection);
    if (group == groups_.end()) return;
    group->second.elected = false;
    step_down(group->second, true);
  });
}

void Coordinator::receive(Bytes bytes) {
  std::optional<Message> message = decode_message(bytes);
  if (!message || message->sender == options_.node) return;
  if (message->database != options_.database) return;
  if (!message->to.empty() && message->to != options_.node) return;
  locked([&] {
    auto found = groups_.find(message->collection);
    if (found == groups_.end()) return;
    Group& group = found->second;
    switch (message->kind) {
      case fb::MessageKind::Heartbeat:
        return hear_heartbeat(group, *message);
      case fb::MessageKind::Changed:
        return tell_change(group, message->position, 0);
      case fb::MessageKind::Request:
        return hear_request(group, *message);
      case fb::MessageKind::Reply:
        return hear_reply(group, *message);
    }
  });
}

void Coordinator::hear_heartbeat(Group& group, const Message& message) {
  if (!message.leads) {
    if (group.leader == message.sender) forget_leader(group);
    return;
  }
  if (message.leader_term < group.leader_term) return;  // it was overtaken, and does not know yet
  bool is_new = group.leader != message.sender || group.leader_term != message.leader_term;
  if (group.leading != 0 && group.term < message.leader_term && group.term != 0)
    step_down(group, true);
  if (group.leading != 0) return;
  group.leader = message.sender;
  group.leader_term = message.leader_term;
  group.heard_ms = now_ms_;
  if (message.position != group.position) {
    group.position = message.position;
    tell_change(group, message.position, 0);
  }
  if (!is_new) return;
  send_all_requests(group);
}

void Coordinator::forget_leader(Group& group) { group.leader.clear(); }

void Coordinator::gone(const std::string& node) {
  locked([&] {
    for (auto& [name, group] : groups_)
      if (group.leader == node) forget_leader(group);
  });
}

void Coordinator::announce() {
  locked([&] {
    for (auto& [name, group] : groups_)
      if (group.term != 0) beat(group);
  });
}

void Coordinator::tick(int64_t now_ms) {
  locked([&] {
    now_ms_ = std::max(now_ms_, now_ms);
    for (auto& [name, group] : groups_) tick_group(group);
  });
}

void Coordinator::tick_group(Group& group) {
  if (group.term != 0 && (group.beat_ms < 0 || now_ms_ - group.beat_ms >= options_.heartbeat_ms))
    beat(group);
  bool is_silent = now_ms_ - group.heard_ms > kSilentBeats * options_.heartbeat_ms;
  if (!group.leader.empty() && group.leader != options_.node && is_silent) forget_leader(group);
  std::vector<std::string> late, again;
  for (auto& [id, pending] : group.pending) {
    if (!pending.sent_ms) pending.sent_ms = now_ms_;
    if (now_ms_ - *pending.sent_ms < options_.timeout_ms) continue;
    bool gives_up = pending.tries > options_.retries;
    (gives_up ? late : again).push_back(id);
    if (!gives_up) ++pending.tries;
  }
  for (const std::string& id : again) send_request(group, id);
  for (const std::string& id : late) {
    Message answer = message_of(group, fb::MessageKind::Reply);
    answer.request_id = id;
    answer.status = Status::kTimeout;
    answer.error = "the instance that leads \"" + group.name +
                   "\" has not answered in time; it may hang, or nobody leads it";
    hear_reply(group, answer);
  }
  while (group.handled.size() > kMaxHandled) group.handled.erase(group.handled.begin());
  std::erase_if(group.handled, [&](const auto& entry) {
    return entry.second.reply && now_ms_ - entry.second.at_ms > kHandledMs;
  });
}

std::optional<CoordinatorAction> Coordinator::next_action() {
  std::optional<CoordinatorAction> action;
  take_action([&](const CoordinatorAction& next) { action = next; });
  return action;
}

bool Coordinator::take_action(const std::function<void(const CoordinatorAction&)>& take) {
  MutexLock lock(mutex_);
  if (actions_.empty()) return false;
  take(actions_.front());
  actions_.pop_front();
  return true;
}

bool Coordinator::has_work() {
  MutexLock lock(mutex_);
  if (!actions_.empty()) return true;
  for (const auto& [name, group] : groups_)
    for (const Seat& seat : group.seats)
      if (!seat.notices.empty()) return true;
  return false;
}

}  // namespace cairn
