// Values and keys of rows as they are, for rows without a Swift type of their own, single values, and
// everything that a Codable type cannot say. Value types; any thread.
import Foundation

/// Whether two texts have the same bytes: Swift takes texts of equal characters for the same.
func isSame(_ left: String, _ right: String) -> Bool {
  left == right && left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
}

/// A value of a row.
public enum Value: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A double. Swift's integers within ±2^53 are numbers, too.
  case number(Double)
  case bigint(BigInteger)
  case string(String)
  /// A text that Swift's strings cannot hold: WTF-8 with a lone surrogate.
  case wtf8([UInt8])
  case bytes([UInt8])
  /// To the millisecond.
  case date(Date)
  case array([Value])
  case object(Object)
  /// Only as a field of an update, where it removes the field.
  case undefined

  /// As values are kept: texts by their bytes, numbers by their bits but for NaN, which is one value.
  public static func == (left: Value, right: Value) -> Bool {
    switch (left, right) {
    case (.null, .null), (.undefined, .undefined): return true
    case (.bool(let a), .bool(let b)): return a == b
    case (.number(let a), .number(let b)):
      return a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
    case (.bigint(let a), .bigint(let b)): return a == b
    case (.string(let a), .string(let b)): return isSame(a, b)
    case (.wtf8(let a), .wtf8(let b)), (.bytes(let a), .bytes(let b)): return a == b
    case (.date(let a), .date(let b)): return a.milliseconds == b.milliseconds
    case (.array(let a), .array(let b)): return a == b
    case (.object(let a), .object(let b)): return a == b
    default: return false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null, .undefined: break
    case .bool(let value): hasher.combine(value)
    case .number(let value): hasher.combine(value.isNaN ? Double.nan.bitPattern : value.bitPattern)
    case .bigint(let value): hasher.combine(value)
    case .string(let text): hasher.combine(text)
    case .wtf8(let bytes), .bytes(let bytes): hasher.combine(bytes)
    case .date(let date): hasher.combine(date.milliseconds)
    case .array(let items): hasher.combine(items)
    case .object(let object): hasher.combine(object)
    }
  }
}

/// For people: near to JSON, and not to be read again.
extension Value: CustomStringConvertible {
  public var description: String {
    switch self {
    case .null: return "null"
    case .undefined: return "undefined"
    case .bool(let value): return "\(value)"
    case .number(let value): return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    case .bigint(let value): return "\(value)n"
    case .string(let text): return text.debugDescription
    case .wtf8(let bytes): return "wtf8(\(String(decoding: bytes, as: UTF8.self).debugDescription))"
    case .bytes(let bytes): return "bytes(\(bytes.count))"
    case .date(let date): return "date(\(date.milliseconds.map { "\($0)" } ?? "invalid"))"
    case .array(let items): return "[" + items.map(\.description).joined(separator: ", ") + "]"
    case .object(let object):
      return "{" + object.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "}"
    }
  }
}

/// The fields of an object in their order. Names are texts.
public struct Object: Sendable, Hashable, ExpressibleByDictionaryLiteral, RandomAccessCollection {
  public struct Field: Sendable, Hashable {
    public var name: String
    public var value: Value
    public init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
    public static func == (left: Field, right: Field) -> Bool {
      isSame(left.name, right.name) && left.value == right.value
    }
  }

  public private(set) var fields: [Field]

  public init() { fields = [] }
  /// The names have to differ: the engine refuses a name that stands twice.
  public init(_ fields: [Field]) { self.fields = fields }
  public init(dictionaryLiteral elements: (String, Value)...) {
    fields = elements.map { Field($0.0, $0.1) }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { fields.count }
  public subscript(position: Int) -> Field { fields[position] }

  mutating func append(_ name: String, _ value: Value) { fields.append(Field(name, value)) }

  /// Nil where there is no such field; setting nil removes it.
  public subscript(name: String) -> Value? {
    get { fields.first { isSame($0.name, name) }?.value }
    set {
      let found = fields.firstIndex { isSame($0.name, name) }
      switch (found, newValue) {
      case (let index?, let value?): fields[index].value = value
      case (let index?, nil): fields.remove(at: index)
      case (nil, let value?): fields.append(Field(name, value))
      case (nil, nil): break
      }
    }
  }
}

// There is no nil literal: it would be mistaken for an absent value, which is another thing than null.
extension Value: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: Value...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, Value)...) {
    self = .object(Object(elements.map { Object.Field($0.0, $0.1) }))
  }

  /// A number within ±2^53, else a bigint.
  public static func integer<Integer: BinaryInteger>(_ value: Integer) -> Value {
    if let small = Int64(exactly: value), small.magnitude <= 1 << 53 { return .number(Double(small)) }
    return .bigint(BigInteger(value))
  }

  /// The field of an object, or nil.
  public subscript(name: String) -> Value? {
    if case .object(let object) = self { return object[name] }
    return nil
  }
}

/// What a row is found by: a text or a finite number. 1 and "1" differ, and -0 is a key of its own.
public enum Key: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, CustomStringConvertible
{
  case string(String)
  case number(Double)
  /// A text that Swift's strings cannot hold.
  case wtf8([UInt8])

  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .number(Double(value)) }
  public init(floatLiteral value: Double) { self = .number(value) }

  public var description: String {
    switch self {
    case .string(let text): return text.debugDescription
    case .number(let number): return "\(number)"
    case .wtf8(let bytes): return String(decoding: bytes, as: UTF8.self).debugDescription
    }
  }

  public var value: Value {
    switch self {
    case .string(let text): return .string(text)
    case .number(let number): return .number(number)
    case .wtf8(let bytes): return .wtf8(bytes)
    }
  }

  /// Nil for a value that cannot be a key.
  public init?(_ value: Value) {
    switch value {
    case .string(let text): self = .string(text)
    case .number(let number): self = .number(number)
    case .wtf8(let bytes): self = .wtf8(bytes)
    default: return nil
    }
  }

  // By the bytes of the text and the bits of the number: Swift takes texts of equal characters, and
  // 0 and -0, for the same.
  public static func == (left: Key, right: Key) -> Bool {
    switch (left, right) {
    case (.string(let a), .string(let b)): return isSame(a, b)
    case (.number(let a), .number(let b)): return a.bitPattern == b.bitPattern
    case (.wtf8(let a), .wtf8(let b)): return a == b
    default: return false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .string(let text):
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    case .number(let number): hasher.combine(number.bitPattern)
    case .wtf8(let bytes): hasher.combine(bytes)
    }
  }
}

/// What may stand for a key: texts, numbers, and integers within ±2^53.
public protocol KeyConvertible: Sendable {
  var cairnKey: Key { get throws }
}
extension Key: KeyConvertible {
  public var cairnKey: Key { self }
}
extension String: KeyConvertible {
  public var cairnKey: Key { .string(self) }
}
extension Double: KeyConvertible {
  public var cairnKey: Key { .number(self) }
}
extension UUID: KeyConvertible {
  public var cairnKey: Key { .string(uuidString) }
}
extension KeyConvertible where Self: BinaryInteger {
  public var cairnKey: Key {
    get throws {
      guard case .number(let number) = Value.integer(self) else {
        throw CairnError(.invalidValue, "the key \(self) is beyond 2^53: no number holds it exactly")
      }
      return .number(number)
    }
  }
}
extension Int: KeyConvertible {}
extension Int32: KeyConvertible {}
extension Int64: KeyConvertible {}
extension UInt32: KeyConvertible {}

extension Date {
  /// Milliseconds since 1970, to the nearest; nil where it is no date of a row.
  var milliseconds: Int64? {
    let since2001 = (timeIntervalSinceReferenceDate * 1000).rounded()
    guard abs(since2001) < 9e15 else { return nil }
    let since1970 = Int64(since2001) + Self.millisecondsTo2001
    return abs(since1970) <= 8_640_000_000_000_000 ? since1970 : nil
  }

  /// Exact: distinct milliseconds give distinct dates.
  init(milliseconds: Int64) {
    self.init(timeIntervalSinceReferenceDate: Double(milliseconds - Self.millisecondsTo2001) / 1000)
  }

  private static let millisecondsTo2001: Int64 = 978_307_200_000
}
