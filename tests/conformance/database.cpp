// Opening and closing of a scenario's databases; see database.h.
#include "database.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "payloads.h"

namespace cairn::testing {

void Database::open(const Json& step) {
  if (handle_) return;
  const bool opens = step.value("do", "") == "open";
  Json options = opens ? step.value("options", Json::object()) : Json::object();
  if (kind_ == Kind::Memory && !is_raw(options)) options["in_memory"] = true;
  const std::string bytes = table_of("DatabaseOptions", options);
  cairn_database* handle = nullptr;
  if (kind_ == Kind::Executor) {
    if (!host_) host_ = std::make_unique<ExecutorHost>();
    const cairn_sql_executor table = host_->table();
    call(cairn_database_open_executor, &table, bytes_of(bytes), bytes.size(), &handle);
  } else {
    call(cairn_database_open, path_.data(), path_.size(), bytes_of(bytes), bytes.size(), &handle);
  }
  handle_.reset(handle);
  opening_ = step;
}

void Database::reopen() {
  const auto opened = opened_;
  if (kind_ == Kind::Memory) {
    collections_.clear();
  } else {
    close();
    open(Json(opening_));
  }
  for (const auto& [name, step] : opened) open_collection(step);
}

cairn_collection* Database::open_collection(const Json& step) {
  const std::string name = step.value("name", "c");
  const std::string handle = step.value("as", name);
  collections_.erase(handle);
  opened_.erase(handle);
  const std::string options = table_of("CollectionOptions", step.value("options", Json::object()));
  cairn_collection* opened = nullptr;
  call(cairn_collection_open, handle_.get(), name.data(), name.size(), bytes_of(options),
       options.size(), &opened);
  collections_[handle].reset(opened);
  opened_[handle] = step;
  return at(handle);
}

void Database::close() {
  collections_.clear();
  opened_.clear();
  handle_.reset();
}

void Database::finish() {
  if (handle_) {
    const std::string bytes =
        call_for_bytes(cairn_database_check, handle_.get(), nullptr, size_t{0});
    const Json report = json_of("CheckReport", bytes);
    if (!report.value("ok", false)) throw std::runtime_error("damaged: " + report.dump());
  }
  close();
  if (!host_) return;
  for (const std::string& violation : host_->violations()) {
    throw std::runtime_error("the host was asked for more than it gives: " + violation);
  }
}

void write_file(const std::string& path, const Json& step) {
  const std::string bytes = raw({{"$bytes", step.value("bytes", "")}});
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  const auto size = static_cast<ssize_t>(bytes.size());
  const bool written = ::pwrite(file, bytes.data(), bytes.size(), step.value("at", 0)) == size;
  ::close(file);
  if (!written) throw std::runtime_error("cannot write " + path);
  if (step.contains("size")) std::filesystem::resize_file(path, step["size"].get<size_t>());
}

}  // namespace cairn::testing
