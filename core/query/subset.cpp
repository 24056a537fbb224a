#include "core/query/subset.h"

#include "core/value/key.h"
#include "core/value/object.h"
#include "core/value/text.h"

namespace cairn {
namespace {

constexpr size_t kMaxClauses = 64;

using PortableBytes = flatbuffers::Vector<uint8_t>;

TupleReader items_of(const PortableBytes& portable, const char* what) {
  Item item = read_item({portable.data(), portable.size()});
  if (item.tag != kArray) malformed(std::string(what) + " are not an array");
  return read_array(item.bytes());
}

std::string key_of(const Item& item) {
  ByteBuffer key;
  encode_key(item, key);
  return std::string(as_text(key.bytes()));
}

std::string portable_of(const Item& item) {
  ByteBuffer value;
  TupleWriter writer(value, 1);
  if (item.tag == kUndefined) {
    writer.put(item);
  } else {
    Transcoder(nullptr, nullptr).put(item, writer, 0);
  }
  return std::string(as_text(value.bytes()));
}

template <typename Enum>
void expect_known(Enum value, const char* what) {
  if (value > Enum::MAX) malformed(std::string("unknown ") + what);
}

OrderClause clause_of(const fb::OrderBy& table) {
  if (table.expression() == nullptr) malformed("an order without an expression");
  expect_known(table.direction(), "direction");
  expect_known(table.nulls(), "place of nulls");
  expect_known(table.string_sort(), "string sort");
  OrderClause clause;
  clause.expression = Expression::read(*table.expression());
  clause.descending = table.direction() == fb::Direction::Descending;
  clause.nulls_last = table.nulls() == fb::Nulls::Last;
  clause.by_locale = table.string_sort() == fb::StringSort::Locale;
  if (table.locale() != nullptr) {
    if (!is_wtf8(as_bytes(table.locale()->string_view()), false))
      throw Error(Status::kInvalidArgument, "a locale is not UTF-8");
    clause.locale = table.locale()->str();
  }
  return clause;
}

PageBoundary boundary_of(const fb::Cursor& table, size_t clauses) {
  PageBoundary boundary;
  if (table.values() == nullptr) malformed("a cursor without values");
  TupleReader items = items_of(*table.values(), "a cursor's values");
  while (!items.done()) boundary.values.push_back(portable_of(items.next()));
  if (boundary.values.empty() || boundary.values.size() > clauses)
    throw Error(Status::kInvalidArgument,
                "a cursor has a value for the first order clause, or for several");
  if (table.key() == nullptr) return boundary;
  boundary.key = key_of(read_item({table.key()->data(), table.key()->size()}));
  if (boundary.values.size() != clauses)
    throw Error(Status::kInvalidArgument, "a cursor with a key has a value for each order clause");
  return boundary;
}

}  // namespace

Subset read_subset(const fb::Subset& table) try {
  Subset subset;
  subset.limit = table.limit();
  subset.offset = table.offset();
  if (table.where() != nullptr) subset.where = Expression::read(*table.where());
  size_t clauses = table.order_by() == nullptr ? 0 : table.order_by()->size();
  if (clauses > kMaxClauses) throw Error(Status::kTooLarge, "an order of more than 64 clauses");
  for (size_t i = 0; i < clauses; ++i)
    subset.order.push_back(clause_of(*table.order_by()->Get(static_cast<uint32_t>(i))));
  if (table.cursor() != nullptr) {
    subset.after = boundary_of(*table.cursor(), clauses);
    subset.offset = 0;
  }
  subset.by_keys = table.keys() != nullptr;
  if (!subset.by_keys) return subset;
  TupleReader keys = items_of(*table.keys(), "keys");
  while (!keys.done()) subset.keys.push_back(key_of(keys.next()));
  return subset;
} catch (const ValueError& error) {
  throw Error(error.status(), error.describe());
}

}  // namespace cairn
