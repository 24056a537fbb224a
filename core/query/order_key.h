// Values as bytes whose order is the order of the values (ORDER.md): what sorts rows, and what
// indexes hold. Pure functions, any thread.
#pragma once

#include <string>
#include <vector>

#include "core/query/host_answers.h"
#include "core/query/operand.h"

namespace cairn {

// The classes of values in their order, by the first byte of an encoded value. Null and undefined
// stand before all others, or after them where `nulls` says so.
enum class OrderClass : uint8_t {
  kNull = 0x02,
  kBool = 0x04,
  kNumber = 0x06,  // and bigint, by their exact value
  kText = 0x08,
  kDate = 0x0a,
  kBytes = 0x0c,
  kArray = 0x0e,
  kObject = 0x10,
  kNan = 0x12,
  kNullLast = 0x14
};
inline constexpr size_t kOrderClasses = 10;

OrderClass order_class(const Operand& value);
constexpr size_t class_index(OrderClass value) { return static_cast<size_t>(value) / 2 - 1; }

struct OrderOptions {
  bool descending = false;  // reverses all but the place of null
  bool nulls_last = false;
  // Where a host ranks texts: its answers about a locale. Else they are ordered by UTF-16 units.
  HostAnswers* host = nullptr;
  std::string locale;
};

// Appends a value. No encoded value is the start of another, so that they can follow each other.
// Throws kInternal where a text has no rank yet.
void encode_order(const Operand& value, const OrderOptions& options, ByteBuffer& out);

// The same for indexes: ascending, null first, texts by UTF-16 units.
void encode_order(const Operand& value, ByteBuffer& out);

// How many bytes the first `count` encoded values of an index's entry take; throws kCorrupt.
size_t encoded_values_size(std::string_view entry, size_t count);

// Has the host asked about the texts of a value that have no rank yet.
void ask_ranks(const Operand& value, const OrderOptions& options);

// The least text that is greater than all that start with `prefix`; empty where there is none.
std::string after_prefix(std::string prefix);

// Appends the start of all encoded texts that start with `text`.
void encode_text_prefix(Bytes text, ByteBuffer& out);

}  // namespace cairn
