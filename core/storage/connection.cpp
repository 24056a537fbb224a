#include "core/storage/connection.h"

namespace cairn {

Statement& Connection::statement(Sql sql, int64_t number, int64_t collection) {
  uint64_t id = static_cast<uint64_t>(number) << 8 | static_cast<uint64_t>(sql);
  auto& kept = statements_[id];
  if (kept == nullptr) kept = prepare(sql_text(sql, number, collection));
  return *kept;
}

void Connection::forget(int64_t number) {
  std::erase_if(statements_, [&](const auto& entry) {
    return entry.first >> 8 == static_cast<uint64_t>(number);
  });
}

bool Connection::is_missing_table(const Error& error) {
  return std::string_view(error.what()).find("no such table") != std::string_view::npos;
}

}  // namespace cairn
