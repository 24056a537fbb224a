// The runner of the conformance corpus in C++, over files, in memory or over the test host of
// cairn_sql_executor; RUNNERS.md says what it reads and writes. Row batches are written by the
// tests' own encoder, so that the engine meets values that its JSON would refuse. One thread.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <type_traits>

#include "api.h"
#include "batch_writer.h"
#include "executor_host.h"
#include "reference.h"

namespace cairn::testing {
namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr cairn_status kRefused = -1;

struct Word {
  std::string text;
  bool is_bytes;
};

// Bytes as a word.
std::string word_of(std::string_view bytes) {
  std::string text = "=";
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t all = 0;
    for (size_t k = i; k < i + 3; ++k)
      all = all << 8 | (k < bytes.size() ? static_cast<uint8_t>(bytes[k]) : 0);
    for (size_t k = 0; k < 4; ++k)
      text += i + k > bytes.size() ? '=' : kDigits[all >> (18 - 6 * k) & 63];
  }
  return text;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == separator) parts.emplace_back();
    if (c != separator) parts.back() += c;
  }
  return parts;
}

// What is made of a word; where it cannot be, that is no failure of the engine's.
std::string made(std::string (*make)(const Word&), const Word& word) try {
  return make(word);
} catch (const std::exception& error) {
  throw ApiError(kRefused, error.what());
}

std::string value_of(const Word& word) {
  return call_for_bytes(cairn_value_from_json, word.text.data(), word.text.size());
}

// An object with undefined fields behind its own: pairs of $object where it would be a single
// field, which could not have any name.
Json with_undefined(Json object, const std::string& names) {
  for (const std::string name : names.empty() ? Json::array() : Json::parse(names)) {
    if (object.empty()) object["$object"] = Json::array();
    Json* pairs = object.contains("$object") ? &object["$object"] : nullptr;
    (pairs ? pairs->emplace_back(Json{name, nullptr})[1] : object[name]) = {{"$undefined", true}};
  }
  return object;
}

void add_row(BatchWriter& batch, const std::string& row) {
  const auto parts = split(row, '\x1f');  // op, key, value, metadata, undefined
  const auto op = static_cast<BatchOp>(std::string_view("iudt").find(parts.at(0).at(0)));
  const std::string key = encode_portable(Json::parse(parts.at(1)));
  const Json value = parts.at(2).empty() ? Json() : Json::parse(parts[2]);
  const auto change = parts.at(3).empty() ? BatchMetadata::Keep
                      : parts[3] == "-"   ? BatchMetadata::Remove
                                          : BatchMetadata::Set;
  const Json metadata = change == BatchMetadata::Set ? Json::parse(parts[3]) : Json();
  batch.add(op, key, encode_portable(with_undefined(value, parts.at(4))), change,
            encode_portable(metadata));
}

std::string batch_of(const Word& word) {
  if (word.is_bytes) return word.text;
  BatchWriter batch;
  for (const std::string& row : split(word.text, '\x1e')) add_row(batch, row);
  return batch.finish();
}

std::string rows_of(const std::string& batch) {
  std::string rows = call_for_bytes(cairn_batch_to_json, bytes_of(batch), batch.size());
  if (!rows.empty()) rows.pop_back();
  std::replace(rows.begin(), rows.end(), '\n', '\x1e');
  return rows;
}

// The rows of a ReplicaEffect's batch; none where it has none.
std::string rows_in(const std::string& effect) {
  cairn_view* view = nullptr;
  const void* data = nullptr;
  size_t size = 0;
  call(cairn_view_open, "ReplicaEffect", size_t{13}, bytes_of(effect), effect.size(), &view);
  const std::unique_ptr<cairn_view, Free<cairn_view_close>> owner(view);
  cairn_view_vector(view, 0, "batch", 5, 1, &data, &size, nullptr);
  return size == 0 ? "" : rows_of(std::string(static_cast<const char*>(data), size));
}

Free<cairn_database_close> closer(cairn_database*) { return {}; }
Free<cairn_collection_close> closer(cairn_collection*) { return {}; }
Free<cairn_cursor_close> closer(cairn_cursor*) { return {}; }
Free<cairn_coordinator_close> closer(cairn_coordinator*) { return {}; }
Free<cairn_replica_close> closer(cairn_replica*) { return {}; }

class Runner {
 public:
  explicit Runner(bool over_executor) {
    if (over_executor) calls_["open"] = does(cairn_database_open_executor, 2);
  }

  std::string answer_to(const std::string& request) {
    words_.clear();
    answer_.clear();
    for (const std::string& part : split(request, '\t')) {
      const bool is_bytes = part.starts_with('=');
      words_.push_back({is_bytes ? from_base64(part.substr(1)) : part, is_bytes});
    }
    cairn_status status = CAIRN_OK;
    try {
      if (!calls_.contains(word(0))) throw std::runtime_error("there is no call " + word(0));
      calls_.at(word(0))();
    } catch (const ApiError& error) {
      status = error.status();
      if (status != CAIRN_QUESTION && status != CAIRN_DONE)
        answer_ = "\t" + word_of(error.message());
    }
    return (status == kRefused ? "REFUSED" : cairn_status_name(status)) + answer_;
  }

 private:
  template <typename P>
  using For = std::type_identity<P>;

  const std::string& word(size_t i) const { return words_.at(i).text; }
  bool is_replica() const {
    return std::get_deleter<Free<cairn_replica_close>>(handles_.at(word(1))) != nullptr;
  }

  // What a function takes by a parameter: a word from `i` on, or a place for what it gives.
  size_t argument(For<size_t>, size_t& i) { return word(i++).size(); }
  uint64_t* argument(For<uint64_t*>, size_t&) { return &std::get<uint64_t>(given_); }
  template <typename T>
  T** argument(For<T**>, size_t&) {
    return &std::get<T*>(given_);
  }
  template <typename T>
  const T* argument(For<const T*>, size_t& i) {
    const bool is_null = word(i).empty() && !words_[i].is_bytes;
    return is_null ? nullptr : reinterpret_cast<const T*>(word(i).data());
  }
  template <typename T>
  T* argument(For<T*>, size_t& i) {
    const std::string& id = word(i++);
    return id.empty() ? nullptr : static_cast<T*>(handles_.at(id).get());
  }
  const cairn_sql_executor* argument(For<const cairn_sql_executor*>, size_t& i) {
    std::unique_ptr<ExecutorHost>& host = hosts_[word(i++)];
    if (!host) host = std::make_unique<ExecutorHost>();
    return &(executor_ = host->table());
  }

  // What becomes of what it has given so.
  template <typename P>
  void keep(For<P>) {}
  void keep(For<uint64_t*>) { answer_ += "\t" + std::to_string(std::get<uint64_t>(given_)); }
  template <typename T>
  void keep(For<T**>) {
    T* made = std::get<T*>(given_);
    handles_[word(1)] = std::shared_ptr<void>(made, closer(made));
  }
  void keep(For<cairn_buffer**>) {}
  void keep(For<cairn_error**>) {}

  // Calls a function with the words from `i` on; bytes that it gives are `bytes_`, too.
  template <typename... P>
  void apply(cairn_status (*function)(P...), size_t i) {
    const cairn_status status = std::apply(function, std::tuple<P...>{argument(For<P>(), i)...});
    const ErrorPtr error(std::exchange(std::get<cairn_error*>(given_), nullptr));
    const BufferPtr buffer(std::exchange(std::get<cairn_buffer*>(given_), nullptr));
    const auto* data = reinterpret_cast<const char*>(cairn_buffer_data(buffer.get()));
    bytes_ = std::string(data, cairn_buffer_size(buffer.get()));
    if (buffer) answer_ += "\t" + word_of(bytes_);
    if (status != CAIRN_OK) throw ApiError(status, cairn_error_message(error.get()));
    (keep(For<P>()), ...);
  }
  template <typename... P>
  std::function<void()> does(cairn_status (*function)(P...), size_t first = 1) {
    return [=, this] { apply(function, first); };
  }
  // The same with the key and the value made of JSON.
  template <typename... P>
  std::function<void()> on_row(cairn_status (*function)(P...)) {
    return [=, this] {
      for (size_t k = 2; k < words_.size(); ++k) words_[k].text = made(value_of, words_[k]);
      apply(function, 1);
    };
  }

  void write() {
    cairn_transaction* handle = nullptr;
    size_t i = 1;
    auto* collection = argument(For<cairn_collection*>(), i);
    const auto* options = argument(For<const uint8_t*>(), i);
    call(cairn_transaction_begin, collection, options, word(i).size(), &handle);
    const TransactionPtr transaction(handle);
    while (++i < words_.size()) {
      const std::string batch = made(batch_of, words_[i]);
      call(cairn_transaction_add, handle, bytes_of(batch), batch.size());
    }
    answer_ = "\t" + word_of(call_for_bytes(cairn_transaction_commit, handle));
  }

  void get() {
    on_row(cairn_collection_get)();
    answer_ = "\t" + call_for_bytes(cairn_value_to_json, bytes_of(bytes_), bytes_.size());
  }

  void take() try {
    for (;;) {
      is_replica() ? apply(cairn_replica_next, 1) : apply(cairn_coordinator_next, 1);
      if (is_replica()) answer_ += "\t" + rows_in(bytes_);
    }
  } catch (const ApiError& error) {
    if (error.status() != CAIRN_DONE) throw;
  }

  void close() {
    if (handles_.erase(word(1)) == 0) throw std::out_of_range("no such handle");
    for (const auto& [path, host] : hosts_)
      for (const std::string& violation : host->violations()) throw std::runtime_error(violation);
  }

  // What hosts have outlives their databases, as files do, up to the end of a scenario.
  void live() {
    answer_ = "\t" + std::to_string(cairn_live_objects());
    if (handles_.empty()) hosts_.clear();
  }

  // clang-format off
  std::map<std::string, std::function<void()>> calls_ = {
      {"open", does(cairn_database_open, 2)}, {"collection", does(cairn_collection_open, 2)},
      {"load", does(cairn_collection_load, 2)}, {"delta", does(cairn_collection_delta, 2)},
      {"coordinator", does(cairn_coordinator_open, 2)}, {"replica", does(cairn_replica_open, 2)},
      {"close", [this] { close(); }}, {"live", [this] { live(); }}, {"write", [this] { write(); }},
      {"put", on_row(cairn_collection_put)}, {"remove", on_row(cairn_collection_remove)},
      {"get", [this] { get(); }}, {"batch_from_json", does(cairn_batch_from_json)},
      {"next", [this] { apply(cairn_cursor_next, 1), answer_ += "\t" + rows_of(bytes_); }},
      {"head", does(cairn_cursor_head)},
      {"answer", does(cairn_cursor_answer)}, {"explain", does(cairn_cursor_explain)},
      {"reset", does(cairn_collection_reset)}, {"drop", does(cairn_collection_drop)},
      {"metadata", does(cairn_collection_metadata)}, {"info", does(cairn_collection_info)},
      {"ensure_index", does(cairn_collection_ensure_index)},
      {"remove_index", does(cairn_collection_remove_index)},
      {"database", does(cairn_database_info)}, {"check", does(cairn_database_check)},
      {"digest", does(cairn_database_digest)}, {"flush", does(cairn_database_flush)},
      {"compact", does(cairn_database_compact)}, {"backup", does(cairn_database_backup)},
      {"send", [this] { is_replica() ? apply(cairn_replica_send, 1)
                                     : apply(cairn_coordinator_send, 1); }},
      {"take", [this] { take(); }}};
  // clang-format on

  std::map<std::string, std::shared_ptr<void>> handles_;
  std::map<std::string, std::unique_ptr<ExecutorHost>> hosts_;  // by path
  std::vector<Word> words_;
  std::string answer_;  // behind the status
  std::string bytes_;   // that a call has given
  std::tuple<cairn_error*, cairn_buffer*, uint64_t, cairn_database*, cairn_collection*,
             cairn_cursor*, cairn_coordinator*, cairn_replica*>
      given_;
  cairn_sql_executor executor_ = {};
};

}  // namespace
}  // namespace cairn::testing

int main(int count, char** arguments) try {
  cairn::testing::Runner runner(count > 1 && std::string_view(arguments[1]) == "executor");
  for (std::string line; std::getline(std::cin, line);)
    std::cout << runner.answer_to(line) << std::endl;
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
