#include "operations.h"

#include "formats.h"

namespace cairn::testing {
namespace {

constexpr const char* kOptions = R"({"background": false, "busy_timeout_ms": 50})";
constexpr const char* kTransaction =
    R"({"id": "t1", "metadata": [{"key": "m", "value": {"new": [1, {"nested": true}]}}]})";
constexpr int kRows = 40;
constexpr const char* kIndex = R"({"signature": "s", "expressions": [
    {"nodes": [{"kind": "Reference", "path": ["text"]}]}, {"nodes": [
    {"kind": "Reference", "path": ["nested", "list"]},
    {"kind": "Call", "function": "length", "arguments": [0]}]}]})";
constexpr const char* kQuery = R"({"subset": {"where": {"nodes": [
    {"kind": "Reference", "path": ["text"]}, {"kind": "Value", "value": "t%"},
    {"kind": "Call", "function": "ilike", "arguments": [0, 1]}]},
    "order_by": [{"expression": {"nodes": [{"kind": "Reference", "path": ["id"]}]},
    "direction": "Descending"}], "limit": 7}, "fields": ["id", "text"]})";

Json row(int i, const std::string& text) {
  return {{"id", i}, {"text", text}, {"done", i % 2 == 0}, {"nested", {{"list", {i, "x"}}}}};
}

// Changes every third row, deletes some, adds others, of a shape that the file does not have yet.
std::string changes() {
  BatchWriter batch;
  for (int i = 0; i < kRows; i += 3) {
    batch.add(BatchOp::Update, encode_portable(i), encode_portable({{"text", "changed"}}),
              BatchMetadata::Set, encode_portable("m"));
  }
  for (int i = 1; i < kRows; i += 7) batch.add(BatchOp::Delete, encode_portable(i));
  for (int i = kRows; i < kRows + 10; i++) {
    Json value = row(i, std::string(700, 'n'));
    value["added"] = i;
    batch.add(BatchOp::Insert, encode_portable("k" + std::to_string(i)), encode_portable(value));
  }
  return batch.finish();
}

std::string rows(int from, int to, const std::string& text) {
  BatchWriter batch;
  for (int i = from; i < to; i++)
    batch.add(BatchOp::Insert, encode_portable(i), encode_portable(row(i, text)));
  return batch.finish();
}

// Gives what a call with an error at its end gives, and keeps the error.
template <typename Function, typename... Arguments>
cairn_status attempt(Session& session, Function function, Arguments... arguments) {
  cairn_error* error = nullptr;
  const cairn_status status = function(arguments..., &error);
  session.error.reset(error);
  return status;
}

// The same with something that the call gives.
template <typename Pointer, typename Function, typename... Arguments>
cairn_status attempt_for(Session& session, Pointer& result, Function function,
                         Arguments... arguments) {
  typename Pointer::pointer made = nullptr;
  const cairn_status status = attempt(session, function, arguments..., &made);
  result.reset(made);
  return status;
}

cairn_status open_database_of(Session& s) {
  return attempt_for(s, s.database, cairn_database_open, s.path.data(), s.path.size(),
                     bytes_of(s.open_options), s.open_options.size());
}

cairn_status write(Session& s, const std::string& options, const std::string& batch) {
  cairn_status status = attempt_for(s, s.transaction, cairn_transaction_begin, s.collection.get(),
                                    bytes_of(options), options.size());
  if (status == CAIRN_OK)
    status = attempt(s, cairn_transaction_add, s.transaction.get(), bytes_of(batch), batch.size());
  if (status == CAIRN_OK)
    status = attempt_for(s, s.buffer, cairn_transaction_commit, s.transaction.get());
  s.transaction.reset();
  return status;
}

cairn_status put(Session& s) {
  return attempt(s, cairn_collection_put, s.collection.get(), bytes_of(s.key), s.key.size(),
                 bytes_of(s.value), s.value.size(), nullptr);
}

// Reads a cursor to its end and makes JSON of each batch.
cairn_status read(Session& s) {
  cairn_status status = attempt_for(s, s.buffer, cairn_cursor_head, s.cursor.get());
  while (status == CAIRN_OK) {
    status = attempt_for(s, s.buffer, cairn_cursor_next, s.cursor.get());
    if (status != CAIRN_OK) break;
    BufferPtr text;
    status = attempt_for(s, text, cairn_batch_to_json, cairn_buffer_data(s.buffer.get()),
                         cairn_buffer_size(s.buffer.get()));
  }
  s.cursor.reset();
  return status;
}

cairn_status load(Session& s) {
  const cairn_status status = attempt_for(s, s.cursor, cairn_collection_load, s.collection.get(),
                                          bytes_of(s.load_request), s.load_request.size());
  return status == CAIRN_OK ? read(s) : status;
}

cairn_status query(Session& s) {
  cairn_status status = attempt_for(s, s.cursor, cairn_collection_load, s.collection.get(),
                                    bytes_of(s.query), s.query.size());
  if (status == CAIRN_OK) status = attempt_for(s, s.buffer, cairn_cursor_explain, s.cursor.get());
  return status == CAIRN_OK ? read(s) : status;
}

cairn_status ensure_index(Session& s) {
  return attempt_for(s, s.buffer, cairn_collection_ensure_index, s.collection.get(),
                     bytes_of(s.index_request), s.index_request.size());
}

cairn_status remove_index(Session& s) {
  return attempt(s, cairn_collection_remove_index, s.collection.get(), "s", size_t{1});
}

cairn_status delta(Session& s) {
  const cairn_status status = attempt_for(s, s.cursor, cairn_collection_delta, s.collection.get(),
                                          bytes_of(s.delta_request), s.delta_request.size());
  return status == CAIRN_OK ? read(s) : status;
}

cairn_status get(Session& s) {
  cairn_status status = attempt_for(s, s.buffer, cairn_collection_get, s.collection.get(),
                                    bytes_of(s.key), s.key.size());
  if (status != CAIRN_OK) return status;
  status = attempt_for(s, s.buffer, cairn_value_to_json, cairn_buffer_data(s.buffer.get()),
                       cairn_buffer_size(s.buffer.get()));
  if (status == CAIRN_OK)
    status = attempt_for(s, s.buffer, cairn_collection_metadata, s.collection.get());
  if (status == CAIRN_OK)
    status = attempt_for(s, s.buffer, cairn_collection_info, s.collection.get());
  return status;
}

cairn_status make_json(Session& s) {
  const std::string& text = s.json;
  cairn_status status = attempt_for(s, s.buffer, cairn_value_from_json, text.data(), text.size());
  if (status == CAIRN_OK)
    status = attempt_for(s, s.buffer, cairn_batch_from_json, s.ndjson.data(), s.ndjson.size(), "id",
                         size_t{2});
  BufferPtr json;
  if (status == CAIRN_OK)
    status = attempt_for(s, json, cairn_batch_to_json, cairn_buffer_data(s.buffer.get()),
                         cairn_buffer_size(s.buffer.get()));
  return status;
}

cairn_status table_from_json(Session& s) {
  return attempt_for(s, s.buffer, cairn_table_from_json, "TransactionOptions", size_t{18},
                     s.table_json.data(), s.table_json.size());
}

cairn_status table_to_json(Session& s) {
  return attempt_for(s, s.buffer, cairn_table_to_json, "TransactionOptions", size_t{18},
                     bytes_of(s.options), s.options.size());
}

cairn_status maintain(Session& s) {
  const cairn_status status = attempt(s, cairn_database_maintain, s.database.get(), 60000u);
  return status == CAIRN_OK || status == CAIRN_DONE
             ? attempt(s, cairn_database_flush, s.database.get())
             : status;
}

Json table_in(Session& s, std::string_view table) {
  const auto* data = reinterpret_cast<const char*>(cairn_buffer_data(s.buffer.get()));
  return Json::parse(read_table(table, {data, cairn_buffer_size(s.buffer.get())}));
}

void open(Session& s) { s.open(); }

void open_and_write(Session& s) {
  s.open();
  write_batch(s.other.get(), rows(0, kRows, "later"));
}

void open_with_index(Session& s) {
  s.open();
  EXPECT_EQ(ensure_index(s), CAIRN_OK) << cairn_error_message(s.error.get());
}

// Every row is in the indexes as it is.
bool is_sound(Session& s) { return problems_of(s.database.get()).empty(); }

// Leaves a journal, as a process that was killed does.
void leave_journal(Session& s) {
  open_and_write(s);
  for (const char* suffix : {"", "-wal"})
    std::filesystem::copy_file(s.path + suffix, s.path + ".kept" + suffix);
  s.close();
  std::filesystem::remove(s.path + "-shm");
  for (const char* suffix : {"", "-wal"})
    std::filesystem::rename(s.path + ".kept" + suffix, s.path + suffix);
}

cairn_status open_and_flush(Session& s) {
  const cairn_status status = open_database_of(s);
  return status == CAIRN_OK ? attempt(s, cairn_database_flush, s.database.get()) : status;
}

// Leaves enough free pages for the upkeep to give some back.
void open_and_empty(Session& s) {
  s.open();
  write_batch(s.other.get(), rows(0, 320, std::string(3500, 'x')));
  write_batch(s.other.get(), BatchWriter().finish(), R"({"truncate": true})");
}

cairn_status back_up(Session& s) {
  return attempt_for(s, s.buffer, cairn_database_backup, s.database.get(), s.backup.data(),
                     s.backup.size());
}

// Leaves a backup, and a database that has gone on since.
void back_up_and_write(Session& s) {
  s.open();
  EXPECT_EQ(back_up(s), CAIRN_OK) << cairn_error_message(s.error.get());
  write_batch(s.other.get(), rows(0, kRows, "since the backup"));
  s.close();
}

// What was set aside before has had its turn.
void cut_off(Session& s) {
  const std::filesystem::path path(s.path);
  for (const auto& entry : std::filesystem::directory_iterator(path.parent_path()))
    if (entry.path().string().starts_with(s.path + ".damaged-"))
      std::filesystem::remove(entry.path());
  std::filesystem::resize_file(path, 8192);
}

// The damaged file has another name, and all that was in it.
bool was_set_aside(Session& s) {
  if (attempt_for(s, s.buffer, cairn_database_info, s.database.get()) != CAIRN_OK) return false;
  const std::string file = table_in(s, "DatabaseInfo").value("damaged_file", "");
  return !file.empty() && std::filesystem::file_size(file) == 8192;
}

}  // namespace

Session::Session(const std::string& base, const std::string& file)
    : path(file),
      backup(file + ".backup"),
      options(make_table("TransactionOptions", kTransaction)),
      disk(make_table("TransactionOptions", R"({"durability": "Disk", "id": "t"})")),
      open_options(make_table("DatabaseOptions", kOptions)),
      name("new"),
      key(encode_portable(3)),
      value(encode_portable(row(3, "put"))),
      batch(changes()),
      snapshot(rows(5, kRows + 5, "text")),
      reconcile(make_table("TransactionOptions", R"({"mode": "Reconcile"})")),
      load_request(
          make_table("LoadRequest", R"({"batch_rows": 9, "metadata": true, "versions": true})")),
      delta_request(make_table("DeltaRequest", R"({"since": 1, "batch_rows": 5})")),
      index_request(make_table("IndexRequest", kIndex)),
      query(make_table("LoadRequest", kQuery)) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"})
    std::filesystem::remove(path + suffix);
  std::filesystem::copy_file(base, path);
  for (int i = 0; i < 20; i++) ndjson += row(i, "t\u00fc").dump() + "\n";
  table_json = kTransaction;
  json = R"([1, "text", {"$date": "2026-01-31T12:00:00.000Z"}, {"$bytes": "AAEC"}, {"a": {}}])";
}

void Session::open() {
  database = open_database(path, kOptions);
  collection = open_collection(database.get(), "c", R"({"durability": "Disk"})");
  other = open_collection(database.get(), "other");
}

void Session::close() {
  error.reset();
  buffer.reset();
  cursor.reset();
  transaction.reset();
  other.reset();
  collection.reset();
  database.reset();
}

cairn_status Session::probe() {
  cairn_status status =
      attempt_for(*this, transaction, cairn_transaction_begin, other.get(), nullptr, size_t{0});
  if (status == CAIRN_OK)
    status = attempt(*this, cairn_transaction_add, transaction.get(), bytes_of(snapshot),
                     snapshot.size());
  transaction.reset();
  return status;
}

void make_base(const std::string& path) {
  const DatabasePtr database = open_database(path, kOptions);
  const CollectionPtr collection = open_collection(database.get(), "c");
  const CollectionPtr other = open_collection(database.get(), "other");
  write_batch(collection.get(), rows(0, kRows, "text"),
              R"({"metadata": [{"key": "m", "value": "old"}, {"key": "n", "value": 1}]})");
  write_batch(collection.get(), rows(kRows / 2, kRows, "text of the second transaction"));
  write_batch(other.get(), rows(0, 3, "other"));
}

const std::vector<Operation>& file_operations() {
  static const std::vector<Operation> kOperations = {
      {"OpenNew", [](Session& s) { std::filesystem::remove(s.path); }, open_database_of},
      {"OpenExisting", [](Session&) {}, open_database_of},
      {"OpenOlder", [](Session& s) { make_older(s.path); }, open_database_of,
       [](Session& s) { return has_whole_format(s.path); }},
      {"OpenWithAJournal", leave_journal, open_and_flush},
      {"OpenCollection", open,
       [](Session& s) {
         CollectionPtr made;
         return attempt_for(s, made, cairn_collection_open, s.database.get(), s.name.data(),
                            s.name.size(), nullptr, size_t{0});
       }},
      {"Apply", open, [](Session& s) { return write(s, s.options, s.batch); }},
      {"ApplyToTheDisk", open, [](Session& s) { return write(s, s.disk, s.batch); }},
      {"ApplyAfterAnother", open_and_write, [](Session& s) { return write(s, s.disk, s.batch); }},
      {"Reconcile", open, [](Session& s) { return write(s, s.reconcile, s.snapshot); }},
      {"PutToTheDisk", open, put},
      {"Remove", open,
       [](Session& s) {
         return attempt(s, cairn_collection_remove, s.collection.get(), bytes_of(s.key),
                        s.key.size(), nullptr);
       }},
      {"Flush", open_and_write,
       [](Session& s) { return attempt(s, cairn_database_flush, s.database.get()); }},
      {"Checkpoint", open_and_write, maintain},
      {"Vacuum", open_and_empty, maintain},
      {"Reset", open,
       [](Session& s) { return attempt(s, cairn_collection_reset, s.collection.get()); }},
      {"Drop", open,
       [](Session& s) {
         return attempt(s, cairn_collection_drop, s.database.get(), "c", size_t{1});
       }},
      {"EnsureIndex", open, ensure_index, is_sound},
      {"ApplyWithAnIndex", open_with_index, [](Session& s) { return write(s, s.options, s.batch); },
       is_sound},
      {"ResetWithAnIndex", open_with_index,
       [](Session& s) { return attempt(s, cairn_collection_reset, s.collection.get()); }, is_sound},
      {"RemoveIndex", open_with_index, remove_index, is_sound},
      {"Backup", open_and_write, back_up},
      {"Restore", back_up_and_write,
       [](Session& s) {
         return attempt_for(s, s.buffer, cairn_restore, s.backup.data(), s.backup.size(),
                            s.path.data(), s.path.size());
       }},
      {"Compact", open_and_write,
       [](Session& s) { return attempt(s, cairn_database_compact, s.database.get()); }},
      {"Suspend", open_and_write,
       [](Session& s) { return attempt(s, cairn_database_prepare_for_suspend, s.database.get()); }},
      {"OpenDamaged", cut_off, open_database_of, was_set_aside},
      {"Check", open,
       [](Session& s) {
         return attempt_for(s, s.buffer, cairn_database_check, s.database.get(), nullptr,
                            size_t{0});
       },
       [](Session& s) {
         const Json report = table_in(s, "CheckReport");
         EXPECT_TRUE(report.value("ok", false)) << report;
         return report.value("ok", false);
       }},
      {"Digest", open_and_write,
       [](Session& s) {
         return attempt_for(s, s.buffer, cairn_database_digest, s.database.get());
       }},
      {"Info", open_and_write,
       [](Session& s) { return attempt_for(s, s.buffer, cairn_database_info, s.database.get()); }},
      {"Load", open_and_write, load},
      {"Query", open_and_write, query},
      {"QueryWithAnIndex", open_with_index, query},
      {"Delta", open_and_write, delta},
      {"Get", open_and_write, get},
  };
  return kOperations;
}

const std::vector<Operation>& memory_operations() {
  static const std::vector<Operation> kOperations = {
      {"Json", open, make_json},
      {"TableFromJson", open, table_from_json},
      {"TableToJson", open, table_to_json},
  };
  return kOperations;
}

std::string operation_name(const ::testing::TestParamInfo<Operation>& test) {
  return test.param.name;
}

void PrintTo(const Operation& operation, std::ostream* out) { *out << operation.name; }

}  // namespace cairn::testing
