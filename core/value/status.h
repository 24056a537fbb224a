// The engine's one error type. A status is what the C API returns (capi ties each to its C twin);
// an Error carries it up to the barrier. Any thread.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace cairn {

enum class Status : int32_t {
  kOk = 0,
  kDone = 1,
  kNotFound = 2,
  kCancelled = 3,
  kQuestion = 4,
  kInvalidArgument = 100,
  kMalformed = 101,
  kInvalidValue = 102,
  kTooLarge = 103,
  kUnsupported = 104,
  kWrongState = 105,
  kForked = 106,
  kSchemaMismatch = 200,
  kDropped = 201,
  kSnapshotExpired = 202,
  kNotLeader = 203,
  kReset = 204,
  kBusy = 300,
  kReadOnly = 301,
  kDiskFull = 302,
  kIo = 303,
  kCorrupt = 304,
  kNotADatabase = 305,
  kForeignDatabase = 306,
  kNewerFormat = 307,
  kCannotOpen = 308,
  kHost = 309,
  kTruncated = 310,
  kTimeout = 311,
  kOutOfMemory = 400,
  kInternal = 401,
  kVersionSkew = 402,
};

class Error : public std::runtime_error {
 public:
  Error(Status status, const std::string& message, int sqlite_code = 0, bool retryable = false)
      : std::runtime_error(message),
        status_(status),
        sqlite_code_(sqlite_code),
        retryable_(retryable) {}

  Status status() const { return status_; }
  int sqlite_code() const { return sqlite_code_; }
  bool retryable() const { return retryable_; }

  // Whether it says that bytes are wrong, and not that something failed while they were read.
  bool is_about_bytes() const {
    return status_ == Status::kMalformed || status_ == Status::kInvalidValue ||
           status_ == Status::kTooLarge || status_ == Status::kCorrupt;
  }

 private:
  Status status_;
  int sqlite_code_;
  bool retryable_;
};

[[noreturn]] inline void malformed(const std::string& what) {
  throw Error(Status::kMalformed, what);
}

}  // namespace cairn
