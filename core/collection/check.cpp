// The check of a database: pages, rows, hashes, counts and the log; and its digest.

#include "core/collection/check_indexes.h"
#include "core/collection/collection.h"
#include "core/collection/log.h"
#include "core/storage/shape_store.h"
#include "core/value/key.h"
#include "core/value/row.h"

namespace cairn {
namespace {

constexpr int64_t kChunk = 512;

class Checker {
 public:
  Checker(Store& store, const CheckOptions& options, CheckReport& report)
      : store_(store), options_(options), report_(report), interruptible_(store) {}

  void problem(std::string collection, std::string key, std::string message) {
    if (report_.problem_count++ < options_.max_problems)
      report_.problems.push_back({std::move(collection), std::move(key), std::move(message)});
  }

  void check(Connection& connection, int64_t id, const std::string& name) {
    name_ = name;
    try {
      CollectionState state = Log(connection, id).read();
      check_log(connection, id, state);
      uint64_t rows = check_rows(connection, id, state);
      report_.rows += rows;
      if (rows != state.rows)
        problem(name, {},
                "the collection has " + std::to_string(rows) + " rows, its state says " +
                    std::to_string(state.rows));
    } catch (const Error& error) {
      if (error.status() != Status::kCorrupt) throw;
      problem(name, {}, error.what());
    }
  }

 private:
  void check_log(Connection& connection, int64_t id, const CollectionState& state) {
    Query query(connection.statement(Sql::kLogAll, id));
    uint64_t count = 0;
    for (; query.step(); ++count) {
      decode_state(static_cast<uint64_t>(query.integer(0)), query.bytes(1));
      decode_entry(query.bytes(2));
    }
    if (count != state.log_rows)
      problem(name_, {},
              "the log has " + std::to_string(count) + " rows, the state says " +
                  std::to_string(state.log_rows));
  }

  uint64_t check_rows(Connection& connection, int64_t id, const CollectionState& state) {
    StoredShapes shapes(store_.shapes(), connection);
    IndexChecker indexes(connection, id, shapes, [&](std::string key, std::string message) {
      problem(name_, std::move(key), std::move(message));
    });
    uint64_t rows = 0;
    int64_t after = 0;
    for (int64_t read = kChunk; read == kChunk;) {
      interruptible_.check();
      read = 0;
      Query query(connection.statement(Sql::kRowsFrom, id));
      query.with(after, kChunk, 0);
      for (; query.step(); ++read, ++rows) {
        after = query.integer(0);
        if (check_row(query, shapes, state))
          indexes.check_row(after, query.bytes(1), query.bytes(3));
      }
    }
    indexes.finish();
    return rows;
  }

  // Whether its bytes are sound.
  bool check_row(Query& query, StoredShapes& shapes, const CollectionState& state) {
    std::string key(as_text(query.bytes(1)));
    try {
      describe_key(as_bytes(key));
      verify_row(query.bytes(3), shapes);
      check_metadata(query.bytes(4), shapes);
      if (static_cast<uint64_t>(query.integer(0)) >= state.next_row)
        problem(name_, key, "the row's number is beyond the collection's counter");
      if (static_cast<uint64_t>(query.integer(2)) > state.row_version)
        problem(name_, key, "the row's version is beyond the collection's");
      return true;
    } catch (const Error& error) {
      if (!error.is_about_bytes()) throw;
      problem(name_, key, error.what());
      return false;
    }
  }

  static void check_metadata(Bytes metadata, StoredShapes& shapes) {
    if (metadata.empty()) return;
    ByteBuffer copy;
    TupleWriter writer(copy, 1);
    Transcoder(&shapes, nullptr).put(read_item(metadata), writer, 0);
  }

  Store& store_;
  const CheckOptions& options_;
  CheckReport& report_;
  Interruptible interruptible_;
  std::string name_;
};

CollectionDigest digest_of(Store& store, Connection& connection, int64_t id,
                           const std::string& name, Digest& all) {
  Interruptible interruptible(store);
  StoredShapes shapes(store.shapes(), connection);
  Canonicalizer canonical(&shapes);
  std::vector<std::string_view> names;
  Digest digest;
  CollectionDigest result{name, 0, {}};
  std::string after;
  for (int64_t read = kChunk; read == kChunk;) {
    interruptible.check();
    read = 0;
    Query query(connection.statement(Sql::kRowsByKey, id));
    query.with(after, kChunk);
    for (; query.step(); ++read, ++result.rows) {
      after = std::string(as_text(query.bytes(0)));
      ByteBuffer row;
      row.put_sized(query.bytes(0));
      row.put(canonical.object(read_row(query.bytes(1), shapes, names)));
      if (query.bytes(2).empty()) {
        row.put(kNull);
      } else {
        canonical.put(read_item(query.bytes(2)), row);
      }
      digest.add(row.bytes());
    }
  }
  Digest::Result value = digest.result();
  ByteBuffer entry;
  entry.put_sized(as_bytes(name));
  entry.put(Bytes{value});
  all.add(entry.bytes());
  result.digest = to_hex(value);
  return result;
}

}  // namespace

CheckReport Database::check(const CheckOptions& options) {
  CheckReport report;
  Checker checker(*store_, options, report);
  if (options.pages)
    report.pages_checked =
        store_->check_pages(static_cast<int>(std::min<uint32_t>(options.max_problems, 10000)),
                            [&](const std::string& message) { checker.problem({}, {}, message); });
  read([&](Connection& connection) {
    bool found = options.collection.empty();
    for (auto& [id, name] : list(connection)) {
      if (!options.collection.empty() && name != options.collection) continue;
      found = true;
      checker.check(connection, id, name);
    }
    if (!found)
      throw Error(Status::kNotFound, "there is no collection \"" + options.collection + "\"");
  });
  return report;
}

DigestReport Database::digest() {
  DigestReport report;
  Digest all;
  read([&](Connection& connection) {
    for (const auto& entry : list(connection))
      Collection::reading(entry.second, [&] {
        report.collections.push_back(
            digest_of(*store_, connection, entry.first, entry.second, all));
      });
  });
  report.digest = to_hex(all.result());
  return report;
}

}  // namespace cairn
