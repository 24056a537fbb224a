// Decodes Codable types from rows: straight from the columns of a row batch, or from a Value. A date is a
// date, bytes are Data or [UInt8], a bigint is a BigInteger or an integer that holds it. One thread at a
// time.
import Foundation

/// How names and absent fields are taken. Rows as they are; tables of the engine with its own habits.
struct DecodingRules: Sendable {
  /// The names are in snake case, the properties in camel case.
  var snakeCase = false
  /// What is absent has its type's zero, as the engine leaves defaults out.
  var defaults = false

  static let rows = DecodingRules()
  static let tables = DecodingRules(snakeCase: true, defaults: true)
}

struct RowDecoder: Decoder {
  let cell: Cell
  let rules: DecodingRules
  var codingPath: [any CodingKey] = []
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func decode<T: Decodable>(_ type: T.Type, _ value: Value, rules: DecodingRules = .rows) throws
    -> T
  {
    try decode(type, .value(value), rules: rules, [], nil)
  }

  /// A row of a batch.
  @inline(__always)
  static func decode<T: Decodable>(_ type: T.Type, _ objects: ObjectColumns, _ i: Int) throws -> T {
    if T.self == Value.self { return cast(Value.object(try objects.object(i))) }
    if T.self == Object.self { return cast(try objects.object(i)) }
    return try T(from: FieldsDecoder(fields: Fields(objects, i), rules: .rows))
  }

  @inline(__always)
  private static func cast<T, U>(_ value: U) -> T {
    // Both are one type, which the compiler does not know.
    withUnsafePointer(to: value) { UnsafeRawPointer($0).assumingMemoryBound(to: T.self).pointee }
  }

  /// Any type, those with a class of values of their own included. It is found at `path` and `key`.
  @inline(__always)
  static func decode<T: Decodable>(
    _ type: T.Type, _ cell: Cell, rules: DecodingRules, _ path: [any CodingKey], _ key: (any CodingKey)?
  ) throws -> T {
    if T.self == String.self { return cast(try need(cell.string(), type, cell, join(path, key))) }
    if T.self == Date.self { return cast(try need(cell.date(), type, cell, join(path, key))) }
    if T.self == [String].self { return cast(try strings(cell, path, key)) }
    if let special = try special(type, cell, path, key) { return special }
    return try T(from: RowDecoder(cell: cell, rules: rules, codingPath: join(path, key)))
  }

  private static func join(_ path: [any CodingKey], _ key: (any CodingKey)?) -> [any CodingKey] {
    key.map { path + [$0] } ?? path
  }

  private static func strings(
    _ cell: Cell, _ path: [any CodingKey], _ key: (any CodingKey)?
  ) throws -> [String] {
    let items = try need(cell.items(), [String].self, cell, join(path, key))
    var strings: [String] = []
    strings.reserveCapacity(items.count)
    for i in 0..<items.count {
      strings.append(try need(items[i].string(), String.self, items[i], join(path, key)))
    }
    return strings
  }

  private static func special<T: Decodable>(
    _ type: T.Type, _ cell: Cell, _ path: [any CodingKey], _ key: (any CodingKey)?
  ) throws -> T? {
    if T.self == Value.self { return cast(try cell.value()) }
    if T.self == Data.self { return cast(Data(try need(cell.bytes(), type, cell, join(path, key)))) }
    if T.self == BigInteger.self { return cast(try need(cell.bigint(), type, cell, join(path, key))) }
    if T.self == [UInt8].self, let bytes = try cell.bytes() { return cast(bytes) }
    if T.self == URL.self, let url = try cell.string().flatMap(URL.init(string:)) { return cast(url) }
    if T.self == Object.self, case .object(let object) = try cell.value() { return cast(object) }
    return nil
  }

  @inline(__always)
  static func need<Found>(
    _ found: Found?, _ type: Any.Type, _ cell: Cell, _ path: @autoclosure () -> [any CodingKey]
  ) throws -> Found {
    if let found { return found }
    throw mismatch(type, cell, path())
  }

  @inline(never)
  private static func mismatch(_ type: Any.Type, _ cell: Cell, _ path: [any CodingKey]) -> any Error {
    let context = DecodingError.Context(
      codingPath: path, debugDescription: "\(short(cell)) cannot be a \(type)")
    return cell.isNull
      ? DecodingError.valueNotFound(type, context) : DecodingError.typeMismatch(type, context)
  }

  private static func short(_ cell: Cell) -> String {
    let text = (try? cell.value()).map { "\($0)" } ?? "a malformed value"
    return text.count > 80 ? text.prefix(80) + "…" : text
  }

  func container<K: CodingKey>(keyedBy type: K.Type) throws -> KeyedDecodingContainer<K> {
    let fields = try Self.need(cell.fields(), [String: Value].self, cell, codingPath)
    return KeyedFields<K>.container(fields, rules: rules, codingPath: codingPath)
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let items = try Self.need(cell.items(), [Value].self, cell, codingPath)
    return Items(items: items, rules: rules, codingPath: codingPath)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(decoder: self) }
}

/// The same for what is known to be an object.
private struct FieldsDecoder: Decoder {
  let fields: Fields
  let rules: DecodingRules
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<K: CodingKey>(keyedBy type: K.Type) throws -> KeyedDecodingContainer<K> {
    KeyedFields<K>.container(fields, rules: rules, codingPath: [])
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try general().unkeyedContainer() }
  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    try general().singleValueContainer()
  }

  private func general() throws -> RowDecoder {
    let object =
      switch fields {
      case .object(let object): object
      case .group(let group, let i):
        Object(try zip(group.names, group.columns).map { .init($0, try $1.value(i)) })
      }
    return RowDecoder(cell: .value(.object(object)), rules: rules)
  }
}

/// What a container of fields is at, apart from the type of its keys.
class FieldsPlace {
  fileprivate(set) final var fields: Fields
  fileprivate(set) final var codingPath: [any CodingKey]
  final let rules: DecodingRules

  fileprivate init(fields: Fields, rules: DecodingRules, codingPath: [any CodingKey]) {
    self.fields = fields
    self.rules = rules
    self.codingPath = codingPath
  }
}

/// A container that a group of objects keeps for its next object: making one takes longer than reading
/// all of its fields.
struct KeptContainer {
  var box: AnyObject
  let place: FieldsPlace
  let keys: ObjectIdentifier
}

private final class KeyedFields<Key: CodingKey>: FieldsPlace, KeyedDecodingContainerProtocol {
  static func container(_ fields: Fields, rules: DecodingRules, codingPath: [any CodingKey])
    -> KeyedDecodingContainer<Key>
  {
    fields.begin()
    guard case .group(let group, _) = fields,
      MemoryLayout<KeyedDecodingContainer<Key>>.size == MemoryLayout<AnyObject>.size
    else {
      return KeyedDecodingContainer(KeyedFields(fields: fields, rules: rules, codingPath: codingPath))
    }
    // Only where nobody has it any more: a type may keep its container, or decode itself within.
    if group.kept?.keys == ObjectIdentifier(Key.self), isKnownUniquelyReferenced(&group.kept!.box) {
      group.kept!.place.fields = fields
      group.kept!.place.codingPath = codingPath
      return unsafeBitCast(group.kept!.box, to: KeyedDecodingContainer<Key>.self)
    }
    let place = KeyedFields(fields: fields, rules: rules, codingPath: codingPath)
    let container = KeyedDecodingContainer(place)
    group.kept = KeptContainer(
      box: unsafeBitCast(container, to: AnyObject.self), place: place, keys: ObjectIdentifier(Key.self))
    return container
  }

  var allKeys: [Key] { fields.names.compactMap(Key.init(stringValue:)) }

  @inline(__always) private func find(_ key: Key) -> Cell? {
    let name = key.stringValue
    return fields.find(rules.snakeCase ? snakeCase(name) : name)
  }

  @inline(__always) private func findPresent(_ key: Key) -> Cell? {
    guard let cell = find(key), !cell.isNull else { return nil }
    return cell
  }

  @inline(__always) private func cell(_ key: Key) throws -> Cell {
    if let cell = find(key) { return cell }
    throw DecodingError.keyNotFound(
      key, .init(codingPath: codingPath, debugDescription: "there is no field \"\(key.stringValue)\""))
  }

  func contains(_ key: Key) -> Bool { find(key) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { find(key)?.isNull ?? true }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
    if rules.defaults, find(key) == nil { return false }
    let cell = try cell(key)
    return try RowDecoder.need(cell.bool(), type, cell, codingPath + [key])
  }

  func decode(_ type: String.Type, forKey key: Key) throws -> String {
    if rules.defaults, find(key) == nil { return "" }
    let cell = try cell(key)
    return try RowDecoder.need(cell.string(), type, cell, codingPath + [key])
  }

  func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
    let cell = try cell(key)
    return try RowDecoder.need(cell.double(), type, cell, codingPath + [key])
  }

  func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
    Float(try decode(Double.self, forKey: key))
  }

  @inline(__always)
  private func integer<I: FixedWidthInteger>(_ type: I.Type, _ key: Key) throws -> I {
    if rules.defaults, find(key) == nil { return 0 }
    let cell = try cell(key)
    return try RowDecoder.need(cell.integer(type), type, cell, codingPath + [key])
  }

  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try integer(type, key) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try integer(type, key) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try integer(type, key) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try integer(type, key) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try integer(type, key) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try integer(type, key) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try integer(type, key) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try integer(type, key) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try integer(type, key) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try integer(type, key) }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    if rules.defaults, find(key) == nil { return try zero(type, key) }
    return try RowDecoder.decode(type, cell(key), rules: rules, codingPath, key)
  }

  // What an absent field of a table means: no entries, the first name of an enum, an empty table.
  private func zero<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T {
    if let cases = T.self as? any CaseIterable.Type, let first = firstCase(cases) as? T { return first }
    let empty: Value = T.self is any ExpressibleByArrayLiteral.Type ? .array([]) : .object(Object())
    return try RowDecoder.decode(type, .value(empty), rules: rules, codingPath, key)
  }

  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
    guard let cell = findPresent(key) else { return nil }
    return try RowDecoder.need(cell.bool(), type, cell, codingPath + [key])
  }

  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    guard let cell = findPresent(key) else { return nil }
    return try RowDecoder.need(cell.string(), type, cell, codingPath + [key])
  }

  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    guard let cell = findPresent(key) else { return nil }
    return try RowDecoder.need(cell.double(), type, cell, codingPath + [key])
  }

  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
    guard let cell = findPresent(key) else { return nil }
    return try RowDecoder.need(cell.integer(type), type, cell, codingPath + [key])
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    guard let cell = findPresent(key) else { return nil }
    return try RowDecoder.decode(type, cell, rules: rules, codingPath, key)
  }

  func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: Key) throws
    -> KeyedDecodingContainer<N>
  {
    try decoder(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try decoder(Key(stringValue: "super")!) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

  private func decoder(_ key: Key) throws -> RowDecoder {
    RowDecoder(cell: try cell(key), rules: rules, codingPath: codingPath + [key])
  }
}

private struct Items: UnkeyedDecodingContainer {
  let items: Cell.Items
  let rules: DecodingRules
  let codingPath: [any CodingKey]
  var currentIndex = 0

  var count: Int? { items.count }
  var isAtEnd: Bool { currentIndex == items.count }

  private struct Index: CodingKey {
    let intValue: Int?
    var stringValue: String { "\(intValue!)" }
    init(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { nil }
  }

  private mutating func decoder() throws -> RowDecoder {
    let path = codingPath + [Index(intValue: currentIndex)]
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        Value.self, .init(codingPath: path, debugDescription: "the array has ended"))
    }
    defer { currentIndex += 1 }
    return RowDecoder(cell: items[currentIndex], rules: rules, codingPath: path)
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, items[currentIndex].isNull else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    let decoder = try decoder()
    return try RowDecoder.decode(type, decoder.cell, rules: rules, decoder.codingPath, nil)
  }

  mutating func nestedContainer<N: CodingKey>(keyedBy type: N.Type) throws
    -> KeyedDecodingContainer<N>
  {
    try decoder().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try decoder().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { try decoder() }
}

private struct Single: SingleValueDecodingContainer {
  let decoder: RowDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  private func need<Found>(_ found: Found?, _ type: Any.Type) throws -> Found {
    try RowDecoder.need(found, type, decoder.cell, codingPath)
  }

  func decodeNil() -> Bool { decoder.cell.isNull }
  func decode(_ type: Bool.Type) throws -> Bool { try need(decoder.cell.bool(), type) }
  func decode(_ type: String.Type) throws -> String { try need(decoder.cell.string(), type) }
  func decode(_ type: Double.Type) throws -> Double { try need(decoder.cell.double(), type) }
  func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
  func decode(_ type: Int.Type) throws -> Int { try need(decoder.cell.integer(type), type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try need(decoder.cell.integer(type), type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try need(decoder.cell.integer(type), type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try need(decoder.cell.integer(type), type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try need(decoder.cell.integer(type), type) }
  func decode(_ type: UInt.Type) throws -> UInt { try need(decoder.cell.integer(type), type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try need(decoder.cell.integer(type), type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try need(decoder.cell.integer(type), type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try need(decoder.cell.integer(type), type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try need(decoder.cell.integer(type), type) }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    try RowDecoder.decode(type, decoder.cell, rules: decoder.rules, codingPath, nil)
  }
}

func firstCase<T: CaseIterable>(_ type: T.Type) -> Any? { type.allCases.first }

/// `fooBar` as `foo_bar`: how the engine's tables spell names.
func snakeCase(_ name: String) -> String {
  var out = ""
  for character in name {
    if character.isUppercase { out += "_" }
    out += character.lowercased()
  }
  return out
}
