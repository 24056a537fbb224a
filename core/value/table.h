// A FlatBuffers table from outside, verified before it is read, and copied first where it is not
// aligned. One thread at a time; the bytes must outlive it.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <string>

#include "core/value/bytes.h"
#include "core/value/tags.h"

namespace cairn {

template <typename T>
class VerifiedTable {
 public:
  // Null without bytes. Tables in byte vectors are for their readers to verify. Throws kMalformed,
  // kTooLarge.
  explicit VerifiedTable(Bytes bytes, size_t most_bytes = kMaxBatchBytes) {
    if (bytes.empty()) return;
    if (bytes.size() > most_bytes)
      throw Error(Status::kTooLarge, "a request, its options or an event exceed 64 MiB");
    if (reinterpret_cast<uintptr_t>(bytes.data()) % 8 != 0) {
      copy_.put(bytes);
      bytes = copy_.bytes();
    }
    flatbuffers::Verifier::Options options;
    options.check_nested_flatbuffers = false;
    flatbuffers::Verifier verifier(bytes.data(), bytes.size(), options);
    if (bytes.size() < 8 || !verifier.VerifyBuffer<T>(nullptr))
      malformed(std::string("not a ") + T::GetFullyQualifiedName() + " table");
    table_ = flatbuffers::GetRoot<T>(bytes.data());
  }

  const T* get() const { return table_; }

 private:
  ByteBuffer copy_;
  const T* table_ = nullptr;
};

}  // namespace cairn
