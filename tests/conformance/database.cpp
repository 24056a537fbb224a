// Opening and closing of a scenario's databases; see database.h.
#include "database.h"

#include <stdexcept>

namespace cairn::testing {

void Database::open(const Json& options) {
  if (handle_) return;
  options_ = options;
  if (kind_ != Kind::Executor) {
    if (kind_ == Kind::Memory) options_["in_memory"] = true;
    handle_ = open_database(path_, options_.dump());
    return;
  }
  if (!host_) host_ = std::make_unique<ExecutorHost>();
  const cairn_sql_executor table = host_->table();
  const std::string bytes = make_table("DatabaseOptions", options_.dump());
  cairn_database* handle = nullptr;
  call(cairn_database_open_executor, &table, bytes_of(bytes), bytes.size(), &handle);
  handle_.reset(handle);
}

void Database::reopen() {
  collections_.clear();
  if (kind_ != Kind::Memory) {
    handle_.reset();
    open(Json(options_));
  }
  const auto opened = opened_;
  for (const auto& [name, step] : opened) open_collection(step);
}

cairn_collection* Database::open_collection(const Json& step) {
  const std::string name = step.value("name", "c");
  const std::string handle = step.value("as", name);
  collections_.erase(handle);
  opened_.erase(handle);
  const std::string options = step.value("options", Json::object()).dump();
  collections_[handle] = testing::open_collection(handle_.get(), name, options);
  opened_[handle] = step;
  return at(handle);
}

void Database::check() const {
  const std::string report = read_table(
      "CheckReport", call_for_bytes(cairn_database_check, handle_.get(), nullptr, size_t{0}));
  if (!Json::parse(report).value("ok", false)) throw std::runtime_error("damaged: " + report);
}

void Database::finish() {
  if (!handle_) return;
  check();
  collections_.clear();
  handle_.reset();
  if (!host_) return;
  for (const std::string& violation : host_->violations()) {
    throw std::runtime_error("the host was asked for more than it gives: " + violation);
  }
}

}  // namespace cairn::testing
