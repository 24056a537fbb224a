// Payloads of the steps, through the binding's own reading and writing, and how they are compared.
import CCairn
import Foundation

@testable import Cairn

/// A step that does not end as it should.
struct Failure: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

/// A value that cannot be made: as good as the engine's refusal.
struct Refused: Error {
  let error: any Error
}

func value(_ json: Json) throws -> Value {
  do {
    let portable = try requireBuffer { out, error in
      json.line.lend { cairn_value_from_json($0, $1, out, error) }
    }
    return try portable.withUnsafeBytes { try PortableReader.value($0) }
  } catch {
    throw Refused(error: error)
  }
}

func json(_ value: Value) throws -> Json {
  let portable = try PortableWriter.bytes(value)
  let text = try requireBuffer { out, error in
    portable.lend { cairn_value_to_json($0, $1, out, error) }
  }
  return try text.withUnsafeBytes { try Json($0) }
}

func key(_ json: Json) throws -> Value { try value(json) }

/// Bytes that are given as they stand.
func raw(_ json: Json?) throws -> [UInt8]? {
  if let zeros = json?["$zeros"]?.int { return Array(repeating: 0, count: zeros) }
  guard json?["$bytes"] != nil, case .bytes(let bytes) = try value(json!) else { return nil }
  return bytes
}

func table(_ name: String, _ json: Json?) throws -> [UInt8] {
  guard let json else { return [] }
  if let raw = try raw(json) { return raw }
  let fields = try json.fields.map { field -> Json.Field in
    guard field.name == "payload" || field.name == "message", let nested = field.value["$table"] else {
      return field
    }
    let bytes = try table(nested.items[0].text!, nested.items[1])
    return Json.Field(name: field.name, value: try Conformance.json(.bytes(bytes)))
  }
  return try requireBuffer { out, error in
    name.lend { name, size in
      Json.object(fields).line.lend { cairn_table_from_json(name, size, $0, $1, out, error) }
    }
  }.bytes
}

func tableJson(_ name: String, _ bytes: [UInt8]) throws -> Json {
  let text = try requireBuffer { out, error in
    name.lend { name, size in bytes.lend { cairn_table_to_json(name, size, $0, $1, out, error) } }
  }
  return try text.withUnsafeBytes { try Json($0) }
}

/// A row batch of mutations or rows.
func batch(_ list: Json, isRows: Bool) throws -> [UInt8] {
  if let raw = try raw(list) { return raw }
  var writer = RowBatchWriter()
  for item in list.items {
    let parts = Array(isRows ? item.items[...] : item.items.dropFirst())
    let ops: [String: RowOp] = ["insert": .insert, "update": .update, "delete": .delete, "touch": .touch]
    guard let op = isRows ? .insert : ops[item.items[0].text ?? ""] else {
      throw Failure("an unknown operation: \(item.line)")
    }
    let hasValue = op == .insert || op == .update
    let extra = parts.dropFirst(hasValue ? 2 : 1).first
    let set = extra?[isRows ? "metadata" : "set"]
    let metadata: MetadataChange =
      set != nil ? .set(try value(set!)) : extra?["remove"] != nil ? .remove : .keep
    guard let key = Key(try value(parts[0])) else {
      throw Refused(error: Failure("\(parts[0].line) cannot be a key"))
    }
    var fields: Object?
    if hasValue {
      guard case .object(let object) = try value(parts[1]) else {
        throw Refused(error: Failure("\(parts[1].line) is no object"))
      }
      fields = object
    }
    do {
      try writer.add(RowChange(key: key, op: op, value: fields, metadata: metadata))
    } catch {
      throw Refused(error: error)
    }
  }
  return writer.bytes()
}

/// A row that was read: its parts as the corpus writes them.
typealias Row = [Value]

func rows(_ buffer: EngineBuffer) throws -> [Row] {
  let reader = try RowBatchReader(buffer)
  var rows: [Row] = []
  try reader.forEachRow { row in
    var parts = [row.key.value]
    if let at = row.valueAt { parts.append(.object(try reader.values!.object(at))) }
    var extras = Object()
    if let version = row.version { extras["version"] = .number(Double(version)) }
    if let metadata = row.metadata { extras["metadata"] = metadata }
    if !extras.isEmpty { parts.append(.object(extras)) }
    rows.append(parts)
  }
  return rows
}

func expectRows(_ expected: Json?, _ actual: [Row], anyOrder: Bool) throws {
  guard let expected else { return }
  var wanted = try expected.items.map { try $0.items.map(value) }
  var left: [Row] = []
  if anyOrder {
    for row in actual {
      if let at = wanted.firstIndex(of: row) { wanted.remove(at: at) } else { left.append(row) }
    }
  } else if wanted == actual {
    return
  }
  if !anyOrder || !wanted.isEmpty || !left.isEmpty {
    throw Failure("expected \(wanted)\n    but got  \(anyOrder ? left : actual)")
  }
}

func expectTable(_ expected: Json?, _ actual: Json) throws {
  guard let expected, try !matches(expected, actual) else { return }
  throw Failure("expected \(expected.line)\n    but got  \(actual.line)")
}

private let defaults: Set<String> = [
  "0", "false", "\"\"", "[]", "null", "\"Applied\"", "\"Default\"", "\"Elect\"", "\"EnsureRemoteSubset\"",
  "\"Heartbeat\"", "\"None\"", "\"Nothing\"", "\"Rank\"", "\"Started\"",
]

private func matches(_ expected: Json, _ actual: Json) throws -> Bool {
  if let nested = expected["$table"] {
    guard let bytes = try raw(actual) else { return false }
    return try matches(nested.items[1], tableJson(nested.items[0].text!, bytes))
  }
  switch (expected, actual) {
  case (.array(let left), .array(let right)):
    return try left.count == right.count && zip(left, right).allSatisfy { try matches($0, $1) }
  case (.object(let left), .object) where left.first?.name.hasPrefix("$") != true:
    return try left.allSatisfy { field in
      guard let other = actual[field.name] else { return defaults.contains(field.value.line) }
      let isValue = field.name == "value" || field.name == "values"
      return try isValue ? value(field.value) == value(other) : matches(field.value, other)
    }
  case (.number(let left), .number(let right)) where left == right: return true
  default: return try value(expected) == value(actual)
  }
}
