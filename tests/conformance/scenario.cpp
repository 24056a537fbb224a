// The steps of a scenario, over the C API; README.md documents them. What the engine gives is
// compared with the corpus by the reference encoder (tests/support/reference.h), never by the
// engine's own. One thread.
#include "scenario.h"

#include <map>

#include "api.h"
#include "payloads.h"

namespace cairn::testing {
namespace {

class Scenario {
 public:
  Scenario(Kind kind, std::string folder) : kind_(kind), folder_(std::move(folder)) {}

  void run(const Json& steps) {
    for (size_t i = 0; i < steps.size(); i++) {
      try {
        run_step(steps[i]);
      } catch (const std::exception& e) {
        throw std::runtime_error("step " + std::to_string(i + 1) + " " +
                                 steps[i].dump().substr(0, 300) + "\n    " + e.what());
      }
    }
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
    static const std::map<std::string, Verb> kVerbs = {{"open", &Scenario::open},
                                                       {"reopen", &Scenario::reopen},
                                                       {"collection", &Scenario::collection},
                                                       {"apply", &Scenario::apply},
                                                       {"reconcile", &Scenario::reconcile},
                                                       {"fill", &Scenario::fill},
                                                       {"json", &Scenario::insert_json},
                                                       {"store", &Scenario::store},
                                                       {"put", &Scenario::put},
                                                       {"remove", &Scenario::remove},
                                                       {"get", &Scenario::get},
                                                       {"load", &Scenario::load},
                                                       {"delta", &Scenario::delta},
                                                       {"copy", &Scenario::copy},
                                                       {"reset", &Scenario::reset},
                                                       {"drop", &Scenario::drop},
                                                       {"metadata", &Scenario::metadata},
                                                       {"info", &Scenario::info},
                                                       {"database", &Scenario::database_info},
                                                       {"digest", &Scenario::digest}};
    const auto verb = kVerbs.find(step.at("do").get<std::string>());
    if (verb == kVerbs.end()) throw std::runtime_error("unknown step");
    (this->*verb->second)(step);
  }

  Database& database(const Json& step) {
    const std::string name = step.value("db", "main");
    Database& named = databases_.try_emplace(name, kind_, folder_ + "/" + name).first->second;
    named.open(step.value("do", "") == "open" ? step.value("options", Json::object())
                                              : Json::object());
    return named;
  }

  cairn_collection* in(const Json& step) { return database(step).at(step.value("in", "c")); }

  void open(const Json& step) { database(step); }
  void reopen(const Json& step) { database(step).reopen(); }

  void collection(const Json& step) {
    cairn_collection* handle = database(step).open_collection(step);
    expect_table(step, "CollectionInfo", call_for_bytes(cairn_collection_info, handle));
  }

  // Begins, adds the batches, commits, and compares the result.
  void write(const Json& step, Json options, const std::vector<std::string>& batches) {
    const std::string bytes = make_table("TransactionOptions", options.dump());
    cairn_transaction* handle = nullptr;
    call(cairn_transaction_begin, in(step), bytes_of(bytes), bytes.size(), &handle);
    const TransactionPtr transaction(handle);
    for (const std::string& batch : batches) {
      call(cairn_transaction_add, handle, bytes_of(batch), batch.size());
    }
    expect_table(step, "CommitResult", call_for_bytes(cairn_transaction_commit, handle));
  }

  void apply(const Json& step) {
    const Json none = Json::array();
    Json batches = step.value("batches", Json::array({step.value("mutations", none)}));
    std::vector<std::string> encoded;
    for (const Json& batch : batches) {
      if (!batch.empty()) encoded.push_back(encode_batch(batch));
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
    Json mutations = Json::array();
    const int start = step.value("start", 0);
    const int add = step.value("add", 0);
    for (int i = start; i < start + step.at("count").get<int>(); i++) {
      mutations.push_back(
          {"insert", step.value("prefix", "k") + std::to_string(i), {{"n", i + add}}});
    }
    write(step, step.value("options", Json::object()), {encode_batch(mutations)});
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

  void load(const Json& step) {
    const std::string request = load_request(step);
    cairn_cursor* cursor = nullptr;
    call(cairn_collection_load, in(step), bytes_of(request), request.size(), &cursor);
    expect_cursor(step, CursorPtr(cursor));
  }

  void delta(const Json& step) {
    const std::string request = delta_request(step);
    cairn_cursor* cursor = nullptr;
    call(cairn_collection_delta, in(step), bytes_of(request), request.size(), &cursor);
    expect_cursor(step, CursorPtr(cursor));
  }

  static std::string load_request(const Json& step) {
    return make_table("LoadRequest", step.value("request", Json::object()).dump());
  }

  // The request, with the collection's present reset epoch unless the step says another.
  std::string delta_request(const Json& step) {
    Json request = step.value("request", Json::object());
    request["since"] = step.at("since");
    const Json info =
        Json::parse(read_table("CollectionInfo", call_for_bytes(cairn_collection_info, in(step))));
    const int64_t epoch = info.value("position", Json::object()).value("reset_epoch", int64_t{0});
    request["reset_epoch"] = epoch - step.value("epochs_ago", 0);
    return make_table("DeltaRequest", request.dump());
  }

  void expect_cursor(const Json& step, CursorPtr cursor) {
    expect_table(step, "CursorHead", call_for_bytes(cairn_cursor_head, cursor.get()));
    const std::vector<Json> rows = rows_of(batches_of(cursor.get()));
    if (step.contains("rows")) {
      expect_rows(step.at("rows"), rows, step.value("any_order", step.contains("since")));
    }
    if (step.contains("row_count")) expect_equal(step.at("row_count"), rows.size());
  }

  // Writes what a load or a delta gives into another collection, batch by batch, as it came.
  void copy(const Json& step) {
    cairn_cursor* handle = nullptr;
    const Json& from = step.at("from");
    const bool is_delta = from.contains("since");
    const std::string request = is_delta ? delta_request(from) : load_request(from);
    call(is_delta ? cairn_collection_delta : cairn_collection_load, in(from), bytes_of(request),
         request.size(), &handle);
    write(step, step.value("options", Json::object()), batches_of(CursorPtr(handle).get()));
  }

  void reset(const Json& step) { call(cairn_collection_reset, in(step)); }

  void drop(const Json& step) {
    const std::string name = step.value("name", "c");
    call(cairn_collection_drop, database(step).handle(), name.data(), name.size());
  }

  void metadata(const Json& step) {
    expect_table(step, "MetadataReport", call_for_bytes(cairn_collection_metadata, in(step)));
  }

  void info(const Json& step) {
    expect_table(step, "CollectionInfo", call_for_bytes(cairn_collection_info, in(step)));
  }

  void database_info(const Json& step) {
    cairn_database* handle = database(step).handle();
    expect_table(step, "DatabaseInfo", call_for_bytes(cairn_database_info, handle));
  }

  // Compares the engine's digests with the pinned ones, and with the reference's where rows are
  // given.
  void digest(const Json& step) { expect_digest(step, digest_report(step)); }

  Json digest_report(const Json& step) {
    const std::string report = call_for_bytes(cairn_database_digest, database(step).handle());
    return Json::parse(read_table("DigestReport", report));
  }

  Kind kind_;
  std::string folder_;
  std::map<std::string, Database> databases_;
};

}  // namespace

void run_steps(const Json& steps, Kind kind, const std::string& folder) {
  Scenario(kind, folder).run(steps);
}

}  // namespace cairn::testing
