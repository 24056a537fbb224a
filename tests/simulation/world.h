// A world in which several instances have one database open: each with its coordinator, a replica,
// a front and, for a synced collection, a source that follows a server. Network, clock, election,
// crashes and failures are the world's, and all come of one seed. One thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/replica/front.h"
#include "core/replica/replica.h"
#include "support/stores.h"

namespace cairn::simulation {

using unit::Random;

// What a source follows: a log of changes, and the rows that they make.
class Server {
 public:
  struct Change {
    std::string key;
    std::optional<int> value;
  };
  struct Entry {
    bool truncates = false;
    std::vector<Change> changes;
  };

  void write(Random& random);
  size_t size() const { return log_.size(); }
  const Entry& entry(size_t at) const { return log_[at]; }
  const std::map<std::string, int>& rows() const { return rows_; }

 private:
  std::vector<Entry> log_;
  std::map<std::string, int> rows_;
};

// What is known of local mutations, over all crashes.
struct Ledger {
  struct Entry {
    std::string key;
    std::string removes;  // an earlier key, or none
    bool acknowledged = false;
    bool rejected = false;
    bool by_request = false;
  };
  std::map<std::string, Entry> entries;  // by the mutation's id
  std::set<std::string> being_removed;
};

class World;

// One instance, from its start to its end or crash.
class Instance {
 public:
  Instance(World& world, std::string node);
  ~Instance();

  void poll(size_t effects);
  void step_source();
  void load_subset();
  void unload_subset();
  void mutate();
  void answer_one();
  void stop();
  void start();
  void tick(int64_t now_ms);
  void retry();

  bool source_is_done() const;
  bool has_work() const;
  Coordinator& coordinator() { return *coordinator_; }
  const std::string& node() const { return node_; }
  const Front& front() const { return front_; }
  bool runs() const { return runs_; }
  bool leads() const { return leads_; }
  bool failed() const { return failed_; }
  bool ready() const { return ready_; }
  const std::map<uint64_t, int>& subsets() const { return subsets_; }
  const std::set<std::string>& brought() const { return brought_; }
  uint64_t last_commit() const { return last_commit_; }
  uint64_t saved() const { return saved_; }
  size_t errors() const { return errors_; }
  size_t unanswered() const { return mutations_.size(); }

 private:
  void expect_no_silence();
  void react(const ReplicaEffect& effect);
  void acknowledge(const std::string& id, bool accepted);
  void source_begins(const std::vector<MetadataEntry>& metadata);
  void send_transaction(const Server::Entry& entry, size_t cursor);
  uint64_t send(fb::EventKind kind, std::string batch = {});

  World& world_;
  std::string node_;
  std::shared_ptr<Collection> collection_;
  std::shared_ptr<Coordinator> coordinator_;
  std::unique_ptr<Replica> replica_;
  Front front_;
  bool runs_ = false;
  bool leads_ = false;
  bool failed_ = false;
  bool ready_ = false;
  bool source_runs_ = false;
  std::optional<size_t> cursor_;  // the source has brought the log up to here; nothing: start over
  bool reported_ready_ = false;
  std::set<std::string> brought_;  // keys, by the source since it began, or truncated
  uint64_t last_commit_ = 0;
  uint64_t saved_ = 0;
  size_t errors_ = 0;
  std::map<uint64_t, int> subsets_;  // by id, and which
  uint64_t last_subset_ = 0;
  std::deque<ReplicaEffect> to_answer_;
  std::set<std::string> mutations_;  // without an answer
};

class World {
 public:
  World(uint64_t seed, bool verbose);
  ~World();

  // Runs everything; gives what went wrong, empty where nothing did.
  std::string run();

  // --- for instances ---
  Random& random() { return random_; }
  Server& server() { return server_; }
  Ledger& ledger() { return ledger_; }
  bool is_local() const { return is_local_; }
  bool on_demand() const { return on_demand_; }
  std::shared_ptr<Database> open_database();
  void fail(const std::string& what);
  bool tells() const { return verbose_; }
  void log(const std::string& what) const;

  static constexpr const char* kCollection = "rows";

 private:
  struct Packet {
    std::string to;
    std::string from;
    std::string bytes;
  };

  void step();
  void act(Instance& instance);
  void carry(Instance& instance);
  void deliver();
  void crash();
  void start_one();
  void grant();
  void steal();
  void tell_lost();
  void hold_store();
  void release_store();
  void reset();
  void check_cursor();
  void settle();
  bool settle_round();
  void check_end();
  void check_front(Instance& instance, const std::map<std::string, std::string>& file);
  void check_ledger(const std::map<std::string, std::string>& file);
  std::map<std::string, std::string> rows_of_file();
  std::optional<size_t> cursor_of_file();
  Instance* pick();
  Instance* find(const std::string& node);
  void guarded(const std::function<void()>& body);

  const uint64_t seed_;
  const bool verbose_;
  Random random_;
  std::optional<unit::TempFolder> folder_;  // of a database in a file
  std::shared_ptr<Database> database_;      // the world's own
  std::shared_ptr<Collection> collection_;
  std::shared_ptr<Collection> other_;
  bool is_local_;
  bool on_demand_;
  size_t most_instances_;
  Server server_;
  Ledger ledger_;
  std::vector<std::unique_ptr<Instance>> instances_;
  size_t names_ = 0;
  std::vector<Packet> network_;
  bool loses_ = true;
  std::string holder_;  // of the lock by which a leader is elected
  std::set<std::string> waiting_;
  std::set<std::string> robbed_;  // had the lock, and do not know yet that it is gone
  std::optional<Lease> held_;     // nobody else can use the store meanwhile
  int64_t now_ms_ = 1000;
  uint64_t term_ = 0, epoch_ = 0;
  std::optional<size_t> last_cursor_;
  std::string failure_;
};

}  // namespace cairn::simulation
