#include "core/query/expression.h"

#include <algorithm>
#include <array>

#include "core/value/object.h"
#include "core/value/text.h"

namespace cairn {
namespace {

constexpr uint32_t kAny = 255;

// In the written form: a reference to what another reference of the expression has as its alias. It
// is the row itself where that has no such field, and so another expression than the field alone.
constexpr uint8_t kAliasReference = 0x80;

// By `Function`: the name, and how many arguments a call may have.
struct FunctionFacts {
  std::string_view name;
  uint32_t least;
  uint32_t most;
};
constexpr std::array<FunctionFacts, 26> kFunctions = {{
    {"and", 0, kAny},      {"or", 0, kAny},       {"not", 1, 1},         {"eq", 2, 2},
    {"gt", 2, 2},          {"gte", 2, 2},         {"lt", 2, 2},          {"lte", 2, 2},
    {"in", 2, 2},          {"like", 2, 2},        {"ilike", 2, 2},       {"isNull", 1, 1},
    {"isUndefined", 1, 1}, {"upper", 1, 1},       {"lower", 1, 1},       {"length", 1, 1},
    {"concat", 0, kAny},   {"coalesce", 0, kAny}, {"caseWhen", 2, kAny}, {"add", 2, 2},
    {"subtract", 2, 2},    {"multiply", 2, 2},    {"divide", 2, 2},      {"date", 1, 1},
    {"datetime", 1, 1},    {"strftime", 2, 2},
}};
static_assert(kFunctions.size() == static_cast<size_t>(Function::kStrftime) + 1);

Function find_function(std::string_view name) {
  for (size_t i = 0; i < kFunctions.size(); ++i)
    if (kFunctions[i].name == name) return static_cast<Function>(i);
  std::string shown = is_wtf8(as_bytes(name), false) ? std::string(name.substr(0, 100)) : "?";
  throw Error(Status::kInvalidArgument, "unknown function \"" + shown + "\" in an expression");
}

void expect_count(Function function, size_t count) {
  const FunctionFacts& facts = kFunctions[static_cast<size_t>(function)];
  if (count >= facts.least && (facts.most == kAny || count <= facts.most)) return;
  throw Error(Status::kInvalidArgument,
              std::string(facts.name) + " takes " + std::to_string(facts.least) +
                  (facts.most == kAny ? " or more arguments" : " argument(s)") + ", not " +
                  std::to_string(count));
}

std::shared_ptr<const ListKeys> keys_of(const Item& list) {
  auto keys = std::make_shared<ListKeys>();
  TupleReader items = read_array(list.bytes());
  keys->reserve(items.left());
  while (!items.done()) {
    std::string key = list_key(Operand::of(items.next()));
    if (!key.empty()) keys->insert(std::move(key));
  }
  return keys;
}

}  // namespace

std::string_view function_name(Function function) {
  return kFunctions[static_cast<size_t>(function)].name;
}

std::string list_key(const Operand& value) {
  auto with = [](char type, Bytes bytes) { return type + std::string(as_text(bytes)); };
  switch (value.type) {
    case Operand::Type::kBool:
      return value.flag ? "b1" : "b0";
    case Operand::Type::kText:
      return with('t', value.bytes);
    case Operand::Type::kBytes:
      return with('x', value.bytes);
    case Operand::Type::kBigInt:
      return with('i', value.bytes);
    case Operand::Type::kNumber:
    case Operand::Type::kDate: {
      if (value.is_nan()) return "n";
      double number = value.number == 0 ? 0 : value.number;  // not -0
      return with('n', {reinterpret_cast<const uint8_t*>(&number), sizeof number});
    }
    default:
      return {};
  }
}

// Builds an expression from a table or from bytes, children before parents.
class ExpressionReader {
 public:
  explicit ExpressionReader(std::vector<std::string> aliases = {})
      : left_out_(std::move(aliases)) {}

  ExpressionPtr from(const fb::Expression& table) {
    if (table.nodes() == nullptr || table.nodes()->size() == 0)
      malformed("an expression without nodes");
    add(*table.nodes(), table.nodes()->size() - 1, 1);
    return finish();
  }

  ExpressionPtr from(Bytes bytes) {
    ByteReader reader(bytes);
    add(reader, 1);
    if (!reader.done()) malformed("bytes follow an expression");
    return finish();
  }

 private:
  using Nodes = flatbuffers::Vector<flatbuffers::Offset<fb::ExprNode>>;

  static void expect_depth(size_t depth) {
    if (depth > kMaxExpressionDepth)
      throw Error(Status::kTooLarge, "an expression nested deeper than 256");
  }

  uint32_t add(ExpressionNode node) {
    auto& nodes = made_->nodes_;
    if (nodes.size() == kMaxExpressionNodes)
      throw Error(Status::kTooLarge, "an expression of more than 65,536 parts");
    nodes.push_back(std::move(node));
    return static_cast<uint32_t>(nodes.size() - 1);
  }

  uint32_t add(const Nodes& nodes, uint32_t at, size_t depth) {
    expect_depth(depth);
    const fb::ExprNode& node = *nodes[at];
    if (node.kind() == fb::ExprKind::Value) {
      if (node.value() == nullptr) malformed("a constant without a value");
      return add_constant({node.value()->data(), node.value()->size()});
    }
    if (node.kind() == fb::ExprKind::Reference) {
      if (node.path() == nullptr) malformed("a reference without a path");
      return add_reference({node.path()->data(), node.path()->size()});
    }
    if (node.kind() != fb::ExprKind::Call || node.function() == nullptr)
      malformed("an expression's part is no constant, reference or call");
    std::vector<uint32_t> arguments;
    for (size_t i = 0; node.arguments() != nullptr && i < node.arguments()->size(); ++i) {
      uint32_t argument = node.arguments()->Get(static_cast<uint32_t>(i));
      if (argument >= at) malformed("an expression's part comes before its arguments");
      arguments.push_back(add(nodes, argument, depth + 1));
    }
    return add_call(find_function(node.function()->string_view()), std::move(arguments));
  }

  uint32_t add(ByteReader& reader, size_t depth) {
    expect_depth(depth);
    auto kind = static_cast<fb::ExprKind>(reader.byte() & ~kAliasReference);
    if (kind == fb::ExprKind::Value) return add_constant(reader.sized());
    if (kind == fb::ExprKind::Reference) return add_reference(reader.sized());
    if (kind != fb::ExprKind::Call) malformed("an unknown kind of expression");
    Function function = find_function(as_text(reader.sized()));
    std::vector<uint32_t> arguments;
    for (uint64_t left = reader.varint(); left > 0; --left)
      arguments.push_back(add(reader, depth + 1));
    return add_call(function, std::move(arguments));
  }

  uint32_t add_constant(Bytes portable) {
    ByteBuffer checked;
    TupleWriter writer(checked, 1);
    try {
      put_constant(read_item(portable), writer);
    } catch (const ValueError& error) {
      throw Error(error.status(), "a constant: " + error.describe());
    }
    bytes_ += checked.size();
    if (bytes_ > kMaxExpressionBytes)
      throw Error(Status::kTooLarge, "an expression with more than 16 MiB of constants");
    made_->constants_.push_back(std::move(checked));
    ExpressionNode node;
    node.kind = fb::ExprKind::Value;
    node.constant = read_item(made_->constants_.back().bytes());
    return add(std::move(node));
  }

  // Undefined may be one, and in a list, where it is as good as null.
  static void put_constant(const Item& item, TupleWriter& out) {
    Transcoder transcoder(nullptr, nullptr);
    if (item.tag == kUndefined) return out.put(item);
    if (item.tag != kArray) return transcoder.put(item, out, 0);
    TupleReader items = read_array(item.bytes());
    size_t start = out.open(kArray);
    out.out().put_varint(items.left());
    TupleWriter writer(out.out(), items.left());
    while (!items.done()) {
      Item next = items.next();
      next.tag == kUndefined ? writer.put_null() : transcoder.put(next, writer, 1);
    }
    items.expect_end();
    out.close(start);
  }

  uint32_t add_reference(Bytes path) {
    ExpressionNode node;
    node.kind = fb::ExprKind::Reference;
    Item item = read_item(path);
    if (item.tag != kArray) malformed("a reference's path is no array");
    TupleReader names = read_array(item.bytes());
    while (!names.done()) {
      Item name = names.next();
      if (!is_text(name.tag) || !is_wtf8(name.bytes())) malformed("a path consists of texts");
      node.path.emplace_back(name.text());
    }
    if (node.path.empty() || node.path.size() > kMaxDepth)
      throw Error(Status::kInvalidArgument, "a reference's path has 1 to 128 names");
    if (node.path.size() == 2 &&
        std::find(left_out_.begin(), left_out_.end(), node.path[0]) != left_out_.end())
      node.path.erase(node.path.begin());
    if (node.path.size() > 1) made_->aliases_.push_back(node.path[0]);
    return add(std::move(node));
  }

  uint32_t add_call(Function function, std::vector<uint32_t> arguments) {
    expect_count(function, arguments.size());
    ExpressionNode node;
    node.kind = fb::ExprKind::Call;
    node.function = function;
    node.arguments = std::move(arguments);
    if (function == Function::kIn) {
      const ExpressionNode& list = made_->nodes_[node.arguments[1]];
      if (list.kind == fb::ExprKind::Value && list.constant.tag == kArray)
        node.list = keys_of(list.constant);
    }
    return add(std::move(node));
  }

  ExpressionPtr finish() {
    auto& aliases = made_->aliases_;
    std::sort(aliases.begin(), aliases.end());
    aliases.erase(std::unique(aliases.begin(), aliases.end()), aliases.end());
    made_->written_ = made_->written(made_->root());
    return std::move(made_);
  }

  std::shared_ptr<Expression> made_{new Expression};
  std::vector<std::string> left_out_;
  size_t bytes_ = 0;
};

ExpressionPtr Expression::read(const fb::Expression& table) {
  return ExpressionReader().from(table);
}

ExpressionPtr Expression::read(Bytes written, const std::vector<std::string>& aliases) {
  return ExpressionReader(aliases).from(written);
}

bool Expression::is_alias(std::string_view name) const {
  return std::binary_search(aliases_.begin(), aliases_.end(), name);
}

std::string Expression::written(const ExpressionNode& node) const {
  ByteBuffer out;
  write(node, out);
  return std::string(as_text(out.bytes()));
}

void Expression::write(const ExpressionNode& node, ByteBuffer& out) const {
  bool is_row = node.path.size() == 1 && is_alias(node.path[0]);
  out.put(static_cast<uint8_t>(static_cast<uint8_t>(node.kind) | (is_row ? kAliasReference : 0)));
  if (node.kind == fb::ExprKind::Call) {
    out.put_sized(as_bytes(function_name(node.function)));
    out.put_varint(node.arguments.size());
    for (uint32_t argument : node.arguments) write(nodes_[argument], out);
    return;
  }
  ByteBuffer part;
  TupleWriter writer(part, 1);
  if (node.kind == fb::ExprKind::Value) {
    writer.put(node.constant);
  } else {
    size_t start = writer.open(kArray);
    part.put_varint(node.path.size());
    TupleWriter names(part, node.path.size());
    for (const std::string& name : node.path) names.put_text(as_bytes(name));
    writer.close(start);
  }
  out.put_sized(part.bytes());
}

}  // namespace cairn
