// JSON in which the order of fields and the digits of numbers are kept, as the corpus needs it. A value
// type; any thread.

indirect enum Json: Equatable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([Json])
  case object([Field])

  struct Field: Equatable {
    let name: String
    var value: Json
  }
  struct Malformed: Error {}

  init(_ text: some Sequence<UInt8>) throws {
    var parser = Parser(bytes: Array(text))
    self = try parser.value()
  }

  subscript(name: String) -> Json? {
    if case .object(let fields) = self { return fields.first { $0.name == name }?.value }
    return nil
  }

  /// The same with a field set.
  func setting(_ name: String, _ value: Json) -> Json {
    guard case .object(let fields) = self else { return .object([Field(name: name, value: value)]) }
    return .object(fields.filter { $0.name != name } + [Field(name: name, value: value)])
  }

  var items: [Json] {
    if case .array(let items) = self { return items }
    return []
  }
  var fields: [Field] {
    if case .object(let fields) = self { return fields }
    return []
  }
  var text: String? {
    if case .string(let text) = self { return text }
    return nil
  }
  var int: Int? {
    if case .number(let digits) = self { return Int(digits) }
    return nil
  }

  /// As one line of JSON.
  var line: String {
    var out = ""
    write(&out)
    return out
  }

  private func write(_ out: inout String) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .number(let digits): out += digits
    case .string(let text): Self.quote(text, &out)
    case .array(let items):
      out += "["
      for (i, item) in items.enumerated() {
        if i > 0 { out += "," }
        item.write(&out)
      }
      out += "]"
    case .object(let fields):
      out += "{"
      for (i, field) in fields.enumerated() {
        if i > 0 { out += "," }
        Self.quote(field.name, &out)
        out += ":"
        field.value.write(&out)
      }
      out += "}"
    }
  }

  private static func quote(_ text: String, _ out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": out += "\\\(scalar)"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

private struct Parser {
  let bytes: [UInt8]
  var at = 0

  private mutating func skipSpace() {
    while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
  }

  private func peek() throws -> UInt8 {
    guard at < bytes.count else { throw Json.Malformed() }
    return bytes[at]
  }

  private mutating func take(_ text: StaticString) throws {
    for i in 0..<text.utf8CodeUnitCount {
      guard try peek() == text.utf8Start[i] else { throw Json.Malformed() }
      at += 1
    }
  }

  mutating func value() throws -> Json {
    skipSpace()
    defer { skipSpace() }
    switch try peek() {
    case UInt8(ascii: "{"): return .object(try list("}") { try $0.field() })
    case UInt8(ascii: "["): return .array(try list("]") { try $0.value() })
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"):
      try take("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try take("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try take("null")
      return .null
    default: return try number()
    }
  }

  private mutating func list<Item>(
    _ end: Unicode.Scalar, _ item: (inout Parser) throws -> Item
  ) throws -> [Item] {
    at += 1
    skipSpace()
    var items: [Item] = []
    while try peek() != UInt8(ascii: end) {
      if !items.isEmpty { try take(",") }
      items.append(try item(&self))
    }
    at += 1
    return items
  }

  private mutating func field() throws -> Json.Field {
    skipSpace()
    let name = try string()
    skipSpace()
    try take(":")
    return Json.Field(name: name, value: try value())
  }

  private mutating func number() throws -> Json {
    let start = at
    while at < bytes.count, "+-.0123456789eE".utf8.contains(bytes[at]) { at += 1 }
    guard at > start else { throw Json.Malformed() }
    return .number(String(decoding: bytes[start..<at], as: UTF8.self))
  }

  private mutating func string() throws -> String {
    try take("\"")
    var text: [UInt8] = []
    while try peek() != UInt8(ascii: "\"") {
      let byte = bytes[at]
      at += 1
      if byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(byte) }
    }
    at += 1
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escape() throws -> [UInt8] {
    let byte = try peek()
    at += 1
    switch byte {
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "u"):
      var units = [try hex()]
      while units[0] & 0xFC00 == 0xD800, units.count == 1, at + 1 < bytes.count,
        bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u")
      {
        at += 2
        units.append(try hex())
      }
      return Array(String(decoding: units, as: UTF16.self).utf8)
    default: return [byte]
    }
  }

  private mutating func hex() throws -> UInt16 {
    guard at + 4 <= bytes.count,
      let unit = UInt16(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
    else { throw Json.Malformed() }
    at += 4
    return unit
  }
}
