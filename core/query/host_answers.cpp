#include "core/query/host_answers.h"

#include <algorithm>

#include "core/value/object.h"

namespace cairn {
namespace {

void expect_kind(fb::QuestionKind kind, const Item& answer) {
  bool wanted = kind == fb::QuestionKind::DateText ? is_text(answer.tag) : is_number(answer.tag);
  if (!wanted)
    throw Error(Status::kInvalidValue, kind == fb::QuestionKind::DateText
                                           ? "the answer about a date is a text"
                                           : "the answer about a text is a number");
}

}  // namespace

std::optional<Item> HostAnswers::find(fb::QuestionKind kind, const std::string& locale,
                                      Bytes value) {
  Topic& topic = topics_[{kind, locale}];
  std::string name(as_text(value));
  auto known = topic.known.find(name);
  if (known != topic.known.end()) return read_item(as_bytes(known->second));
  topic.waiting.insert(std::move(name));
  return std::nullopt;
}

std::optional<HostQuestion> HostAnswers::next() {
  for (auto& [name, topic] : topics_) {
    if (topic.waiting.empty()) continue;
    if (name.first == fb::QuestionKind::Rank)
      for (auto& [value, answer] : topic.known) topic.waiting.insert(value);
    open_ = name;
    open_values_.assign(topic.waiting.begin(), topic.waiting.end());
    std::sort(open_values_.begin(), open_values_.end());  // so that a question repeats itself
    ByteBuffer values;
    TupleWriter writer(values, 1);
    size_t start = writer.open(kArray);
    values.put_varint(open_values_.size());
    TupleWriter items(values, open_values_.size());
    for (const std::string& value : open_values_) items.put(read_item(as_bytes(value)));
    writer.close(start);
    if (values.size() > kMaxBatchBytes)
      throw Error(Status::kTooLarge, "more than 64 MiB of values to ask the host about");
    return HostQuestion{name.first, name.second, std::string(as_text(values.bytes()))};
  }
  return std::nullopt;
}

void HostAnswers::answer(Bytes portable) {
  if (!open_) throw Error(Status::kWrongState, "there is no question to answer");
  ByteBuffer checked;
  TupleWriter writer(checked, 1);
  Transcoder(nullptr, nullptr).put(read_item(portable), writer, 0);
  Item list = read_item(checked.bytes());
  if (list.tag != kArray) malformed("answers are an array");
  TupleReader items = read_array(list.bytes());
  if (items.left() != open_values_.size())
    throw Error(Status::kInvalidValue, std::to_string(items.left()) + " answers to " +
                                           std::to_string(open_values_.size()) + " questions");
  Topic& topic = topics_[*open_];
  std::unordered_map<std::string, std::string> answers;
  for (const std::string& value : open_values_) {
    Item item = items.next();
    expect_kind(open_->first, item);
    ByteBuffer kept;
    TupleWriter(kept, 1).put(item);
    answers.emplace(value, as_text(kept.bytes()));
  }
  for (auto& [value, kept] : answers) topic.known.insert_or_assign(value, std::move(kept));
  asked_ += open_values_.size();
  topic.waiting.clear();
  open_.reset();
}

}  // namespace cairn
