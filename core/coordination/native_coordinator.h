// Carries out what the rules of coordination ask for, between the processes of one machine that
// have one database file open: it sends messages, holds the locks by which leaders are elected, and
// tells the time. Any thread; it has one of its own.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/collection/database.h"
#include "core/coordination/coordinator.h"
#include "core/coordination/peers.h"
#include "core/platform/worker.h"

namespace cairn {

class NativeCoordinator {
 public:
  // `rules` must not be alone. Throws kInvalidArgument for a database without a file of its own,
  // and kUnsupported where this cannot be done.
  NativeCoordinator(std::shared_ptr<Database> database, std::shared_ptr<Coordinator> rules);
  NativeCoordinator(const NativeCoordinator&) = delete;
  NativeCoordinator& operator=(const NativeCoordinator&) = delete;
  ~NativeCoordinator();

  // Once the on_work() of the rules calls carry(). Throws what Peers throws. Beside a read-only
  // file where nothing can be made nobody is heard of, and nobody leads.
  void start();
  // Does what the rules ask for. Called under no lock.
  void carry();

 private:
  void work();
  void elect();
  bool try_lead(const std::string& collection);
  bool holds(const std::string& collection);
  void release(const std::string& collection);

  std::shared_ptr<Database> database_;
  std::shared_ptr<Coordinator> rules_;
  Mutex order_mutex_;                    // one thread at a time carries, so that order is kept
  Mutex mutex_;                          // over the two that follow
  std::set<std::string> wanted_;         // collections to lead
  std::map<std::string, int64_t> held_;  // those that are led, with their catalog integers
  Worker worker_;
  std::unique_ptr<Peers> peers_;  // null: nobody can be heard of. Its callbacks use all the others
};

}  // namespace cairn
