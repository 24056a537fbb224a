// A transaction on one collection: begin, add row batches, commit. Where the store holds
// transactions it is open meanwhile; elsewhere the batches wait for the commit. One thread at a
// time.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/collection/collection.h"
#include "core/collection/writer.h"

namespace cairn {

class Transaction {
 public:
  Transaction(std::shared_ptr<Collection> collection, TransactionOptions options);
  ~Transaction();

  // After an error only the end is left: kWrongState.
  void add(Bytes batch);
  // One row, as portable values; `value` is null for a deletion.
  void put(Bytes key, const Bytes* value);
  CommitResult commit();

 private:
  void begin();
  void apply_row(Writer& writer, Bytes key, const Bytes* value);
  CommitResult commit_open();
  CommitResult commit_waiting();
  void end() noexcept;
  void expect_open() const;
  template <typename Body>
  auto step(Body body);
  void sync(CommitResult& result);

  std::shared_ptr<Collection> collection_;
  TransactionOptions options_;
  enum class State { kOpen, kFailed, kEnded } state_ = State::kOpen;
  std::optional<Lease> lease_;
  std::optional<Writer> writer_;
  std::vector<std::function<void(Writer&)>> waiting_;
};

}  // namespace cairn
