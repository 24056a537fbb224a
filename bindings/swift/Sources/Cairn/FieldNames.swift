// Which field of a row a key path means. Rows are Codable, so their own decoding tells: a sample row is
// decoded once with known values and once for each field with that one changed; the field whose change
// the key path sees is the one. So CodingKeys are followed, nested ones too. Any thread; found once.
import Foundation
import Synchronization

/// A row type that names its fields itself, where the way above does not find them: a property with a
/// decoding of its own that refuses sample values, for example.
public protocol FieldNaming {
  /// The names in the row from the top field down, or nil to have them found.
  static func fieldPath(of keyPath: PartialKeyPath<Self>) -> [String]?
}

enum FieldNames {
  private struct Cache {
    nonisolated(unsafe) var paths: [AnyKeyPath: [String]] = [:]
  }
  private static let cache = Mutex(Cache())

  static func path<Row: Codable, V>(of keyPath: KeyPath<Row, V>) throws -> [String] {
    nonisolated(unsafe) let key = keyPath
    if let path = cache.withLock({ $0.paths[key] }) { return path }
    let path = try named(keyPath) ?? find(keyPath)
    cache.withLock { $0.paths[key] = path }
    return path
  }

  private static func named<Row>(_ keyPath: PartialKeyPath<Row>) -> [String]? {
    func ask<T: FieldNaming>(_ type: T.Type) -> [String]? {
      T.fieldPath(of: keyPath as! PartialKeyPath<T>)
    }
    guard let type = Row.self as? any FieldNaming.Type else { return nil }
    return ask(type)
  }

  private static func find<Row: Codable, V>(_ keyPath: KeyPath<Row, V>) throws -> [String] {
    if Row.self == Value.self || Row.self == Object.self {
      throw CairnError(.invalidArgument, "rows without a type have no key paths: use field(_:of:as:)")
    }
    let sample = Sample()
    let row: Row
    do {
      row = try Row(from: SampleDecoder(sample: sample, path: []))
    } catch {
      throw CairnError(
        .invalidArgument,
        "\(Row.self) cannot be decoded from sample values (\(error)): let it conform to FieldNaming")
    }
    let before = Probe.of(row[keyPath: keyPath])
    var seen: [[String]] = []
    for leaf in sample.leaves {
      sample.changed = leaf
      guard let other = try? Row(from: SampleDecoder(sample: sample, path: [])) else { continue }
      if Probe.of(other[keyPath: keyPath]) != before { seen.append(leaf) }
    }
    guard let path = commonPath(seen), isField(row, keyPath, path) else {
      throw CairnError(.invalidArgument, "\(keyPath) is no field of \(Row.self): it is not stored under a name")
    }
    return path
  }

  // Below which all of the leaves are.
  private static func commonPath(_ leaves: [[String]]) -> [String]? {
    guard var common = leaves.first else { return nil }
    for leaf in leaves {
      common = zip(common, leaf).prefix { isSame($0, $1) }.map(\.0)
    }
    return common.isEmpty ? nil : common
  }

  // A computed property sees changes, too, but is not what stands in the row.
  private static func isField<Row: Codable, V>(
    _ row: Row, _ keyPath: KeyPath<Row, V>, _ path: [String]
  ) -> Bool {
    guard let value = row[keyPath: keyPath] as? any Encodable, let encoded = try? encode(value),
      var stored = try? RowEncoder.encode(row)
    else { return false }
    for name in path {
      guard let field = stored[name] else { return false }
      stored = field
    }
    return stored == encoded
  }

  private static func encode<T: Encodable>(_ value: T) throws -> Value { try RowEncoder.encode(value) }
}

// What a key path gives, so that two of them can be compared.
private enum Probe: Equatable {
  case value(Value)
  case text(String)

  static func of(_ value: Any) -> Probe {
    if let encodable = value as? any Encodable, let encoded = try? encode(encodable) {
      return .value(encoded)
    }
    return .text("\(value)")
  }

  private static func encode<T: Encodable>(_ value: T) throws -> Value { try RowEncoder.encode(value) }
}

// The values that a sample row is decoded from. The same at each decoding, but for the leaf that is
// changed.
private final class Sample {
  private(set) var leaves: [[String]] = []
  var changed: [String]?

  // Whether the other one of two values is wanted here.
  func isOther(_ path: [String]) -> Bool {
    if changed == nil, !leaves.contains(path) { leaves.append(path) }
    return changed == path
  }
}

private struct SampleDecoder: Decoder, SingleValueDecodingContainer {
  let sample: Sample
  let path: [String]
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  private var isOther: Bool { sample.isOther(path) }

  func container<K: CodingKey>(keyedBy type: K.Type) -> KeyedDecodingContainer<K> {
    KeyedDecodingContainer(SampleFields(decoder: self))
  }
  func unkeyedContainer() -> any UnkeyedDecodingContainer { SampleItems(decoder: self) }
  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { false }
  func decode(_ type: Bool.Type) -> Bool { isOther }
  func decode(_ type: String.Type) -> String { isOther ? "aB1-é" : "Ba0-ñ" }
  func decode(_ type: Double.Type) -> Double { isOther ? 7 : 3 }
  func decode(_ type: Float.Type) -> Float { isOther ? 7 : 3 }
  func decode(_ type: Int.Type) -> Int { isOther ? 7 : 3 }
  func decode(_ type: Int8.Type) -> Int8 { isOther ? 7 : 3 }
  func decode(_ type: Int16.Type) -> Int16 { isOther ? 7 : 3 }
  func decode(_ type: Int32.Type) -> Int32 { isOther ? 7 : 3 }
  func decode(_ type: Int64.Type) -> Int64 { isOther ? 7 : 3 }
  func decode(_ type: UInt.Type) -> UInt { isOther ? 7 : 3 }
  func decode(_ type: UInt8.Type) -> UInt8 { isOther ? 7 : 3 }
  func decode(_ type: UInt16.Type) -> UInt16 { isOther ? 7 : 3 }
  func decode(_ type: UInt32.Type) -> UInt32 { isOther ? 7 : 3 }
  func decode(_ type: UInt64.Type) -> UInt64 { isOther ? 7 : 3 }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    func pick<Value>(_ one: Value, _ other: Value) -> T? { (isOther ? other : one) as? T }
    let found: T? =
      switch type {
      case is Date.Type: pick(Date(milliseconds: 3), Date(milliseconds: 7))
      case is Data.Type: pick(Data([3]), Data([7]))
      case is [UInt8].Type: pick([UInt8](arrayLiteral: 3), [7])
      case is BigInteger.Type: pick(BigInteger(3), BigInteger(7))
      case is UUID.Type: pick(UUID(uuid: Self.uuid(3)), UUID(uuid: Self.uuid(7)))
      case is URL.Type: pick(URL(string: "a:3")!, URL(string: "a:7")!)
      case is Value.Type: pick(Value.number(3), Value.number(7))
      case is Object.Type: pick(["a": 3] as Object, ["a": 7] as Object)
      default: nil
      }
    if let found { return found }
    // A text that is none of an enum's would be refused.
    if let cases = T.self as? any CaseIterable.Type {
      let all = allCases(cases)
      if let one = (isOther ? all.last : all.first) as? T { return one }
    }
    return try T(from: self)
  }

  private static func uuid(_ last: UInt8) -> uuid_t {
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last)
  }
}

private func allCases<T: CaseIterable>(_ type: T.Type) -> [Any] { Array(type.allCases) }

private struct SampleFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: SampleDecoder
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }

  private func child(_ key: any CodingKey) -> SampleDecoder {
    SampleDecoder(sample: decoder.sample, path: decoder.path + [key.stringValue])
  }

  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) -> Bool { false }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try child(key).decode(type) }
  func decode(_ type: Bool.Type, forKey key: Key) -> Bool { child(key).decode(type) }
  func decode(_ type: String.Type, forKey key: Key) -> String { child(key).decode(type) }
  func decode(_ type: Double.Type, forKey key: Key) -> Double { child(key).decode(type) }
  func decode(_ type: Float.Type, forKey key: Key) -> Float { child(key).decode(type) }
  func decode(_ type: Int.Type, forKey key: Key) -> Int { child(key).decode(type) }
  func decode(_ type: Int8.Type, forKey key: Key) -> Int8 { child(key).decode(type) }
  func decode(_ type: Int16.Type, forKey key: Key) -> Int16 { child(key).decode(type) }
  func decode(_ type: Int32.Type, forKey key: Key) -> Int32 { child(key).decode(type) }
  func decode(_ type: Int64.Type, forKey key: Key) -> Int64 { child(key).decode(type) }
  func decode(_ type: UInt.Type, forKey key: Key) -> UInt { child(key).decode(type) }
  func decode(_ type: UInt8.Type, forKey key: Key) -> UInt8 { child(key).decode(type) }
  func decode(_ type: UInt16.Type, forKey key: Key) -> UInt16 { child(key).decode(type) }
  func decode(_ type: UInt32.Type, forKey key: Key) -> UInt32 { child(key).decode(type) }
  func decode(_ type: UInt64.Type, forKey key: Key) -> UInt64 { child(key).decode(type) }

  func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: Key) -> KeyedDecodingContainer<N> {
    child(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
    child(key).unkeyedContainer()
  }
  func superDecoder() -> any Decoder { decoder }
  func superDecoder(forKey key: Key) -> any Decoder { child(key) }
}

// An array of one item, which is a leaf as a whole.
private struct SampleItems: UnkeyedDecodingContainer {
  let decoder: SampleDecoder
  var codingPath: [any CodingKey] { [] }
  var currentIndex = 0
  var count: Int? { 1 }
  var isAtEnd: Bool { currentIndex == 1 }

  private mutating func child() -> SampleDecoder {
    currentIndex += 1
    return decoder
  }

  mutating func decodeNil() -> Bool { false }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try child().decode(type) }
  mutating func nestedContainer<N: CodingKey>(keyedBy type: N.Type) -> KeyedDecodingContainer<N> {
    child().container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { child().unkeyedContainer() }
  mutating func superDecoder() -> any Decoder { child() }
}
