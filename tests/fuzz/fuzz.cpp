#include "fuzz.h"

#include <cstdio>
#include <cstdlib>

namespace cairn::fuzz {

void fail(const std::string& what) {
  std::fprintf(stderr, "fuzz: %s\n", what.c_str());
  std::abort();
}

std::string sized(std::string_view bytes) {
  expect(bytes.size() <= UINT16_MAX, "a part of a seed is too long");
  std::string out{static_cast<char>(bytes.size()), static_cast<char>(bytes.size() >> 8)};
  return out.append(bytes);
}

cairn_status checked(cairn_status status, cairn_error* error) {
  testing::ErrorPtr owner(error);
  expect((status >= CAIRN_INVALID_ARGUMENT) == (error != nullptr),
         "an error does not go with its status");
  expect(error == nullptr || cairn_error_status(error) == status, "an error has another status");
  if (!may_answer(status))
    fail(std::string(cairn_status_name(status)) + ": " + cairn_error_message(error));
  return status;
}

std::vector<testing::BufferPtr> batches_of(cairn_cursor* cursor) {
  std::vector<testing::BufferPtr> batches;
  while (auto batch = give<testing::BufferPtr>(cairn_cursor_next, cursor))
    batches.push_back(std::move(batch));
  return batches;
}

}  // namespace cairn::fuzz
