// Nodes as tables. Constants go through the engine's own JSON, so that they are what an import of
// the same JSON would have stored.
#include "expression.h"

#include "json_scan.h"

namespace cairn::cli {
namespace {

using Portable = flatbuffers::Offset<flatbuffers::Vector<uint8_t>>;

Portable portable(flatbuffers::FlatBufferBuilder& builder, const std::string& json) {
  const Buffer value = value_from_json(json);
  return builder.CreateVector(value.bytes().data(), value.bytes().size());
}

flatbuffers::Offset<fb::ExprNode> build(flatbuffers::FlatBufferBuilder& builder,
                                        const ExpressionNode& node) {
  switch (node.kind) {
    case fb::ExprKind::Value:
      return fb::CreateExprNode(builder, node.kind, portable(builder, node.value));
    case fb::ExprKind::Reference:
      return fb::CreateExprNode(builder, node.kind, 0, portable(builder, json_array(node.path)));
    default:
      return fb::CreateExprNode(builder, node.kind, 0, 0, builder.CreateString(node.function),
                                builder.CreateVector(node.arguments));
  }
}

}  // namespace

std::string json_array(const std::vector<std::string>& texts) {
  std::string json;
  for (const std::string& text : texts) {
    json += (json.empty() ? "[" : ",") + json_string(text).value_or("null");
  }
  return json.empty() ? "[]" : json + "]";
}

flatbuffers::Offset<fb::Expression> build(flatbuffers::FlatBufferBuilder& builder,
                                          const Expression& expression) {
  std::vector<flatbuffers::Offset<fb::ExprNode>> nodes;
  nodes.reserve(expression.size());
  for (const ExpressionNode& node : expression) nodes.push_back(build(builder, node));
  return fb::CreateExpression(builder, builder.CreateVector(nodes));
}

}  // namespace cairn::cli
