// The steps of a scenario, over the C API; README.md documents them. What the engine gives is
// compared with the corpus by the reference encoder (tests/support/reference.h), never by the
// engine's own. One thread.
#include "scenario.h"

#include <map>

#include "api.h"
#include "live.h"
#include "payloads.h"

namespace cairn::testing {
namespace {

class Scenario {
 public:
  Scenario(Kind kind, const std::string& folder, const std::string& main)
      : kind_(kind), folder_(folder), main_(main) {}

  void run(const Json& steps) {
    for (size_t i = 0; i < steps.size(); i++) {
      try {
        run_step(steps[i]);
      } catch (const std::exception& e) {
        throw std::runtime_error("step " + std::to_string(i + 1) + " " +
                                 steps[i].dump().substr(0, 300) + "\n    " + e.what());
      }
    }
    live_.close();
    for (auto& [name, database] : databases_) database.finish();
  }

 private:
  // Runs a step, and checks that it fails exactly where and how it should.
  void run_step(const Json& step) {
    if (!step.contains("error")) return perform(step);
    try {
      perform(step);
    } catch (const ApiError& e) {
      return expect_error(step.at("error"), e);
    }
    throw std::runtime_error("did not fail");
  }

  void perform(const Json& step) {
    using Verb = void (Scenario::*)(const Json&);
    // clang-format off
    static const std::map<std::string, Verb> kVerbs = {
        {"open", &Scenario::open}, {"close", &Scenario::close}, {"reopen", &Scenario::reopen},
        {"collection", &Scenario::collection}, {"apply", &Scenario::apply},
        {"reconcile", &Scenario::reconcile}, {"fill", &Scenario::fill},
        {"json", &Scenario::insert_json}, {"store", &Scenario::store}, {"put", &Scenario::put},
        {"remove", &Scenario::remove}, {"get", &Scenario::get}, {"load", &Scenario::load},
        {"delta", &Scenario::load}, {"copy", &Scenario::copy}, {"reset", &Scenario::reset},
        {"drop", &Scenario::drop}, {"metadata", &Scenario::metadata}, {"info", &Scenario::info},
        {"database", &Scenario::database_info}, {"check", &Scenario::check},
        {"digest", &Scenario::digest}, {"flush", &Scenario::flush},
        {"compact", &Scenario::compact}, {"backup", &Scenario::backup}, {"file", &Scenario::file},
        {"ensure_index", &Scenario::ensure_index}, {"remove_index", &Scenario::remove_index},
        {"cursor", &Scenario::cursor}, {"coordinator", &Scenario::coordinator},
        {"replica", &Scenario::replica}};
    // clang-format on
    if (live_.perform(step)) return;
    const auto verb = kVerbs.find(step.at("do").get<std::string>());
    if (verb == kVerbs.end()) throw std::runtime_error("unknown step");
    (this->*verb->second)(step);
  }

  std::string path_of(const std::string& name) const {
    return name == "main" && !main_.empty() ? main_ : folder_ + "/" + name;
  }

  Database& database(const Json& step) {
    const std::string name = step.value("db", "main");
    const std::string path = path_of(step.value("file", name));
    Database& named = databases_.try_emplace(name, kind_, path).first->second;
    named.open(step);
    return named;
  }

  cairn_collection* in(const Json& step) { return database(step).at(step.value("in", "c")); }

  // Compares the table that a call gives with the step's result.
  template <typename Function, typename... Arguments>
  static void report(const Json& step, const char* table, Function function,
                     Arguments... arguments) {
    expect_table(step, table, call_for_bytes(function, arguments...));
  }

  void open(const Json& step) { database(step); }

  void close(const Json& step) {
    live_.close(step.value("db", "main"));
    database(step).close();
  }

  void reopen(const Json& step) {
    live_.close(step.value("db", "main"));
    database(step).reopen();
  }

  void collection(const Json& step) {
    cairn_collection* handle = database(step).open_collection(step);
    report(step, "CollectionInfo", cairn_collection_info, handle);
  }

  // Begins, adds the batches, commits, and compares the result.
  void write(const Json& step, Json options, const std::vector<std::string>& batches) {
    const std::string bytes = table_of("TransactionOptions", options);
    cairn_transaction* handle = nullptr;
    call(cairn_transaction_begin, in(step), bytes_of(bytes), bytes.size(), &handle);
    const TransactionPtr transaction(handle);
    for (const std::string& batch : batches) {
      call(cairn_transaction_add, handle, bytes_of(batch), batch.size());
    }
    report(step, "CommitResult", cairn_transaction_commit, handle);
  }

  void apply(const Json& step) {
    const Json none = Json::array();
    Json batches = step.value("batches", Json::array({step.value("mutations", none)}));
    std::vector<std::string> encoded;
    for (const Json& batch : batches) {
      if (is_raw(batch))
        encoded.push_back(raw(batch));
      else if (!batch.empty())
        encoded.push_back(encode_batch(batch));
    }
    write(step, step.value("options", Json::object()), encoded);
  }

  void reconcile(const Json& step) {
    Json options = step.value("options", Json::object());
    options["mode"] = "Reconcile";
    const Json rows = step.value("rows", Json::array());
    std::vector<std::string> encoded;
    for (const Json& batch : step.value("batches", Json::array({rows}))) {
      if (!batch.empty()) encoded.push_back(encode_batch(inserts(batch)));
    }
    write(step, options, encoded);
  }

  // Writes rows into an empty collection, and sees that they come back whole in every way.
  void store(const Json& step) {
    write(step, step.value("options", Json::object()), {encode_batch(inserts(step.at("rows")))});
    load(step);
    Json one = step;
    for (const Json& row : step.at("rows")) {
      one["key"] = row.at(0);
      one["value"] = row.at(1);
      get(one);
    }
    expect_collection_digest(step, digest_report(step));
  }

  void fill(const Json& step) {
    write(step, step.value("options", Json::object()), {encode_batch(inserts(fill_rows(step)))});
  }

  void insert_json(const Json& step) {
    const auto text = step.at("text").get<std::string>();
    const auto field = step.at("key_field").get<std::string>();
    const std::string batch =
        call_for_bytes(cairn_batch_from_json, text.data(), text.size(), field.data(), field.size());
    write(step, step.value("options", Json::object()), {batch});
  }

  void put(const Json& step) {
    const std::string key = from_json(step.at("key"));
    const std::string value = from_json(step.at("value"));
    uint64_t version = 0;
    call(cairn_collection_put, in(step), bytes_of(key), key.size(), bytes_of(value), value.size(),
         &version);
    expect_result(step, {{"row_version", version}});
  }

  void remove(const Json& step) {
    const std::string key = from_json(step.at("key"));
    uint64_t version = 0;
    call(cairn_collection_remove, in(step), bytes_of(key), key.size(), &version);
    expect_result(step, {{"row_version", version}});
  }

  void get(const Json& step) {
    const std::string key = from_json(step.at("key"));
    const std::string value =
        call_for_bytes(cairn_collection_get, in(step), bytes_of(key), key.size());
    expect_equal(step.at("value"), to_json(value));
  }

  // Over a load, or over a delta where the step has `since`; with the collection's present reset
  // epoch unless the step says another.
  cairn_cursor* open_cursor(const Json& step) {
    Json request = step.value("request", Json::object());
    cairn_collection* collection = in(step);
    cairn_cursor* opened = nullptr;
    const bool is_delta = step.contains("since");
    if (is_delta) {
      request["since"] = step.at("since");
      const Json info =
          json_of("CollectionInfo", call_for_bytes(cairn_collection_info, collection));
      const int64_t epoch = info.value("position", Json::object()).value("reset_epoch", int64_t{0});
      request["reset_epoch"] = epoch - step.value("epochs_ago", 0);
    }
    const std::string bytes = table_of(is_delta ? "DeltaRequest" : "LoadRequest", request);
    call(is_delta ? cairn_collection_delta : cairn_collection_load, collection, bytes_of(bytes),
         bytes.size(), &opened);
    return opened;
  }

  void load(const Json& step) {
    const CursorPtr cursor(open_cursor(step));
    report(step, "CursorHead", cairn_cursor_head, cursor.get());
    Live::drain(step, cursor.get());
  }

  void cursor(const Json& step) { live_.add_cursor(step, open_cursor(step)); }

  // Writes what a load or a delta gives into another collection, batch by batch, as it came.
  void copy(const Json& step) {
    const CursorPtr cursor(open_cursor(step.at("from")));
    write(step, step.value("options", Json::object()), batches_of(cursor.get()));
  }

  void reset(const Json& step) { call(cairn_collection_reset, in(step)); }

  void drop(const Json& step) {
    const std::string name = step.value("name", "c");
    call(cairn_collection_drop, database(step).handle(), name.data(), name.size());
  }

  void metadata(const Json& step) {
    report(step, "MetadataReport", cairn_collection_metadata, in(step));
  }

  void info(const Json& step) { report(step, "CollectionInfo", cairn_collection_info, in(step)); }

  void database_info(const Json& step) {
    cairn_database* handle = database(step).handle();
    report(step, "DatabaseInfo", cairn_database_info, handle);
  }

  void check(const Json& step) {
    const std::string options = table_of("CheckOptions", step.value("options", Json::object()));
    report(step, "CheckReport", cairn_database_check, database(step).handle(), bytes_of(options),
           options.size());
  }

  void flush(const Json& step) { call(cairn_database_flush, database(step).handle()); }
  void compact(const Json& step) { call(cairn_database_compact, database(step).handle()); }

  void backup(const Json& step) {
    const std::string path = path_of(step.at("to"));
    report(step, "BackupReport", cairn_database_backup, database(step).handle(), path.data(),
           path.size());
  }

  void file(const Json& step) { write_file(path_of(step.at("name")), step); }

  void ensure_index(const Json& step) {
    const std::string request = table_of("IndexRequest", step.at("request"));
    report(step, "IndexInfo", cairn_collection_ensure_index, in(step), bytes_of(request),
           request.size());
  }

  void remove_index(const Json& step) {
    const auto signature = step.at("signature").get<std::string>();
    call(cairn_collection_remove_index, in(step), signature.data(), signature.size());
  }

  void coordinator(const Json& step) { live_.open_coordinator(step, database(step).handle()); }
  void replica(const Json& step) { live_.open_replica(step, in(step)); }

  // Compares the engine's digests with the pinned ones, and with the reference's where rows are
  // given.
  void digest(const Json& step) { expect_digest(step, digest_report(step)); }

  Json digest_report(const Json& step) {
    const std::string report = call_for_bytes(cairn_database_digest, database(step).handle());
    return json_of("DigestReport", report);
  }

  Kind kind_;
  std::string folder_;
  std::string main_;
  std::map<std::string, Database> databases_;
  Live live_;
};

}  // namespace

void run_steps(const Json& steps, Kind kind, const std::string& folder, const std::string& main) {
  Scenario(kind, folder, main).run(steps);
}

}  // namespace cairn::testing
