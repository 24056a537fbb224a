#include "core/value/batch_reader.h"

#include "core/value/key.h"

namespace cairn {

using flatbuffers::uoffset_t;

namespace {

// Vectors of doubles and versions are read where they are, so the batch has to be aligned, and they
// in it.
constexpr size_t kAlignment = 8;

Bytes aligned(Bytes batch, ByteBuffer& copy) {
  if (batch.size() > kMaxBatchBytes) throw Error(Status::kTooLarge, "a row batch above 64 MiB");
  if (reinterpret_cast<uintptr_t>(batch.data()) % kAlignment == 0) return batch;
  copy.put(batch);
  return copy.bytes();
}

const fb::RowBatch* verified(Bytes batch) {
  flatbuffers::Verifier verifier(batch.data(), batch.size(), /*max_depth=*/128);
  if (batch.size() < 8 || !verifier.VerifyBuffer<fb::RowBatch>(nullptr))
    malformed("row batch: not a RowBatch table");
  return flatbuffers::GetRoot<fb::RowBatch>(batch.data());
}

[[noreturn]] void rethrow(const ValueError& error, size_t row, Bytes key) {
  std::string where = "row " + std::to_string(row);
  if (!key.empty()) where += ", key " + describe_key(key);
  throw Error(error.status(), where + ": " + error.describe());
}

}  // namespace

// Kept apart so that its address stays: every column refers to it.
struct BatchReader::Context : BatchContext {};

BatchReader::BatchReader(Bytes bytes, ShapeWriter& shapes) {
  Bytes batch = aligned(bytes, aligned_);
  batch_ = verified(batch);
  rows_ = batch_->count();
  context_ = std::make_unique<Context>(Context{{{}, {}, batch_->encoding(), shapes, 0}});
  if (batch_->narrow() != nullptr)
    context_->narrow = {batch_->narrow()->data(), batch_->narrow()->size()};
  if (batch_->wide() != nullptr)
    context_->wide = {reinterpret_cast<const uint8_t*>(batch_->wide()->data()),
                      size_t{2} * batch_->wide()->size()};
  keys_ = std::make_unique<ColumnReader>(batch_->keys(), rows_, *context_, 1);
  check_counts();
}

BatchReader::~BatchReader() = default;

void BatchReader::check_counts() {
  if (batch_->ops() != nullptr && batch_->ops()->size() != rows_)
    malformed("row batch: wrong number of ops");
  if (batch_->metadata_ops() != nullptr && batch_->metadata_ops()->size() != rows_)
    malformed("row batch: wrong number of metadata ops");
  const auto* versions = batch_->versions();
  if (versions != nullptr && versions->size() != rows_)
    malformed("row batch: wrong number of versions");
  if (versions != nullptr && versions->size() != 0 &&
      reinterpret_cast<uintptr_t>(versions->data()) % kAlignment != 0)
    malformed("row batch: versions are not aligned");
  size_t values = 0, metadata = 0;
  for (size_t i = 0; i < rows_; ++i) {
    auto at = static_cast<uoffset_t>(i);
    uint8_t op = batch_->ops() == nullptr ? 0 : batch_->ops()->Get(at);
    uint8_t metadata_op = batch_->metadata_ops() == nullptr ? 0 : batch_->metadata_ops()->Get(at);
    if (op > static_cast<uint8_t>(fb::Op::MAX)) malformed("row batch: unknown op");
    if (metadata_op > static_cast<uint8_t>(fb::MetadataOp::MAX))
      malformed("row batch: unknown metadata op");
    values += op <= static_cast<uint8_t>(fb::Op::Update);
    metadata += metadata_op == static_cast<uint8_t>(fb::MetadataOp::Set);
  }
  values_ = std::make_unique<ObjectsReader>(batch_->values(), values, *context_, 1);
  if (metadata != 0)
    metadata_column_ = std::make_unique<ColumnReader>(batch_->metadata(), metadata, *context_, 1);
}

bool BatchReader::next() {
  return next_row([this] { read_value(); });
}

bool BatchReader::next_key() {
  return next_row([] {});
}

template <typename Read>
bool BatchReader::next_row(Read read) {
  if (at_ == rows_) return false;
  auto at = static_cast<uoffset_t>(at_);
  op_ = batch_->ops() == nullptr ? fb::Op::Insert : static_cast<fb::Op>(batch_->ops()->Get(at));
  metadata_op_ = batch_->metadata_ops() == nullptr
                     ? fb::MetadataOp::Keep
                     : static_cast<fb::MetadataOp>(batch_->metadata_ops()->Get(at));
  key_.clear();
  try {
    keys_->put_next_key(key_);
    read();
  } catch (const ValueError& error) {
    rethrow(error, at_, key_.bytes());
  }
  ++at_;
  return true;
}

void BatchReader::read_value() {
  if (op_ <= fb::Op::Update) patch_ = values_->next_patch(value_, op_ == fb::Op::Insert);
  if (metadata_op_ != fb::MetadataOp::Set) return;
  metadata_.clear();
  TupleWriter writer(metadata_, 1);
  try {
    metadata_column_->put_next(writer, 2);  // undefined has no meaning here
  } catch (ValueError& error) {
    error.inside(std::string_view("metadata"));
    throw;
  }
}

}  // namespace cairn
