// The rules by which the instances that share a database agree on who leads each collection, tell
// each other what was written, and ask the leader. It has no thread, clock or network of its own:
// the host is asked to elect, release and send, and tells what came of it, what arrives and what
// time it is. An instance is a node; its replicas are the members. Any thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/coordination/message.h"
#include "core/platform/mutex.h"

namespace cairn {

// A name that no other instance has.
std::string random_name();

struct CoordinatorOptions {
  std::string database;
  std::string node;    // no other instance has it
  bool alone = false;  // there is no other instance: it leads at once and sends nothing
  uint32_t heartbeat_ms = 1000;
  uint32_t timeout_ms = 10000;  // for a reply, before the request is sent again
  uint32_t retries = 2;
};

// What the host is to do.
struct CoordinatorAction {
  enum class Kind : uint8_t {
    kElect,    // see to it that one node alone holds the collection; then elected(), now or later
    kRelease,  // let go of the collection, or of the wish to hold it
    kSend      // carry `message` to the node `to`, or to all where it is empty
  };
  Kind kind = Kind::kSend;
  std::string collection;
  std::string to;
  std::string message;
  bool is_hint = false;  // that somebody has written: a newer one takes its place
};

// What a member is told.
struct Notice {
  enum class Kind : uint8_t {
    kLead,     // begin a term, and say so with lead()
    kFollow,   // do not lead any more
    kChanged,  // somebody has written; `position` may be older than what is there
    kRequest,  // answer it with reply()
    kReply
  };
  Kind kind = Kind::kChanged;
  Position position;
  std::string id;
  fb::RequestKind request = fb::RequestKind::EnsureRemoteSubset;
  std::string payload;
  Status status = Status::kOk;
  std::string error;
};

class Coordinator {
 public:
  using Member = uint64_t;

  explicit Coordinator(CoordinatorOptions options) : options_(std::move(options)) {}

  // --- for members ---
  // `may_lead`: it has a source whose transactions it can keep.
  Member join(const std::string& collection, bool may_lead);
  void leave(Member member);
  // The member leads from now on, with a term that it has begun.
  void lead(Member member, uint64_t term, const Position& position);
  // The member cannot lead: it was overtaken. Others get their turn first.
  void resign(Member member);
  void committed(Member member, const Position& position);
  // The reply comes as a notice, a kTimeout too. `id` is the same in every repetition.
  void request(Member member, const std::string& id, fb::RequestKind kind, std::string payload);
  void reply(Member member, const std::string& id, Status status, const std::string& error,
             std::string payload);
  std::optional<Notice> next_notice(Member member);
  bool has_notices(Member member);

  // --- for the host ---
  void elected(const std::string& collection);
  void lost(const std::string& collection);
  // Throws kMalformed; nothing has changed then.
  void receive(Bytes message);
  // A node is not there any more.
  void gone(const std::string& node);
  // Tells all where the collections stand that a member here leads: somebody new is there.
  void announce();
  // `now_ms`: of any clock that does not go back.
  void tick(int64_t now_ms);
  std::optional<CoordinatorAction> next_action();
  // Gives the next action to `take`, and drops it if that does not throw; false where there is
  // none.
  bool take_action(const std::function<void(const CoordinatorAction&)>& take);
  // Whether there is an action, or a notice for any member.
  bool has_work();
  // Called, under no lock, when there may be a new notice or action. Set before anything else.
  void on_work(std::function<void()> callback) { on_work_ = std::move(callback); }

  const std::string& node() const { return options_.node; }

 private:
  struct Seat {
    Member member = 0;
    bool may_lead = false;
    std::deque<Notice> notices;
  };
  // A request of a member here that has no reply yet.
  struct Pending {
    Member member = 0;
    Message message;
    std::optional<int64_t> sent_ms;  // absent before the first tick
    uint32_t tries = 1;
  };
  // A request to the member here that leads; `reply` once there is one.
  struct Handled {
    std::string from;
    int64_t at_ms = 0;
    std::optional<Message> reply;
  };
  struct Group {
    std::string name;
    std::vector<Seat> seats;
    bool asked = false;    // the host was asked to elect
    bool elected = false;  // ... and has
    Member leading = 0;
    uint64_t term = 0;   // of the member that leads; 0: it has not begun
    std::string leader;  // the node that leads, as far as is known
    uint64_t leader_term = 0;
    int64_t heard_ms = 0;
    int64_t beat_ms = -1;
    Position position;
    std::map<std::string, Pending> pending;
    std::map<std::string, Handled> handled;
  };

  template <typename Body>
  void locked(Body body);
  Group* group_of(Member member);
  static Seat* seat_of(Group& group, Member member);
  void notify(Group& group, Member member, Notice notice);
  void tell_change(Group& group, const Position& position, Member except);
  void act(CoordinatorAction action);
  void ask(CoordinatorAction::Kind kind, const std::string& collection);
  void send(const Message& message);
  Message message_of(const Group& group, fb::MessageKind kind) const;
  void beat(Group& group);
  void appoint(Group& group);
  void step_down(Group& group, bool again);
  void hear_heartbeat(Group& group, const Message& message);
  void forget_leader(Group& group);
  void hear_request(Group& group, const Message& message);
  void hear_reply(Group& group, const Message& message);
  void send_request(Group& group, const std::string& id);
  void send_all_requests(Group& group);
  void tick_group(Group& group);

  CoordinatorOptions options_;
  std::function<void()> on_work_;
  Mutex mutex_;
  std::map<std::string, Group> groups_;
  std::deque<CoordinatorAction> actions_;
  Member last_member_ = 0;
  int64_t now_ms_ = 0;
  bool has_work_ = false;
};

}  // namespace cairn
