#include "support/collections.h"

#include <algorithm>

#include "batch_writer.h"
#include "core/value/key.h"

namespace cairn {

void PrintTo(Outcome outcome, std::ostream* out) {
  static constexpr const char* kNames[] = {"applied", "unchanged", "ignored", "repeated"};
  *out << kNames[static_cast<size_t>(outcome)];
}

}  // namespace cairn

namespace cairn::unit {

Changes& Changes::add(BatchRow row) {
  rows_.push_back(std::move(row));
  return *this;
}

Changes& Changes::add(fb::Op op, const Value& key, const Object& value) {
  return add(BatchRow{.key = key, .op = op, .value = value, .metadata = {}});
}

Changes& Changes::touch(const Value& key, const Value& metadata) {
  bool set = metadata.get<std::nullptr_t>() == nullptr;
  return add(BatchRow{.key = key,
                      .op = fb::Op::Touch,
                      .value = {},
                      .metadata_op = set ? fb::MetadataOp::Set : fb::MetadataOp::Remove,
                      .metadata = metadata});
}

std::string Changes::batch() const {
  cairn::testing::BatchWriter writer;
  for (const BatchRow& row : rows_) {
    bool set = row.metadata_op == fb::MetadataOp::Set;
    writer.add(static_cast<cairn::testing::BatchOp>(row.op), portable(row.key), portable(row.value),
               static_cast<cairn::testing::BatchMetadata>(row.metadata_op),
               set ? portable(row.metadata) : "");
  }
  return writer.finish();
}

CollectionTest::CollectionTest() : database_(open_database()) {}

std::shared_ptr<Database> CollectionTest::open_database() {
  return std::make_shared<Database>(open_store(), Durability::kDefault);
}

void CollectionTest::reopen() {
  if (in_memory()) return;
  database_.reset();
  database_ = open_database();
}

std::shared_ptr<Collection> CollectionTest::open(const std::string& name,
                                                 const CollectionOptions& options) {
  return Collection::open(database_, name, options);
}

CommitResult CollectionTest::apply(std::shared_ptr<Collection> collection, const Changes& changes,
                                   const TransactionOptions& options) {
  std::string batch = changes.batch();
  Transaction transaction(std::move(collection), options);
  if (!changes.empty()) transaction.add(as_bytes(batch));
  return transaction.commit();
}

Changes CollectionTest::numbered(int from, int to) {
  Changes changes;
  for (int i = from; i < to; ++i) changes.insert("k" + std::to_string(i), {{"n", i}});
  return changes;
}

namespace {

Loaded read_all(Cursor& cursor) {
  Loaded loaded;
  loaded.head = cursor.head();
  MemoryShapes shapes;
  for (CursorStep step = cursor.next(); step.batch; step = cursor.next()) {
    BatchRows rows = read_batch(bytes_of(*step.batch), shapes);
    loaded.rows.insert(loaded.rows.end(), rows.begin(), rows.end());
    ++loaded.batches;
  }
  return loaded;
}

}  // namespace

Loaded CollectionTest::load(std::shared_ptr<Collection> collection, LoadRequest request) {
  return read_all(*Cursor::load(std::move(collection), request));
}

Loaded CollectionTest::delta(std::shared_ptr<Collection> collection, uint64_t since,
                             uint64_t epoch) {
  DeltaRequest request;
  request.since = since;
  request.reset_epoch = epoch;
  return read_all(*Cursor::delta(std::move(collection), request));
}

Rows CollectionTest::rows(std::shared_ptr<Collection> collection) {
  Rows rows;
  for (const BatchRow& row : load(std::move(collection)).rows)
    rows.emplace(encoded_key(row.key), row.value);
  return rows;
}

Value CollectionTest::row(std::shared_ptr<Collection> collection, const Value& key) {
  ByteBuffer out;
  std::string bytes = portable(key);
  if (!collection->get(as_bytes(bytes), out)) return nullptr;
  return decode_value(out.bytes());
}

void CollectionTest::expect_in_order() {
  CheckReport report = database_->check({});
  EXPECT_EQ(report.problem_count, 0u);
  for (const Problem& problem : report.problems)
    ADD_FAILURE() << problem.collection << " " << hex(problem.key) << ": " << problem.message;
}

std::vector<Value> keys_of(const BatchRows& rows, fb::Op op) {
  std::vector<Value> keys;
  for (const BatchRow& row : rows)
    if (row.op == op) keys.push_back(row.key);
  std::sort(keys.begin(), keys.end(),
            [](const Value& a, const Value& b) { return encoded_key(a) < encoded_key(b); });
  return keys;
}

}  // namespace cairn::unit
