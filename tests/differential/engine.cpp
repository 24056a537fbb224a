// The engine's side of the differential test: reads one command a line from stdin, as JSON, does it
// through the C API, and writes one line of JSON. README.md describes the commands. Values,
// requests and rows pass through as the texts that they came as, so that only the C API reads and
// writes them. One thread.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "api.h"
#include "batch_writer.h"
#include "executor_host.h"

namespace cairn::testing {
namespace {

using Json = nlohmann::json;

BatchOp op_of(const std::string& name) {
  if (name == "insert") return BatchOp::Insert;
  if (name == "update") return BatchOp::Update;
  if (name == "delete") return BatchOp::Delete;
  throw std::runtime_error("unknown operation " + name);
}

std::string portable(const std::string& json) {
  return call_for_bytes(cairn_value_from_json, json.data(), json.size());
}

std::string error_line(const std::string& status, const std::string& message) {
  const Json error = {{"status", status}, {"message", message}};
  return "{\"error\":" + error.dump(-1, ' ', false, Json::error_handler_t::replace) + "}";
}

// Lines of JSON as the items of one array.
void append_lines(std::string& items, std::string lines) {
  while (!lines.empty() && lines.back() == '\n') lines.pop_back();
  if (lines.empty()) return;
  std::replace(lines.begin(), lines.end(), '\n', ',');
  if (!items.empty()) items += ',';
  items += lines;
}

// One database with one collection.
class Session {
 public:
  ~Session() {
    close();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  std::string perform(const Json& command) {
    const auto verb = command.at("do").get<std::string>();
    if (verb == "open") return open(command.at("kind").get<std::string>());
    if (verb == "apply") return apply(command.at("mutations"));
    if (verb == "ensure") return ensure(command.at("request").get<std::string>());
    if (verb == "remove") return remove(command.at("signature").get<std::string>());
    if (verb == "load") return load(command.at("request").get<std::string>());
    if (verb == "close") return close();
    throw std::runtime_error("unknown command " + verb);
  }

 private:
  std::string open(const std::string& kind) {
    close();
    if (kind == "executor") {
      host_ = std::make_unique<ExecutorHost>();
      const cairn_sql_executor table = host_->table();
      cairn_database* handle = nullptr;
      call(cairn_database_open_executor, &table, nullptr, size_t{0}, &handle);
      database_.reset(handle);
    } else if (kind == "memory") {
      database_ = open_database("", R"({"in_memory": true})");
    } else {
      database_ = open_database(new_path());
    }
    collection_ = open_collection(database_.get(), "c");
    return "{}";
  }

  std::string new_path() {
    if (folder_.empty()) {
      folder_ = std::filesystem::temp_directory_path() / "cairn-differential-XXXXXX";
      if (!mkdtemp(folder_.data())) throw std::runtime_error("cannot make a folder at " + folder_);
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      std::filesystem::remove(entry.path());
    }
    return folder_ + "/db";
  }

  // Closes the database, and tells how many objects of the library are left.
  std::string close() {
    collection_.reset();
    database_.reset();
    host_.reset();
    return "{\"left\":" + std::to_string(cairn_live_objects()) + "}";
  }

  std::string apply(const Json& mutations) {
    BatchWriter batch;
    for (const Json& mutation : mutations) {
      const std::string value = mutation.size() > 2 ? portable(mutation[2].get<std::string>()) : "";
      batch.add(op_of(mutation[0].get<std::string>()), portable(mutation[1].get<std::string>()),
                value);
    }
    cairn_transaction* handle = nullptr;
    call(cairn_transaction_begin, collection_.get(), nullptr, size_t{0}, &handle);
    const TransactionPtr transaction(handle);
    const std::string bytes = batch.finish();
    if (batch.rows() > 0) call(cairn_transaction_add, handle, bytes_of(bytes), bytes.size());
    return "{\"result\":" +
           read_table("CommitResult", call_for_bytes(cairn_transaction_commit, handle)) + "}";
  }

  // With max_rows the index is made in several calls, as here until it is ready.
  std::string ensure(const std::string& request) {
    const std::string bytes = make_table("IndexRequest", request);
    for (int calls = 1;; calls++) {
      const std::string info =
          read_table("IndexInfo", call_for_bytes(cairn_collection_ensure_index, collection_.get(),
                                                 bytes_of(bytes), bytes.size()));
      if (Json::parse(info).value("ready", false)) return "{\"result\":" + info + "}";
      if (calls == 10000) throw std::runtime_error("the index does not become ready");
    }
  }

  std::string remove(const std::string& signature) {
    call(cairn_collection_remove_index, collection_.get(), signature.data(), signature.size());
    return "{}";
  }

  std::string load(const std::string& request) {
    const std::string bytes = make_table("LoadRequest", request);
    cairn_cursor* handle = nullptr;
    call(cairn_collection_load, collection_.get(), bytes_of(bytes), bytes.size(), &handle);
    const CursorPtr cursor(handle);
    std::string rows;
    while (next(handle, rows)) {
    }
    const std::string explanation =
        read_table("Explanation", call_for_bytes(cairn_cursor_explain, handle));
    return "{\"rows\":[" + rows + "],\"explanation\":" + explanation + "}";
  }

  // Adds the rows of one batch, or passes a question on and its answer back. False at the end.
  bool next(cairn_cursor* cursor, std::string& rows) {
    cairn_buffer* buffer = nullptr;
    cairn_error* error = nullptr;
    const cairn_status status = cairn_cursor_next(cursor, &buffer, &error);
    const BufferPtr owner(buffer);
    const ErrorPtr error_owner(error);
    if (status == CAIRN_DONE) return false;
    if (status != CAIRN_OK && status != CAIRN_QUESTION) {
      throw ApiError(status, cairn_error_message(error));
    }
    const uint8_t* data = cairn_buffer_data(buffer);
    const size_t size = cairn_buffer_size(buffer);
    if (status == CAIRN_QUESTION) {
      answer(cursor, {reinterpret_cast<const char*>(data), size});
    } else {
      append_lines(rows, call_for_bytes(cairn_batch_to_json, data, size));
    }
    return true;
  }

  void answer(cairn_cursor* cursor, std::string_view question) {
    std::cout << "{\"question\":" << read_table("Question", question) << "}" << std::endl;
    std::string line;
    if (!std::getline(std::cin, line)) throw std::runtime_error("a question has no answer");
    const std::string bytes = make_table("Answer", line);
    call(cairn_cursor_answer, cursor, bytes_of(bytes), bytes.size());
  }

  std::string folder_;
  std::unique_ptr<ExecutorHost> host_;
  DatabasePtr database_;
  CollectionPtr collection_;
};

std::string reply(Session& session, const std::string& line) {
  try {
    return session.perform(Json::parse(line));
  } catch (const ApiError& e) {
    return error_line(cairn_status_name(e.status()), e.message());
  } catch (const std::exception& e) {
    return error_line("FAILED", e.what());
  }
}

}  // namespace
}  // namespace cairn::testing

int main() {
  cairn::testing::Session session;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << reply(session, line) << std::endl;
  }
  return 0;
}
