#include "json_tree.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/value/json_extended.h"
#include "core/value/object.h"

namespace cairn::capi {
namespace {

constexpr size_t kMaxJsonDepth = 3 * kMaxDepth;

class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(Json& root, const std::string& what) : root_(root), what_(what) {}

  bool null() override { return add({}); }
  bool boolean(bool value) override { return add({value}); }
  bool number_integer(number_integer_t value) override { return add({static_cast<double>(value)}); }
  bool number_unsigned(number_unsigned_t value) override { return add({uint64_t{value}}); }
  bool number_float(number_float_t value, const string_t&) override { return add({value}); }
  bool string(string_t& value) override { return add({std::move(value)}); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open({Json::Object()}); }
  bool start_array(size_t) override { return open({Json::Array()}); }
  bool end_array() override { return close(); }
  bool end_object() override { return close(); }

  // A name that stands twice has its last value, in its first place.
  bool key(string_t& name) override {
    auto& fields = std::get<Json::Object>(open_.back()->data);
    auto same = [&](const auto& field) { return field.first == name; };
    auto place = std::find_if(fields.begin(), fields.end(), same);
    if (place == fields.end()) {
      if (fields.size() == kMaxFields) throw ValueError("an object with more than 65,535 fields");
      place = fields.emplace(fields.end(), std::move(name), Json());
    }
    field_ = &place->second;
    return true;
  }

  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    malformed(what_ + ": no JSON; names need double quotes");
  }

 private:
  // The place of the next value. What is open does not move meanwhile: only its parents could.
  Json& put(Json value) {
    Json* place = &root_;
    if (!open_.empty()) {
      auto* items = std::get_if<Json::Array>(&open_.back()->data);
      place = items == nullptr ? field_ : &items->emplace_back();
    }
    *place = std::move(value);
    return *place;
  }

  bool add(Json value) {
    put(std::move(value));
    return true;
  }

  bool open(Json container) {
    if (open_.size() >= kMaxJsonDepth) malformed(what_ + ": JSON that nests too deep");
    open_.push_back(&put(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  Json& root_;
  const std::string& what_;
  std::vector<Json*> open_;
  Json* field_ = nullptr;
};

}  // namespace

Json parse_tree(std::string_view text, const std::string& what) {
  Json root;
  Builder builder(root, what);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return root;
}

Value to_value(const Json& json) {
  if (auto* number = json.get<uint64_t>()) return static_cast<double>(*number);
  if (auto* number = json.get<double>()) return *number;
  if (auto* truth = json.get<bool>()) return *truth;
  if (auto* text = json.get<std::string>()) return *text;
  if (auto* items = json.get<Json::Array>()) {
    Array array;
    for (const Json& item : *items) array.push_back(to_value(item));
    return array;
  }
  if (auto* fields = json.get<Json::Object>()) {
    Object object;
    for (const auto& [name, value] : *fields) object.emplace_back(name, to_value(value));
    return from_extended(std::move(object));
  }
  return nullptr;
}

}  // namespace cairn::capi
