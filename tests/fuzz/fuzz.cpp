#include "fuzz.h"

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

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

// Answers a question: texts to what is about dates, else numbers.
static void answer_question(cairn_cursor* cursor, const testing::BufferPtr& question) {
  nlohmann::json asked = nlohmann::json::parse(testing::read_table("Question", text_of(question)));
  nlohmann::json answers = nlohmann::json::array();
  for (size_t i = 0; i < asked.at("values").size(); ++i) {
    if (asked.value("kind", "") == "DateText") {
      answers.push_back("a date");
    } else {
      answers.push_back(i);
    }
  }
  std::string table = testing::make_table("Answer", nlohmann::json({{"values", answers}}).dump());
  expect(answer(cairn_cursor_answer, cursor, testing::bytes_of(table), table.size()) == CAIRN_OK,
         "an answer that fits is not taken");
}

std::vector<testing::BufferPtr> batches_of(cairn_cursor* cursor) {
  constexpr int kMostQuestions = 10000;
  std::vector<testing::BufferPtr> batches;
  for (int questions = 0; questions < kMostQuestions; ++questions) {
    cairn_buffer* out = nullptr;
    cairn_status status = answer(cairn_cursor_next, cursor, &out);
    testing::BufferPtr owner(out);
    expect((status == CAIRN_OK || status == CAIRN_QUESTION) == (out != nullptr),
           "a result does not go with its status");
    if (out == nullptr) return batches;
    if (status == CAIRN_QUESTION) {
      answer_question(cursor, owner);
    } else {
      questions = 0;
      batches.push_back(std::move(owner));
    }
  }
  fail("questions do not end");
}

}  // namespace cairn::fuzz
