// Writes row batches with every operation, for tests: the plainest layout that schemas/batch.fbs
// allows, with tagged columns only. Not thread-safe, as nothing that builds one batch needs to be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::testing {

enum class BatchOp : uint8_t { Insert = 0, Update = 1, Delete = 2, Touch = 3 };
enum class BatchMetadata : uint8_t { Keep = 0, Set = 1, Remove = 2 };

// Keys, values and metadata are portable values.
class BatchWriter {
 public:
  // `value` counts for Insert and Update alone.
  void add(BatchOp op, const std::string& key, const std::string& value = "",
           BatchMetadata metadata_op = BatchMetadata::Keep, const std::string& metadata = "");
  size_t rows() const { return ops_.size(); }
  // The batch's bytes.
  std::string finish() const;

 private:
  struct Tagged {
    std::vector<uint8_t> data;
    std::vector<uint32_t> ends;
    void add(const std::string& value);
  };

  std::vector<uint8_t> ops_;
  std::vector<uint8_t> metadata_ops_;
  Tagged keys_;
  Tagged values_;
  Tagged metadata_;
};

}  // namespace cairn::testing
