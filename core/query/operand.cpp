#include "core/query/operand.h"

namespace cairn {

void put_operand(const Operand& value, TupleWriter& out) {
  switch (value.type) {
    case Operand::Type::kUndefined:
      return out.put_tag(kUndefined);
    case Operand::Type::kNull:
      return out.put_null();
    case Operand::Type::kBool:
      return out.put_bool(value.flag);
    case Operand::Type::kNumber:
      return out.put_number(value.number);
    case Operand::Type::kDate:
      return out.put_date(static_cast<int64_t>(value.number));
    case Operand::Type::kText:
      return out.put_text(value.bytes);
    case Operand::Type::kBigInt:
      return out.put_sized(kBigInt, value.bytes);
    case Operand::Type::kBytes:
      return out.put_sized(kBytes, value.bytes);
    case Operand::Type::kArray:
      return out.put_sized(kArray, value.bytes);
    case Operand::Type::kObject:
      return out.put_sized(kObject, value.bytes);
  }
}

}  // namespace cairn
