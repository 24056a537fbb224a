#include "core/collection/index_request.h"

#include "core/query/expression_text.h"
#include "core/value/text.h"

namespace cairn {
namespace {

// What an index is over, from trees or from texts.
ExpressionPtr expression_of(const fb::Expression* tree, const flatbuffers::String* text) {
  if (tree != nullptr) return Expression::read(*tree);
  return text == nullptr ? nullptr : parse_expression_text(text->string_view());
}

}  // namespace

IndexRequest read_index_request(const fb::IndexRequest& table) {
  IndexRequest request;
  if (table.signature() != nullptr) request.signature = table.signature()->str();
  if (!is_wtf8(as_bytes(request.signature), false))
    throw Error(Status::kInvalidArgument, "an index's signature is not UTF-8");
  request.max_rows = table.max_rows();
  auto& expressions = request.definition.expressions;
  if (table.expressions() != nullptr) {
    for (const fb::Expression* tree : *table.expressions())
      expressions.push_back(expression_of(tree, nullptr));
  } else if (table.expression_texts() != nullptr) {
    for (const flatbuffers::String* text : *table.expression_texts())
      expressions.push_back(expression_of(nullptr, text));
  }
  request.definition.where = expression_of(table.where(), table.where_text());
  return request;
}

}  // namespace cairn
