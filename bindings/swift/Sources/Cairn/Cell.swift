// One value while it is decoded: in a column of a row batch, or a Value. Conversions to Swift's types
// are exact, or they throw. One thread at a time.
import Foundation

enum Cell {
  case slot(Column, Int)
  case value(Value)

  @inline(__always) var isNull: Bool {
    switch self {
    case .slot(let column, let i):
      if column.kind == .tagged { return (try? column.value(i)) == .null }
      return column.isNull(i)
    case .value(let value): return value == .null || value == .undefined
    }
  }

  @inline(__always) func string() throws -> String? {
    switch self {
    case .slot(let column, let i):
      if column.isNull(i) { return nil }
      if column.kind == .text || column.kind == .textDict { return try column.string(i) }
      return try Cell.value(column.value(i)).string()
    case .value(.string(let text)): return text
    case .value(.wtf8):
      throw CairnError(
        .invalidValue, "a text has a lone surrogate, which no text in Swift can have: read it as a Value")
    case .value: return nil
    }
  }

  @inline(__always) func bool() throws -> Bool? {
    switch self {
    case .slot(let column, let i):
      if column.isNull(i) { return nil }
      if column.kind == .bool { return column.bool(i) }
      return try Cell.value(column.value(i)).bool()
    case .value(.bool(let value)): return value
    case .value: return nil
    }
  }

  @inline(__always) func double() throws -> Double? {
    switch self {
    case .slot(let column, let i):
      if column.isNull(i) { return nil }
      if column.kind == .int32 { return Double(column.int(i)) }
      if column.kind == .float64 { return column.double(i) }
      return try Cell.value(column.value(i)).double()
    case .value(.number(let value)): return value
    case .value: return nil
    }
  }

  @inline(__always) func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws -> Integer? {
    if case .slot(let column, let i) = self, column.kind == .int32, !column.isNull(i) {
      return Integer(exactly: column.int(i))
    }
    if let number = try double() { return Integer(exactly: number) }
    if case .bigint(let value) = try value() { return Integer(exactly: value) }
    return nil
  }

  @inline(__always) func date() throws -> Date? {
    switch self {
    case .slot(let column, let i):
      if column.isNull(i) { return nil }
      if column.kind == .date { return try column.date(i) }
      return try Cell.value(column.value(i)).date()
    case .value(.date(let date)): return date
    case .value: return nil
    }
  }

  func bytes() throws -> [UInt8]? {
    if case .bytes(let bytes) = try value() { return bytes }
    return nil
  }

  func bigint() throws -> BigInteger? {
    switch try value() {
    case .bigint(let value): return value
    case .number(let number): return Int64(exactly: number).map { BigInteger($0) }
    default: return nil
    }
  }

  func value() throws -> Value {
    switch self {
    case .slot(let column, let i): return try column.value(i)
    case .value(let value): return value
    }
  }

  /// The items of an array: a function of their position, and how many there are.
  func items() throws -> Items? {
    if case .slot(let column, let i) = self, column.kind == .list {
      return column.isNull(i) ? nil : .slots(column.child!, column.range(i))
    }
    if case .array(let items) = try value() { return .values(items) }
    return nil
  }

  enum Items {
    case slots(Column, Range<Int>)
    case values([Value])

    var count: Int {
      switch self {
      case .slots(_, let range): return range.count
      case .values(let values): return values.count
      }
    }

    subscript(i: Int) -> Cell {
      switch self {
      case .slots(let column, let range): return .slot(column, range.lowerBound + i)
      case .values(let values): return .value(values[i])
      }
    }
  }

  func fields() throws -> Fields? {
    if case .slot(let column, let i) = self, column.kind == .object {
      if column.isNull(i) { return nil }
      let (objects, at) = column.object(i)
      return try Fields(objects, at)
    }
    if case .object(let object) = try value() { return .object(object) }
    return nil
  }
}

/// The fields of an object while it is decoded.
enum Fields {
  case group(ObjectColumns.Group, Int)
  case object(Object)

  @inline(__always) init(_ objects: ObjectColumns, _ i: Int) throws {
    let (group, at) = objects.place(i)
    if let group {
      self = .group(group, at)
    } else {
      self = .object(try objects.looseObject(at))
    }
  }

  var names: [String] {
    switch self {
    case .group(let group, _): return group.names
    case .object(let object): return object.map(\.name)
    }
  }

  @inline(__always) func begin() {
    if case .group(let group, _) = self { group.beginUses() }
  }

  @inline(__always) func find(_ name: String) -> Cell? {
    switch self {
    case .group(let group, let row): return group.find(name).map { .slot($0, row) }
    case .object(let object): return object[name].map { .value($0) }
    }
  }
}
