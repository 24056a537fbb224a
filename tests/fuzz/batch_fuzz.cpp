// Row batches from anywhere: into BatchReader, JSON, and transactions of every kind. What a
// transaction takes has to be in order, and to read back: a load and a delta of it, applied to
// other collections, give the same digest.
#include <cstring>

#include "fuzz.h"
#include "support/batches.h"

namespace cairn::fuzz {

// In memory nothing but the batch can be wrong.
bool may_answer(cairn_status status) { return status < CAIRN_BUSY; }

namespace {

using namespace testing;

enum Flags : uint8_t {
  kMisaligned = 1,
  kReconcile = 2,
  kReplace = 4,
  kTruncate = 8,
  kReportKeys = 16,
  kDryRun = 32,
  kUtf16 = 64,
  kTwice = 128,
};

std::string transaction_options(uint8_t flags) {
  std::string json = "{\"mode\":";
  json += (flags & kReconcile) != 0 ? "\"Reconcile\"" : "\"Apply\"";
  if ((flags & kReplace) != 0) json += ",\"replace\":true";
  if ((flags & kTruncate) != 0) json += ",\"truncate\":true";
  if ((flags & kReportKeys) != 0) json += ",\"report_keys\":true";
  if ((flags & kDryRun) != 0) json += ",\"dry_run\":true";
  return make_table("TransactionOptions", json + "}");
}

// Reads a batch as the engine's own writer does; false where its layout is refused.
bool read(Bytes batch) {
  bool laid_out = false;
  unit::MemoryShapes shapes(4);
  try {
    BatchReader reader(batch, shapes);
    laid_out = true;
    RowEncoder encoder(shapes);
    while (reader.next()) {
      if (reader.op() > fb::Op::Update) continue;
      encoder.insert(reader.patch());
      verify_row(encoder.row(), shapes);
    }
  } catch (const Error& error) {
    expect(error.status() < Status::kSchemaMismatch, error.what());
  }
  return laid_out;
}

// What a view reads of a table of a row batch: vectors with the size of their elements, and tables
// with their kind.
struct Field {
  const char* name;
  uint32_t element_size;
  const Field* inner;  // up to one without a name
};

extern const Field kObjects[];

const Field kColumn[] = {{"nulls", 1, nullptr},   {"data", 1, nullptr},  {"ints", 4, nullptr},
                         {"doubles", 8, nullptr}, {"ends", 4, nullptr},  {"codes", 1, nullptr},
                         {"codes16", 2, nullptr}, {"child", 0, kColumn}, {"objects", 0, kObjects},
                         {nullptr, 0, nullptr}};
const Field kGroup[] = {{"fields", 1, nullptr}, {"columns", 0, kColumn}, {nullptr, 0, nullptr}};
const Field kObjects[] = {
    {"group_of", 2, nullptr}, {"groups", 0, kGroup}, {"loose", 0, kColumn}, {nullptr, 0, nullptr}};
const Field kRowBatch[] = {
    {"keys", 0, kColumn},     {"ops", 1, nullptr},          {"values", 0, kObjects},
    {"versions", 8, nullptr}, {"metadata_ops", 1, nullptr}, {"metadata", 0, kColumn},
    {"narrow", 1, nullptr},   {"wide", 2, nullptr},         {nullptr, 0, nullptr}};

// Reads every byte that a view gives, up to so many tables.
void walk(cairn_view* view, uint32_t table, const Field* fields, int& left) {
  for (const Field* field = fields; field->name != nullptr; ++field) {
    size_t name_size = std::strlen(field->name);
    if (field->inner == nullptr) {
      const void* first = nullptr;
      size_t count = 0;
      answer(cairn_view_vector, view, table, field->name, name_size, field->element_size, &first,
             &count);
      std::string copy(static_cast<const char*>(first), count * field->element_size);
      continue;
    }
    uint32_t inner = 0;
    for (size_t i = 0; left > 0 && answer(cairn_view_table, view, table, field->name, name_size, i,
                                          &inner) == CAIRN_OK;
         ++i, --left)
      walk(view, inner, field->inner, left);
  }
}

void view(Bytes batch) {
  cairn_view* view = nullptr;
  constexpr std::string_view kName = "RowBatch";
  int tables = 1000;
  if (answer(cairn_view_open, kName.data(), kName.size(), batch.data(), batch.size(), &view) ==
      CAIRN_OK)
    walk(view, 0, kRowBatch, tables);
  cairn_view_close(view);
}

bool write(cairn_collection* collection, uint8_t flags,
           const std::vector<std::string_view>& batches) {
  std::string options = transaction_options(flags);
  auto transaction =
      give<TransactionPtr>(cairn_transaction_begin, collection, bytes_of(options), options.size());
  if (transaction == nullptr) return false;
  for (std::string_view batch : batches)
    if (answer(cairn_transaction_add, transaction.get(), bytes_of(batch), batch.size()) != CAIRN_OK)
      return false;
  auto result = give<BufferPtr>(cairn_transaction_commit, transaction.get());
  if (result == nullptr) return false;
  read_table("CommitResult", text_of(result));
  return true;
}

std::string digest(cairn_database* database, const std::string& name) {
  std::string report = read_table("DigestReport", call_for_bytes(cairn_database_digest, database));
  size_t at = report.find("{\"name\":\"" + name + "\"");
  expect(at != std::string::npos, "a digest lacks a collection");
  size_t rows = report.find("\"rows\"", at);
  return report.substr(rows, report.find('}', rows) - rows);
}

// Writes what a cursor gives into a new collection, which then has to be the same.
void copy(cairn_database* database, CursorPtr cursor, const std::string& name) {
  expect(cursor != nullptr, "a collection cannot be read");
  auto batches = batches_of(cursor.get());
  std::vector<std::string_view> texts;
  for (const BufferPtr& batch : batches) {
    texts.push_back(text_of(batch));
    expect(give<BufferPtr>(cairn_batch_to_json, bytes_of(texts.back()), texts.back().size()) !=
               nullptr,
           "a batch of the engine's own is not readable as JSON");
  }
  CollectionPtr target = open_collection(database, name);
  expect(write(target.get(), 0, texts), "a batch of the engine's own is refused");
  expect(digest(database, name) == digest(database, "c"), "a copy differs from its source");
}

void read_back(cairn_database* database, cairn_collection* collection, uint8_t flags) {
  std::string report =
      read_table("CheckReport", call_for_bytes(cairn_database_check, database, nullptr, size_t{0}));
  if (report.find("\"ok\":true") == std::string::npos) fail(report);
  std::string encoding = (flags & kUtf16) != 0 ? "\"Utf16\"" : "\"Utf8\"";
  std::string load = make_table(
      "LoadRequest", "{\"metadata\":true,\"batch_rows\":3,\"encoding\":" + encoding + "}");
  copy(database, give<CursorPtr>(cairn_collection_load, collection, bytes_of(load), load.size()),
       "load");
  std::string delta =
      make_table("DeltaRequest", "{\"metadata\":true,\"encoding\":" + encoding + "}");
  auto cursor = give<CursorPtr>(cairn_collection_delta, collection, bytes_of(delta), delta.size());
  expect(cursor != nullptr, "a delta cannot be read");
  std::string head = read_table("CursorHead", call_for_bytes(cairn_cursor_head, cursor.get()));
  if (head.find("\"reload\":true") == std::string::npos) copy(database, std::move(cursor), "delta");
}

void run(Input input) {
  uint8_t flags = input.byte();
  std::vector<uint8_t> bytes = input.rest();
  bool shifted = (flags & kMisaligned) != 0;
  if (shifted) bytes.insert(bytes.begin(), 0);
  Bytes batch = Bytes(bytes).subspan(shifted ? 1 : 0);
  give<BufferPtr>(cairn_batch_to_json, batch.data(), batch.size());
  view(batch);
  if (!read(batch)) return;

  DatabasePtr database = open_database("", "{\"in_memory\":true}");
  CollectionPtr collection = open_collection(database.get(), "c");
  std::string_view json = R"([{"id":"k","a":1,"b":[{"x":null}]},{"id":1,"a":"text"}])";
  static const std::string kRows =
      call_for_bytes(cairn_batch_from_json, json.data(), json.size(), "id", size_t{2});
  expect(write(collection.get(), 0, {kRows}), "the first rows are refused");
  write(collection.get(), flags, {as_text(batch)});
  if ((flags & kTwice) != 0) write(collection.get(), flags, {as_text(batch), as_text(batch)});
  read_back(database.get(), collection.get(), flags);
}

}  // namespace
}  // namespace cairn::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cairn::fuzz::NoLeaks objects;
  cairn::fuzz::run({data, size});
  return 0;
}
