// Instances with a replica of one collection each, for tests over every kind of store: their
// coordinators are connected by the test, which elects the first that asks. One thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/replica/front.h"
#include "core/replica/payloads.h"
#include "core/replica/replica.h"
#include "support/collections.h"

namespace cairn::unit {

class ReplicaTest;

// The rows of a row batch as a front takes them: "key" and canonical text.
std::vector<Front::Row> front_rows(Bytes batch);
// The payload of a request to apply mutations.
std::string write_mutation_set(const MutationSet& set);

// One instance. Its front's rows are "key" -> canonical JSON-like text of the row.
class Peer {
 public:
  Peer(ReplicaTest& test, std::string node, const CollectionOptions& collection,
       const ReplicaOptions& options);

  uint64_t send(fb::EventKind kind);
  uint64_t start() { return send(fb::EventKind::Start); }
  uint64_t stop() { return send(fb::EventKind::Stop); }
  // Clauses as clause() reads them, and "~t" for an order by locale.
  uint64_t load(uint64_t id, const std::string& where, const std::vector<std::string>& order = {},
                uint64_t limit = UINT64_MAX);
  uint64_t unload(uint64_t id);
  // A transaction of the source with the cursor that it leaves; gives its last event.
  uint64_t source(const Changes& changes, int cursor, bool truncates = false);
  uint64_t mutate(const std::string& id, const Changes& changes);
  uint64_t request(const std::string& id, fb::RequestKind kind, std::string payload);
  uint64_t done(uint64_t effect, fb::EventKind kind = fb::EventKind::EffectDone);
  void tick(int64_t now_ms);

  // Takes effects until there are none; they are added to `effects`.
  void run();
  bool step();
  std::vector<const ReplicaEffect*> all(fb::EffectKind kind) const;
  bool has(fb::EffectKind kind) const { return !all(kind).empty(); }
  bool is_ready(uint64_t subset, bool remote = false) const;
  const ReplicaEffect& last(fb::EffectKind kind) const { return *all(kind).back(); }
  // Keys of what the front has, in the order of keys.
  std::vector<std::string> keys() const;

  std::shared_ptr<Collection> collection;
  std::shared_ptr<Coordinator> coordinator;
  std::unique_ptr<Replica> replica;
  std::unique_ptr<Front> front;
  std::deque<ReplicaEffect> effects;
};

class ReplicaTest : public CollectionTest {
 protected:
  // A synced collection, or one that is local.
  Peer& add(const ReplicaOptions& options = {}, bool local = false);
  // The same, started and settled.
  Peer& started(const ReplicaOptions& options = {}, bool local = false);
  static ReplicaOptions on_demand();
  // Lets everybody work and carries their messages until nothing is left to do.
  void settle();
  void tick(int64_t now_ms);
  // The collection, as somebody without a replica uses it.
  std::shared_ptr<Collection> plain(bool local = false);
  std::vector<std::string> stored_keys();
  Value cursor();

  std::vector<std::unique_ptr<Peer>> peers_;
  bool carries_ = true;  // messages
  bool elects_ = true;

 private:
  friend class Peer;
  bool carry(Peer& peer);

  std::string holder_;
  std::vector<std::string> waiting_;
};

}  // namespace cairn::unit
