// What the concurrency tests share: a database file in a folder of its own, and rows in and out of
// it in a line. The helpers are plain functions and may be called by any thread.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "api.h"
#include "batch_writer.h"
#include "process.h"
#include "reference.h"

namespace cairn::testing {

class ConcurrencyTest : public ::testing::Test {
 protected:
  ConcurrencyTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "cairn-concurrency-XXXXXX";
    if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make " + pattern);
    folder_ = pattern;
  }
  ~ConcurrencyTest() override {
    EXPECT_EQ(cairn_live_objects(), 0);
    std::filesystem::remove_all(folder_);
  }
  std::string path(const std::string& name = "db") const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

inline uint64_t put(cairn_collection* collection, const Json& key, const Json& value) {
  const std::string k = encode_portable(key), v = encode_portable(value);
  uint64_t version = 0;
  call(cairn_collection_put, collection, bytes_of(k), k.size(), bytes_of(v), v.size(), &version);
  return version;
}

inline Json info_of(cairn_collection* collection) {
  return Json::parse(
      read_table("CollectionInfo", call_for_bytes(cairn_collection_info, collection)));
}

inline uint64_t rows_in(cairn_collection* collection) {
  return info_of(collection).value("rows", uint64_t{0});
}

// Writes a batch in one transaction and gives the CommitResult.
inline Json write_batch(cairn_collection* collection, const std::string& batch,
                        std::string_view options_json = "{}") {
  const std::string options = make_table("TransactionOptions", options_json);
  cairn_transaction* transaction = nullptr;
  call(cairn_transaction_begin, collection, bytes_of(options), options.size(), &transaction);
  const TransactionPtr owner(transaction);
  call(cairn_transaction_add, transaction, bytes_of(batch), batch.size());
  return Json::parse(
      read_table("CommitResult", call_for_bytes(cairn_transaction_commit, transaction)));
}

inline CursorPtr open_cursor(cairn_collection* collection, std::string_view request_json = "{}") {
  const std::string request = make_table("LoadRequest", request_json);
  cairn_cursor* cursor = nullptr;
  call(cairn_collection_load, collection, bytes_of(request), request.size(), &cursor);
  return CursorPtr(cursor);
}

// The lines of a cursor's next batch; false after the last one.
inline bool next_lines(cairn_cursor* cursor, std::vector<Json>* lines) {
  cairn_buffer* buffer = nullptr;
  cairn_error* error = nullptr;
  const cairn_status status = cairn_cursor_next(cursor, &buffer, &error);
  const BufferPtr owner(buffer);
  const ErrorPtr error_owner(error);
  if (status == CAIRN_DONE) return false;
  if (status != CAIRN_OK) throw ApiError(status, cairn_error_message(error));
  std::istringstream text(
      call_for_bytes(cairn_batch_to_json, cairn_buffer_data(buffer), cairn_buffer_size(buffer)));
  for (std::string line; std::getline(text, line);) lines->push_back(Json::parse(line));
  return true;
}

inline std::vector<Json> all_lines(cairn_cursor* cursor) {
  std::vector<Json> lines;
  while (next_lines(cursor, &lines)) {
  }
  return lines;
}

inline std::vector<Json> all_rows(cairn_collection* collection, std::string_view request = "{}") {
  const CursorPtr cursor = open_cursor(collection, request);
  return all_lines(cursor.get());
}

inline bool is_in_order(cairn_database* database) {
  const std::string report = call_for_bytes(cairn_database_check, database, nullptr, size_t{0});
  return Json::parse(read_table("CheckReport", report)).value("ok", false);
}

// What a call threw as a status; CAIRN_OK if nothing.
inline cairn_status status_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const ApiError& e) {
    return e.status();
  }
  return CAIRN_OK;
}

// Threads whose exceptions fail the test instead of ending the program.
class Threads {
 public:
  ~Threads() { join(); }
  void start(std::function<void()> body) {
    threads_.emplace_back([body = std::move(body)] {
      try {
        body();
      } catch (const std::exception& e) {
        ADD_FAILURE() << e.what();
      }
    });
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace cairn::testing
