#include "json_tree.h"

#include <nlohmann/json.hpp>
#include <unordered_map>

#include "core/value/json_extended.h"
#include "core/value/object.h"

namespace cairn::capi {
namespace {

constexpr size_t kMaxJsonDepth = 3 * kMaxDepth;

// A name that stands twice has its last value, in its first place. In one go at the end of an
// object: looking back at every name would be quadratic.
void merge_names(Json::Object& fields) {
  std::unordered_map<std::string_view, size_t> places;
  std::vector<size_t> first(fields.size());
  for (size_t i = 0; i < fields.size(); ++i)
    first[i] = places.emplace(fields[i].first, i).first->second;
  if (places.size() == fields.size()) return;
  Json::Object merged;
  std::vector<size_t> moved(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    if (first[i] != i) {
      merged[moved[first[i]]].second = std::move(fields[i].second);
      continue;
    }
    moved[i] = merged.size();
    merged.push_back({fields[i].first, std::move(fields[i].second)});
  }
  fields = std::move(merged);
}

class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(Json& root, const std::string& what) : root_(root), what_(what) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(uint64_t{value}); }
  bool number_float(number_float_t value, const string_t&) override { return add(double{value}); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(Json::Object()); }
  bool start_array(size_t) override { return open(Json::Array()); }
  bool end_array() override { return close(); }
  bool end_object() override {
    merge_names(std::get<Json::Object>(open_.back()->data));
    return close();
  }

  bool key(string_t& name) override {
    auto& fields = std::get<Json::Object>(open_.back()->data);
    if (fields.size() == kMaxFields) throw ValueError("an object with more than 65,535 fields");
    field_ = &fields.emplace_back(std::move(name), Json{nullptr}).second;
    return true;
  }

  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    malformed(what_ + ": no JSON; names need double quotes");
  }

 private:
  // Puts the next value in its place. What is open does not move meanwhile: only its parents could.
  template <typename T>
  Json& put(T value) {
    Json* place = &root_;
    if (!open_.empty()) {
      auto* items = std::get_if<Json::Array>(&open_.back()->data);
      place = items == nullptr ? field_ : &items->emplace_back();
    }
    place->data = std::move(value);
    return *place;
  }

  template <typename T>
  bool add(T value) {
    put(std::move(value));
    return true;
  }

  template <typename T>
  bool open(T container) {
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
