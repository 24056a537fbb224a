// The thin part of a binding, on the consumer's thread, as a reference: it numbers the events of
// one replica, keeps the rows that the consumer sees, and drops what is older than what the
// consumer's source has written since. FRONT.md describes the protocol. It knows nothing of values:
// keys and rows are texts that a decoder gives. One thread at a time.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/replica/types.h"

namespace cairn {

class Front {
 public:
  // A row of a batch; without a value the key is deleted.
  struct Row {
    std::string key;
    std::optional<std::string> value;
  };
  using Decode = std::function<std::vector<Row>(Bytes batch)>;
  using Send = std::function<void(ReplicaEvent event)>;

  Front(Decode decode, Send send) : decode_(std::move(decode)), send_(std::move(send)) {}

  // Sends an event under the next number, which it gives. A write of the source is seen at once.
  uint64_t send(ReplicaEvent event);
  // Local mutations, seen at once and until they are confirmed or rejected.
  uint64_t mutate(ReplicaEvent event);
  // Takes an effect: rows, and what becomes of mutations. Other effects are the caller's.
  void take(const ReplicaEffect& effect);

  // Whether the effects that come are still those of the run before the last start.
  bool is_starting() const { return starting_ != 0; }

  // What is known to be in the collection, and what the consumer sees of a key.
  const std::map<std::string, std::string>& rows() const { return rows_; }
  std::optional<std::string> see(const std::string& key) const;

 private:
  void write(const Row& row, uint64_t number);
  void truncate(uint64_t number);
  void take_rows(const ReplicaEffect& effect);
  void end_replace(uint64_t seen);
  bool is_older(const std::string& key, uint64_t seen) const;
  void put(const Row& row);

  Decode decode_;
  Send send_;
  uint64_t last_ = 0;
  uint64_t starting_ = 0;  // the start whose effects have not begun yet
  std::map<std::string, std::string> rows_;
  std::map<std::string, uint64_t> written_;  // the source's last event for a key, deletions too
  uint64_t truncated_ = 0;                   // the source's last event that dropped everything
  std::optional<std::set<std::string>> mentioned_;  // while everything is replaced
  std::map<uint64_t, std::vector<Row>> pending_;    // local mutations by event
};

}  // namespace cairn
