// A C++ program against an installed Cairn: writes rows in one transaction, reads them back through
// a cursor, and exits with 0 if all are there and nothing is left open. One thread.
#include <cairn.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Buffer = std::unique_ptr<cairn_buffer, Freer<cairn_buffer_free>>;
using Collection = std::unique_ptr<cairn_collection, Freer<cairn_collection_close>>;
using Cursor = std::unique_ptr<cairn_cursor, Freer<cairn_cursor_close>>;
using Database = std::unique_ptr<cairn_database, Freer<cairn_database_close>>;
using Transaction = std::unique_ptr<cairn_transaction, Freer<cairn_transaction_close>>;

// Throws the message of a failed call.
void check(cairn_status status, cairn_error* error) {
  if (status == CAIRN_OK) return;
  std::string message = cairn_error_message(error);
  cairn_error_free(error);
  throw message;
}

// Calls a function whose last two parameters are an owned result and an error.
template <typename Owner, typename Function, typename... Arguments>
Owner call(Function function, Arguments... arguments) {
  typename Owner::pointer out = nullptr;
  cairn_error* error = nullptr;
  const cairn_status status = function(arguments..., &out, &error);
  Owner owner(out);
  check(status, error);
  return owner;
}

void write_rows(cairn_collection* cities, std::string_view json) {
  const std::string_view key = "id";
  Buffer batch =
      call<Buffer>(cairn_batch_from_json, json.data(), json.size(), key.data(), key.size());
  auto transaction = call<Transaction>(cairn_transaction_begin, cities, nullptr, size_t{0});
  cairn_error* error = nullptr;
  check(cairn_transaction_add(transaction.get(), cairn_buffer_data(batch.get()),
                              cairn_buffer_size(batch.get()), &error),
        error);
  call<Buffer>(cairn_transaction_commit, transaction.get());
}

std::string read_rows(cairn_collection* cities) {
  auto cursor = call<Cursor>(cairn_collection_load, cities, nullptr, size_t{0});
  std::string lines;
  for (;;) {
    cairn_buffer* out = nullptr;
    cairn_error* error = nullptr;
    const cairn_status status = cairn_cursor_next(cursor.get(), &out, &error);
    if (status == CAIRN_DONE) return lines;
    check(status, error);
    Buffer batch(out);
    Buffer json = call<Buffer>(cairn_batch_to_json,
                               static_cast<const uint8_t*>(cairn_buffer_data(batch.get())),
                               cairn_buffer_size(batch.get()));
    lines.append(reinterpret_cast<const char*>(cairn_buffer_data(json.get())),
                 cairn_buffer_size(json.get()));
  }
}

int run(const std::string& path) {
  auto database = call<Database>(cairn_database_open, path.data(), path.size(), nullptr, size_t{0});
  auto cities = call<Collection>(cairn_collection_open, database.get(), "cities", size_t{6},
                                 nullptr, size_t{0});
  write_rows(cities.get(), R"({"id":1,"name":"Bern"}
{"id":2,"name":"Zürich"})");
  const std::string lines = read_rows(cities.get());
  const std::string expected =
      "{\"key\":1,\"value\":{\"id\":1,\"name\":\"Bern\"}}\n"
      "{\"key\":2,\"value\":{\"id\":2,\"name\":\"Zürich\"}}\n";
  if (lines == expected) return 0;
  std::fprintf(stderr, "read: %s\n", lines.c_str());
  return 1;
}

}  // namespace

int main(int, char** argv) {
  const std::string path = std::string(argv[0]) + ".sqlite";
  std::remove(path.c_str());
  try {
    const int result = run(path);
    return cairn_live_objects() == 0 ? result : 3;
  } catch (const std::string& message) {
    std::fprintf(stderr, "%s\n", message.c_str());
    return 2;
  }
}
