// What the engine cannot decide alone, and a host may: how a locale orders texts, what a free-form
// date means, how a date reads in the local time zone. Values are collected, asked about in one
// batch, and looked up from then on. One thread at a time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cairn/schemas/query_generated.h"
#include "core/value/tags.h"

namespace cairn {

struct HostQuestion {
  fb::QuestionKind kind = fb::QuestionKind::Rank;
  std::string locale;
  std::string values;  // a portable array
};

class HostAnswers {
 public:
  // `asks`: whether there is a host. Without one texts are in lexical order and times in UTC.
  explicit HostAnswers(bool asks) : asks_(asks) {}

  bool asks() const { return asks_; }

  // The answer about a text or a date (a portable value, and so is the answer, which is valid until
  // the next one). Nothing where it has to be asked for first.
  std::optional<Item> find(fb::QuestionKind kind, const std::string& locale, Bytes value);

  // What is to be asked next; nothing where all is known. Ranks hold among the texts of one
  // question, so that each question about a locale has all of its texts.
  std::optional<HostQuestion> next();
  // Takes the answers to the last question; throws kInvalidValue, kMalformed, kWrongState.
  void answer(Bytes portable);

  uint64_t asked() const { return asked_; }

 private:
  struct Topic {
    std::unordered_map<std::string, std::string> known;  // value -> answer
    std::unordered_set<std::string> waiting;
  };
  using TopicName = std::pair<fb::QuestionKind, std::string>;

  bool asks_;
  std::map<TopicName, Topic> topics_;
  std::optional<TopicName> open_;  // the topic of the question that waits for its answer
  std::vector<std::string> open_values_;
  uint64_t asked_ = 0;
};

}  // namespace cairn
