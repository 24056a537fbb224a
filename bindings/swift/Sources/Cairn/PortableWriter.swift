// Writes portable values (core/value/ENCODING.md). What the engine refuses by itself is left to it; what
// has no bytes at all, such as a date that is none, throws. One thread at a time.
import Foundation

struct PortableWriter {
  private(set) var bytes: [UInt8] = []

  static func bytes(_ value: Value) throws -> [UInt8] {
    var writer = PortableWriter()
    try writer.put(value)
    return writer.bytes
  }

  var count: Int { bytes.count }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  /// Appends a value: its tag, then its payload.
  mutating func put(_ value: Value) throws {
    let at = bytes.count
    bytes.append(0)
    bytes[at] = try payload(value, depth: 0)
  }

  private mutating func varint(_ value: Int) {
    var rest = UInt64(value)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  // Appends the payload, and gives the tag.
  private mutating func payload(_ value: Value, depth: Int) throws -> UInt8 {
    switch value {
    case .null: return 0x00
    case .bool(let value): return value ? 0x02 : 0x01
    case .undefined: return 0x03
    case .number(let number): return self.number(number)
    case .bigint(let integer): return bigint(integer)
    case .string(let text): return self.text(text)
    case .wtf8(let text): return sized(0x13, text)
    case .bytes(let data): return sized(0x11, data)
    case .date(let date): return try self.date(date)
    case .array(let items): return try array(items, depth: depth + 1)
    case .object(let object): return try self.object(object, depth: depth + 1)
    }
  }

  private mutating func little<Bits: FixedWidthInteger>(_ bits: Bits, _ size: Int) {
    var rest = bits
    for _ in 0..<size {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  private mutating func number(_ value: Double) -> UInt8 {
    if value == value.rounded(.towardZero), abs(value) <= 9_007_199_254_740_992,
      value.bitPattern != (-0.0).bitPattern
    {
      return integer(Int64(value))
    }
    if value.isNaN {
      little(Float.nan.bitPattern, 4)
      return 0x0A
    }
    let small = Float(value)
    if Double(small) == value {
      little(small.bitPattern, 4)
      return 0x0A
    }
    little(value.bitPattern, 8)
    return 0x0B
  }

  private mutating func integer(_ value: Int64) -> UInt8 {
    if value >= 0 && value < 32 { return 0x20 + UInt8(value) }
    let bits = 65 - (value < 0 ? ~value : value).leadingZeroBitCount
    let (size, tag): (Int, UInt8) =
      switch bits {
      case ...8: (1, 0x04)
      case ...16: (2, 0x05)
      case ...24: (3, 0x06)
      case ...32: (4, 0x07)
      case ...48: (6, 0x08)
      default: (8, 0x09)
      }
    little(value, size)
    return tag
  }

  private mutating func bigint(_ value: BigInteger) -> UInt8 {
    varint(value.magnitude.count + 1)
    bytes.append(value.isNegative ? 1 : 0)
    bytes += value.magnitude
    return 0x10
  }

  private mutating func sized(_ tag: UInt8, _ data: [UInt8]) -> UInt8 {
    varint(data.count)
    bytes += data
    return tag
  }

  private mutating func text(_ text: String) -> UInt8 {
    var text = text
    return text.withUTF8 { utf8 in
      let isAscii = utf8.allSatisfy { $0 < 0x80 }
      let isShort = isAscii && utf8.count < 96
      if !isShort { varint(utf8.count) }
      bytes.append(contentsOf: utf8)
      if isShort { return 0x80 + UInt8(utf8.count) }
      return isAscii ? 0x12 : 0x13
    }
  }

  private mutating func date(_ date: Date) throws -> UInt8 {
    guard let milliseconds = date.milliseconds else {
      throw CairnError(.invalidValue, "an invalid date: \(date.timeIntervalSince1970) s")
    }
    let isShort = (-1 << 47..<1 << 47).contains(milliseconds)
    little(milliseconds, isShort ? 6 : 8)
    return isShort ? 0x0C : 0x0D
  }

  private func check(_ depth: Int) throws {
    if depth > PortableReader.maxDepth {
      throw CairnError(.invalidValue, "a value nests deeper than 128")
    }
  }

  private mutating func array(_ items: [Value], depth: Int) throws -> UInt8 {
    try check(depth)
    let start = bytes.count
    varint(items.count)
    let tags = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: items.count))
    for i in items.indices { bytes[tags + i] = try payload(items[i], depth: depth) }
    close(start)
    return 0x14
  }

  private mutating func object(_ object: Object, depth: Int) throws -> UInt8 {
    try check(depth)
    let start = bytes.count
    bytes.append(0)
    varint(object.count)
    for field in object.fields { name(field.name) }
    let tags = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: object.count))
    for (i, field) in object.fields.enumerated() {
      bytes[tags + i] = try payload(field.value, depth: depth)
    }
    close(start)
    return 0x15
  }

  private mutating func name(_ name: String) {
    var name = name
    name.withUTF8 { utf8 in
      varint(utf8.count)
      bytes.append(contentsOf: utf8)
    }
  }

  // Puts the size of a body before it.
  private mutating func close(_ start: Int) {
    let end = bytes.count
    varint(end - start)
    let size = Array(bytes[end...])
    bytes.removeLast(size.count)
    bytes.insert(contentsOf: size, at: start)
  }
}
