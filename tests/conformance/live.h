// What a scenario has open beside databases and collections, by names: cursors, replicas and
// coordinators, and the steps on them. One thread.
#pragma once

#include <map>
#include <string>

#include "api.h"
#include "reference.h"

namespace cairn::testing {

class Live {
 public:
  // Carries out a step on something that is open; false where it is a step of another kind.
  bool perform(const Json& step);
  void add_cursor(const Json& step, cairn_cursor* cursor);
  void open_coordinator(const Json& step, cairn_database* database);
  void open_replica(const Json& step, cairn_collection* collection);
  // Closes all that was opened by steps on the database of that name, or everything.
  void close(const std::string& db);
  void close();

  // Reads a cursor to its end, and compares what the step says of it.
  static void drain(const Json& step, cairn_cursor* cursor);

 private:
  void next(const Json& step);
  void answer(const Json& step);
  void drain_named(const Json& step);
  void release(const Json& step);
  void send(const Json& step);
  void effects(const Json& step);
  void actions(const Json& step);
  void deliver(const Json& step, const Json& message);

  std::map<std::string, std::string> owner_;  // the database of each name
  std::map<std::string, CoordinatorPtr> coordinators_;
  std::map<std::string, ReplicaPtr> replicas_;
  std::map<std::string, std::map<std::string, Json>> numbers_;  // of effects, by replica and kind
  std::map<std::string, CursorPtr> cursors_;
};

}  // namespace cairn::testing
