// A connection by a host's synchronous SQL (cairn/executor.h). One thread at a time.
#pragma once

#include <cstdint>

#include "core/storage/connection.h"

namespace cairn {

// The host's callbacks, as in cairn_sql_executor; capi fills them in.
struct SqlHost {
  using Rows = int32_t (*)(void* context, const uint8_t* values, size_t size);
  using Body = int32_t (*)(void* context);

  void* user_data = nullptr;
  void (*destroy)(void* user_data) = nullptr;
  int32_t (*execute)(void* user_data, const char* sql, size_t sql_size, const uint8_t* parameters,
                     size_t parameters_size, Rows rows, void* rows_context) = nullptr;
  int32_t (*transaction)(void* user_data, Body body, void* body_context) = nullptr;
};

class ExecutorConnection : public Connection {
 public:
  // Calls `host.destroy` when it ends.
  explicit ExecutorConnection(const SqlHost& host) : host_(host) {}
  ~ExecutorConnection() override;

  void execute(const std::string& sql) override;
  void transaction(const std::function<void()>& body) override;
  int64_t chunk_rows() const override { return 512; }

 protected:
  std::unique_ptr<Statement> prepare(const std::string& sql) override;

 private:
  SqlHost host_;
};

}  // namespace cairn
