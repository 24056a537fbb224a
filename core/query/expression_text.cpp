#include "core/query/expression_text.h"

#include <algorithm>

#include "core/value/json.h"

namespace cairn {
namespace {

// One form for the reader of expressions: see Expression::written().
class TreeWriter {
 public:
  std::string write(const Value& tree) {
    put(tree, 1);
    return std::string(as_text(out_.bytes()));
  }

 private:
  void put(const Value& tree, size_t depth) {
    if (depth > kMaxExpressionDepth)
      throw Error(Status::kTooLarge, "an expression nested deeper than 256");
    const std::string& type = text_of(tree, "type");
    if (type == "val") return put_value(tree);
    if (type == "ref") return put_path(tree);
    if (type != "func") malformed("an expression's type is val, ref or func");
    out_.put(static_cast<uint8_t>(fb::ExprKind::Call));
    out_.put_sized(as_bytes(text_of(tree, "name")));
    const Array& arguments = array_of(tree, "args");
    out_.put_varint(arguments.size());
    for (const Value& argument : arguments) put(argument, depth + 1);
  }

  void put_value(const Value& tree) {
    const Value* value = tree.find("value");
    out_.put(static_cast<uint8_t>(fb::ExprKind::Value));
    put_sized(value == nullptr ? Value(Undefined{}) : *value);
  }

  void put_path(const Value& tree) {
    out_.put(static_cast<uint8_t>(fb::ExprKind::Reference));
    put_sized(Value(array_of(tree, "path")));
  }

  void put_sized(const Value& value) {
    ByteBuffer portable;
    encode_value(value, portable);
    out_.put_sized(portable.bytes());
  }

  static const std::string& text_of(const Value& tree, const char* name) {
    const Value* field = tree.find(name);
    if (field == nullptr || field->get<std::string>() == nullptr)
      malformed(std::string("a serialized expression without \"") + name + "\"");
    return *field->get<std::string>();
  }

  static const Array& array_of(const Value& tree, const char* name) {
    const Value* field = tree.find(name);
    if (field == nullptr || field->get<Array>() == nullptr)
      malformed(std::string("a serialized expression without \"") + name + "\"");
    return *field->get<Array>();
  }

  ByteBuffer out_;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void drop_spaces(std::string& text) {
  text.erase(std::remove_if(text.begin(), text.end(), is_space), text.end());
}

bool is_name(std::string_view text) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || digit(c); });
}

// The names of $.a.b; nothing where it is another kind of path.
Array path_of(std::string_view path) {
  Array names;
  if (!path.starts_with("$.")) return names;
  path.remove_prefix(2);
  while (true) {
    size_t dot = std::min(path.find('.'), path.size());
    if (!is_name(path.substr(0, dot))) return {};
    names.emplace_back(std::string(path.substr(0, dot)));
    if (dot == path.size()) return names;
    path.remove_prefix(dot + 1);
  }
}

Value parse_sql(std::string_view text) {
  constexpr std::string_view kStart = "json_extract(value,'", kEnd = "')";
  std::string plain(text);
  drop_spaces(plain);
  Array path;
  if (plain.starts_with(kStart) && plain.ends_with(kEnd) &&
      plain.size() > kStart.size() + kEnd.size())
    path = path_of(
        std::string_view(plain).substr(kStart.size(), plain.size() - kStart.size() - kEnd.size()));
  if (path.empty())
    throw Error(Status::kUnsupported,
                "an index is over a serialized expression or a path such as json_extract(value, "
                "'$.a.b'); other SQL is not understood");
  return Object{{"type", "ref"}, {"path", std::move(path)}};
}

}  // namespace

ExpressionPtr parse_expression_text(std::string_view text) {
  size_t start =
      static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_space) - text.begin());
  bool is_json = start < text.size() && text[start] == '{';
  std::string written = TreeWriter().write(is_json ? parse_json(text) : parse_sql(text));
  return Expression::read(as_bytes(written));
}

}  // namespace cairn
