// Encodes Codable types as Values: dates, Data, [UInt8] and BigInteger as what they are, integers beyond
// 2^53 as bigints. One thread at a time.
import Foundation

struct RowEncoder {
  var snakeCase = false

  static func encode<T: Encodable>(_ value: T, snakeCase: Bool = false) throws -> Value {
    let slot = Slot()
    try RowEncoder(snakeCase: snakeCase).put(value, in: slot, path: [])
    return slot.value
  }

  static func object<T: Encodable>(_ row: T) throws -> Object {
    guard case .object(let object) = try encode(row) else {
      throw CairnError(.invalidValue, "a row is an object, and a \(T.self) is not")
    }
    return object
  }

  // Where a value goes: containers fill theirs while they are written to.
  fileprivate final class Slot {
    enum Content {
      case value(Value)
      case fields([(String, Slot)])
      case items([Slot])
    }
    var content = Content.value(.undefined)

    init() {}
    init(_ value: Value) { content = .value(value) }

    var value: Value {
      switch content {
      case .value(let value): return value
      case .fields(let fields): return .object(Object(fields.map { .init($0.0, $0.1.value) }))
      case .items(let items): return .array(items.map(\.value))
      }
    }
  }

  fileprivate func put<T: Encodable>(_ value: T, in slot: Slot, path: [any CodingKey]) throws {
    if let simple = simple(value) {
      slot.content = .value(simple)
    } else {
      try value.encode(to: RowValueEncoder(rules: self, slot: slot, codingPath: path))
    }
  }

  // Values of types that have a class of values of their own.
  fileprivate func simple<T: Encodable>(_ value: T) -> Value? {
    if T.self == String.self { return .string(value as! String) }
    if T.self == Date.self { return .date(value as! Date) }
    if T.self == Int.self { return .integer(value as! Int) }
    if T.self == [String].self { return .array((value as! [String]).map { .string($0) }) }
    if T.self == Value.self { return (value as! Value) }
    if T.self == Object.self { return .object(value as! Object) }
    if T.self == Data.self { return .bytes([UInt8](value as! Data)) }
    if T.self == [UInt8].self { return .bytes(value as! [UInt8]) }
    if T.self == BigInteger.self { return .bigint(value as! BigInteger) }
    if T.self == URL.self { return .string((value as! URL).absoluteString) }
    return nil
  }
}

private typealias Slot = RowEncoder.Slot

private struct RowValueEncoder: Encoder {
  let rules: RowEncoder
  let slot: Slot
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<K: CodingKey>(keyedBy type: K.Type) -> KeyedEncodingContainer<K> {
    if case .value = slot.content { slot.content = .fields([]) }
    return KeyedEncodingContainer(Keyed(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .value = slot.content { slot.content = .items([]) }
    return Unkeyed(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { SingleEncoded(encoder: self) }

  func child(_ slot: Slot, _ key: (any CodingKey)?) -> RowValueEncoder {
    RowValueEncoder(rules: rules, slot: slot, codingPath: key.map { codingPath + [$0] } ?? codingPath)
  }
}

private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: RowValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  private func add(_ key: any CodingKey, _ slot: Slot) {
    guard case .fields(var fields) = encoder.slot.content else { return }
    encoder.slot.content = .value(.undefined)  // so that the array is not copied
    let name = encoder.rules.snakeCase ? snakeCase(key.stringValue) : key.stringValue
    fields.append((name, slot))
    encoder.slot.content = .fields(fields)
  }

  private func slot(_ key: any CodingKey) -> Slot {
    let slot = Slot()
    add(key, slot)
    return slot
  }

  func encodeNil(forKey key: Key) { add(key, Slot(.null)) }
  func encode(_ value: Bool, forKey key: Key) { add(key, Slot(.bool(value))) }
  func encode(_ value: String, forKey key: Key) { add(key, Slot(.string(value))) }
  func encode(_ value: Double, forKey key: Key) { add(key, Slot(.number(value))) }
  func encode(_ value: Float, forKey key: Key) { add(key, Slot(.number(Double(value)))) }
  func encode(_ value: Int, forKey key: Key) { add(key, Slot(.integer(value))) }
  func encode(_ value: Int8, forKey key: Key) { add(key, Slot(.integer(value))) }
  func encode(_ value: Int16, forKey key: Key) { add(key, Slot(.integer(value))) }
  func encode(_ value: Int32, forKey key: Key) { add(key, Slot(.integer(value))) }
  func encode(_ value: Int64, forKey key: Key) { add(key, Slot(.integer(value))) }
  func encode(_ value: UInt, forKey key: Key) { add(key, Slot(.integer(value))) }
  func encode(_ value: UInt8, forKey key: Key) { add(key, Slot(.integer(value))) }
  func encode(_ value: UInt16, forKey key: Key) { add(key, Slot(.integer(value))) }
  func encode(_ value: UInt32, forKey key: Key) { add(key, Slot(.integer(value))) }
  func encode(_ value: UInt64, forKey key: Key) { add(key, Slot(.integer(value))) }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    if let simple = encoder.rules.simple(value) { return add(key, Slot(simple)) }
    try value.encode(to: encoder.child(slot(key), key))
  }

  func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: Key)
    -> KeyedEncodingContainer<N>
  {
    encoder.child(slot(key), key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder.child(slot(key), key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    let key = Key(stringValue: "super")!
    return encoder.child(slot(key), key)
  }

  func superEncoder(forKey key: Key) -> any Encoder { encoder.child(slot(key), key) }
}

private struct Unkeyed: UnkeyedEncodingContainer {
  let encoder: RowValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  var count: Int {
    if case .items(let items) = encoder.slot.content { return items.count }
    return 0
  }

  private func slot() -> Slot {
    let slot = Slot()
    guard case .items(var items) = encoder.slot.content else { return slot }
    encoder.slot.content = .value(.undefined)
    items.append(slot)
    encoder.slot.content = .items(items)
    return slot
  }

  func encodeNil() { slot().content = .value(.null) }

  func encode<T: Encodable>(_ value: T) throws {
    try encoder.rules.put(value, in: slot(), path: codingPath)
  }

  func nestedContainer<N: CodingKey>(keyedBy type: N.Type) -> KeyedEncodingContainer<N> {
    encoder.child(slot(), nil).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    encoder.child(slot(), nil).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { encoder.child(slot(), nil) }
}

private struct SingleEncoded: SingleValueEncodingContainer {
  let encoder: RowValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  private func put(_ value: Value) { encoder.slot.content = .value(value) }

  func encodeNil() { put(.null) }
  func encode(_ value: Bool) { put(.bool(value)) }
  func encode(_ value: String) { put(.string(value)) }
  func encode(_ value: Double) { put(.number(value)) }
  func encode(_ value: Float) { put(.number(Double(value))) }
  func encode(_ value: Int) { put(.integer(value)) }
  func encode(_ value: Int8) { put(.integer(value)) }
  func encode(_ value: Int16) { put(.integer(value)) }
  func encode(_ value: Int32) { put(.integer(value)) }
  func encode(_ value: Int64) { put(.integer(value)) }
  func encode(_ value: UInt) { put(.integer(value)) }
  func encode(_ value: UInt8) { put(.integer(value)) }
  func encode(_ value: UInt16) { put(.integer(value)) }
  func encode(_ value: UInt32) { put(.integer(value)) }
  func encode(_ value: UInt64) { put(.integer(value)) }

  func encode<T: Encodable>(_ value: T) throws {
    try encoder.rules.put(value, in: encoder.slot, path: codingPath)
  }
}

/// As what it is in rows; other encoders get the nearest that they have.
extension Value: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([Value].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode(Object.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null, .undefined: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .bigint(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .wtf8(let value), .bytes(let value): try container.encode(value)
    case .date(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

extension Object: Codable {
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    self.init(
      try container.allKeys.map { .init($0.stringValue, try container.decode(Value.self, forKey: $0)) })
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for field in fields {
      try container.encode(field.value, forKey: Name(stringValue: field.name))
    }
  }
}
