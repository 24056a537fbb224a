// Shows what changed in a collection since a reader last looked: the example in C++ of the README.
#include <cairn.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

// Owning pointers over the C API.
template <auto kFree>
struct Free {
  void operator()(auto* handle) const { kFree(handle); }
};
using Database = std::unique_ptr<cairn_database, Free<cairn_database_close>>;
using Collection = std::unique_ptr<cairn_collection, Free<cairn_collection_close>>;
using Cursor = std::unique_ptr<cairn_cursor, Free<cairn_cursor_close>>;
using Buffer = std::unique_ptr<cairn_buffer, Free<cairn_buffer_free>>;
using Error = std::unique_ptr<cairn_error, Free<cairn_error_free>>;

// Calls a function, and throws the message of its error where it failed.
cairn_status call(auto function, auto... arguments) {
  cairn_error* error = nullptr;
  const cairn_status status = function(arguments..., &error);
  const Error owner(error);
  if (status >= 100) throw std::runtime_error(cairn_error_message(error));
  return status;
}

Buffer from_json(std::string_view json) {
  cairn_buffer* value;
  call(cairn_value_from_json, json.data(), json.size(), &value);
  return Buffer(value);
}

void put(const Collection& collection, std::string_view key, std::string_view row) {
  const Buffer k = from_json(key), r = from_json(row);
  call(cairn_collection_put, collection.get(), cairn_buffer_data(k.get()),
       cairn_buffer_size(k.get()), cairn_buffer_data(r.get()), cairn_buffer_size(r.get()), nullptr);
}

int main(int count, char** arguments) try {
  const std::string path = count > 1 ? arguments[1] : "todos.cairn";
  cairn_database* opened;
  call(cairn_database_open, path.data(), path.size(), nullptr, size_t{0}, &opened);
  const Database database(opened);

  cairn_collection* collection;
  call(cairn_collection_open, database.get(), "todos", size_t{5}, nullptr, size_t{0}, &collection);
  const Collection todos(collection);

  put(todos, "\"milk\"", R"({"text": "buy milk", "done": false})");  // row version 1
  put(todos, "\"bread\"", R"({"text": "bake bread", "done": false})");
  put(todos, "\"milk\"", R"({"text": "buy milk", "done": true})");
  const Buffer key = from_json("\"bread\"");
  call(cairn_collection_remove, todos.get(), cairn_buffer_data(key.get()),
       cairn_buffer_size(key.get()), nullptr);

  // What a reader that has seen row version 1 must apply to be up to date.
  cairn_buffer* request;
  const std::string_view since = R"({"since": 1})";
  call(cairn_table_from_json, "DeltaRequest", size_t{12}, since.data(), since.size(), &request);
  const Buffer request_owner(request);
  cairn_cursor* cursor;
  call(cairn_collection_delta, todos.get(), cairn_buffer_data(request), cairn_buffer_size(request),
       &cursor);
  const Cursor delta(cursor);
  cairn_buffer* batch;
  while (call(cairn_cursor_next, cursor, &batch) == CAIRN_OK) {
    const Buffer rows(batch);
    cairn_buffer* lines;
    call(cairn_batch_to_json, cairn_buffer_data(batch), cairn_buffer_size(batch), &lines);
    const Buffer text(lines);
    std::printf("%.*s", int(cairn_buffer_size(lines)),
                reinterpret_cast<const char*>(cairn_buffer_data(lines)));
  }
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
