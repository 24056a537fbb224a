// Steps on cursors, replicas and coordinators; see live.h.
#include "live.h"

#include <algorithm>
#include <stdexcept>

#include "payloads.h"

namespace cairn::testing {
namespace {

// What a function that has more and more to give gives until it is done.
template <typename Function, typename Handle>
std::vector<Json> all_of(Function function, Handle* handle, const char* table) {
  std::vector<Json> all;
  try {
    for (;;) all.push_back(json_of(table, call_for_bytes(function, handle)));
  } catch (const ApiError& e) {
    if (e.status() != CAIRN_DONE) throw;
  }
  return all;
}

// What a cursor gives next, with CAIRN_OK, CAIRN_QUESTION or CAIRN_DONE.
std::string next_of(cairn_cursor* cursor, cairn_status& status) {
  cairn_buffer* buffer = nullptr;
  cairn_error* error = nullptr;
  status = cairn_cursor_next(cursor, &buffer, &error);
  const BufferPtr owner(buffer);
  const ErrorPtr error_owner(error);
  if (error != nullptr) throw ApiError(status, cairn_error_message(error));
  const auto* data = reinterpret_cast<const char*>(cairn_buffer_data(buffer));
  return data ? std::string(data, cairn_buffer_size(buffer)) : std::string();
}

void answer_to(cairn_cursor* cursor, const Json& answer) {
  const std::string bytes = table_of("Answer", answer);
  call(cairn_cursor_answer, cursor, bytes_of(bytes), bytes.size());
}

// Compares those of the step's kinds with what it says.
void expect_list(const Json& step, const char* field, const std::vector<Json>& all) {
  Json taken = Json::array();
  for (const Json& one : all) {
    const Json kinds = step.value("kinds", Json::array({one.at("kind")}));
    if (std::find(kinds.begin(), kinds.end(), one.at("kind")) != kinds.end()) taken.push_back(one);
  }
  if (step.contains(field)) expect_fields(step.at(field), taken);
}

}  // namespace

bool Live::perform(const Json& step) {
  using Verb = void (Live::*)(const Json&);
  static const std::map<std::string, Verb> kVerbs = {
      {"next", &Live::next},       {"answer", &Live::answer}, {"drain", &Live::drain_named},
      {"release", &Live::release}, {"send", &Live::send},     {"effects", &Live::effects},
      {"actions", &Live::actions}};
  const auto verb = kVerbs.find(step.at("do").get<std::string>());
  if (verb == kVerbs.end()) return false;
  (this->*verb->second)(step);
  return true;
}

void Live::add_cursor(const Json& step, cairn_cursor* cursor) {
  const auto name = step.at("as").get<std::string>();
  cursors_[name].reset(cursor);
  owner_[name] = step.value("db", "main");
  expect_table(step, "CursorHead", call_for_bytes(cairn_cursor_head, cursor));
}

void Live::open_coordinator(const Json& step, cairn_database* database) {
  const std::string options = table_of("CoordinatorOptions", step.value("options", Json::object()));
  cairn_coordinator* opened = nullptr;
  call(cairn_coordinator_open, database, bytes_of(options), options.size(), &opened);
  coordinators_[step.at("as")].reset(opened);
  owner_[step.at("as")] = step.value("db", "main");
}

void Live::open_replica(const Json& step, cairn_collection* collection) {
  const std::string options = table_of("ReplicaOptions", step.value("options", Json::object()));
  cairn_coordinator* coordinator =
      step.contains("coordinator") ? coordinators_.at(step["coordinator"]).get() : nullptr;
  cairn_replica* opened = nullptr;
  call(cairn_replica_open, collection, coordinator, bytes_of(options), options.size(), &opened);
  replicas_[step.at("as")].reset(opened);
  owner_[step.at("as")] = step.value("db", "main");
}

void Live::close(const std::string& db) {
  const auto is_of = [&](const auto& entry) { return owner_.at(entry.first) == db; };
  std::erase_if(cursors_, is_of);
  std::erase_if(replicas_, is_of);
  std::erase_if(coordinators_, is_of);
}

void Live::close() {
  cursors_.clear();
  replicas_.clear();
  coordinators_.clear();
}

void Live::drain(const Json& step, cairn_cursor* cursor) {
  const Json answers = step.value("answers", Json::array());
  std::vector<std::string> batches;
  size_t asked = 0;
  cairn_status status = CAIRN_OK;
  for (;;) {
    const std::string bytes = next_of(cursor, status);
    if (status == CAIRN_DONE) break;
    if (status == CAIRN_OK) batches.push_back(bytes);
    if (status != CAIRN_QUESTION) continue;
    expect_fields(answers.at(asked).at("question"), json_of("Question", bytes));
    answer_to(cursor, answers.at(asked++).at("answer"));
  }
  expect_equal(answers.size(), asked);
  const std::vector<Json> rows = rows_of(batches);
  if (step.contains("rows"))
    expect_rows(step.at("rows"), rows, step.value("any_order", step.contains("since")));
  if (step.contains("row_count")) expect_equal(step.at("row_count"), rows.size());
  const std::string explanation = call_for_bytes(cairn_cursor_explain, cursor);
  if (step.contains("explain")) expect_fields(step["explain"], json_of("Explanation", explanation));
}

void Live::drain_named(const Json& step) { drain(step, cursors_.at(step.at("of")).get()); }

void Live::next(const Json& step) {
  cairn_status status = CAIRN_OK;
  const std::string bytes = next_of(cursors_.at(step.at("of")).get(), status);
  const cairn_status wanted = step.contains("done")       ? CAIRN_DONE
                              : step.contains("question") ? CAIRN_QUESTION
                                                          : CAIRN_OK;
  expect_equal(cairn_status_name(wanted), cairn_status_name(status));
  if (step.contains("question")) expect_fields(step["question"], json_of("Question", bytes));
  if (step.contains("rows")) expect_rows(step["rows"], rows_of({bytes}), false);
}

void Live::answer(const Json& step) {
  answer_to(cursors_.at(step.at("of")).get(), step.at("answer"));
}

void Live::release(const Json& step) {
  const auto name = step.at("of").get<std::string>();
  if (cursors_.erase(name) + replicas_.erase(name) + coordinators_.erase(name) == 0)
    throw std::runtime_error("nothing is open as " + name);
}

void Live::send(const Json& step) {
  const auto name = step.at("of").get<std::string>();
  const auto replica = replicas_.find(name);
  for (Json event : step.at("events")) {
    if (replica == replicas_.end()) {
      const std::string bytes = table_of("CoordinatorEvent", event);
      call(cairn_coordinator_send, coordinators_.at(name).get(), bytes_of(bytes), bytes.size());
      continue;
    }
    if (event.contains("effect") && event["effect"].is_string())
      event["effect"] = numbers_[name].at(event["effect"]);
    const std::string bytes = table_of("ReplicaEvent", event);
    call(cairn_replica_send, replica->second.get(), bytes_of(bytes), bytes.size());
  }
}

void Live::effects(const Json& step) {
  const auto name = step.at("of").get<std::string>();
  const auto all = all_of(cairn_replica_next, replicas_.at(name).get(), "ReplicaEffect");
  for (const Json& effect : all) numbers_[name][effect.at("kind")] = effect.at("number");
  expect_list(step, "effects", all);
}

void Live::actions(const Json& step) {
  cairn_coordinator* coordinator = coordinators_.at(step.at("of")).get();
  const auto all = all_of(cairn_coordinator_next, coordinator, "CoordinatorAction");
  for (const Json& action : all)
    if (action.contains("message")) deliver(step, action.at("message"));
  expect_list(step, "actions", all);
}

void Live::deliver(const Json& step, const Json& message) {
  const std::string bytes =
      table_of("CoordinatorEvent", {{"kind", "Received"}, {"message", message}});
  for (const std::string name : step.value("deliver", Json::array()))
    call(cairn_coordinator_send, coordinators_.at(name).get(), bytes_of(bytes), bytes.size());
}

}  // namespace cairn::testing
