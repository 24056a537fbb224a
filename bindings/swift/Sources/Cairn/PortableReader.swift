// Reads portable values (core/value/ENCODING.md). Every read is checked against the end of the bytes,
// so that malformed ones throw. One thread at a time; the bytes must outlive the reader.

import Foundation

struct PortableReader {
  private let bytes: UnsafeRawBufferPointer
  private var at = 0

  static let maxDepth = 128

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The one value that the bytes are.
  static func value(_ bytes: UnsafeRawBufferPointer) throws -> Value {
    var reader = PortableReader(bytes)
    let value = try reader.value()
    guard reader.at == bytes.count else { throw malformed("bytes follow it") }
    return value
  }

  mutating func value() throws -> Value { try payload(byte(), depth: 0) }

  static func malformed(_ what: String) -> CairnError {
    CairnError(.malformed, "a portable value is malformed: \(what)")
  }

  private mutating func byte() throws -> UInt8 { try take(1)[0] }

  private mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0, count <= bytes.count - at else { throw Self.malformed("it ends too early") }
    defer { at += count }
    return UnsafeRawBufferPointer(rebasing: bytes[at..<at + count])
  }

  private mutating func varint() throws -> Int {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 63, by: 7) {
      let next = try byte()
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return Int(value) }
    }
    throw Self.malformed("a size is too large")
  }

  private mutating func integer(_ size: Int) throws -> Int64 {
    let bytes = try take(size)
    var value: UInt64 = 0
    for i in 0..<size { value |= UInt64(bytes[i]) << (8 * UInt64(i)) }
    let unused = UInt64(64 - 8 * size)
    return Int64(bitPattern: value << unused) >> Int64(unused)
  }

  private mutating func payload(_ tag: UInt8, depth: Int) throws -> Value {
    switch tag {
    case 0x00: return .null
    case 0x01: return .bool(false)
    case 0x02: return .bool(true)
    case 0x03: return .undefined
    case 0x04...0x09:
      let size = [1, 2, 3, 4, 6, 8][Int(tag) - 4]
      return .number(Double(try integer(size)))
    case 0x0A: return .number(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try integer(4)))))
    case 0x0B: return .number(Double(bitPattern: UInt64(bitPattern: try integer(8))))
    case 0x0C: return .date(Date(milliseconds: try integer(6)))
    case 0x0D: return .date(try Self.date(integer(8)))
    case 0x20...0x3F: return .number(Double(tag - 0x20))
    case 0x80...0xDF: return .string(String(decoding: try take(Int(tag - 0x80)), as: UTF8.self))
    case 0x10...0x15: return try sized(tag, depth: depth)
    default: throw Self.malformed("the tag \(tag)")
    }
  }

  private static func date(_ milliseconds: Int64) throws -> Date {
    guard milliseconds.magnitude <= 8_640_000_000_000_000 else { throw malformed("an invalid date") }
    return Date(milliseconds: milliseconds)
  }

  private mutating func sized(_ tag: UInt8, depth: Int) throws -> Value {
    let size = try varint()
    switch tag {
    case 0x10:
      let bytes = try take(size)
      guard let sign = bytes.first, sign <= 1 else { throw Self.malformed("a bigint") }
      return .bigint(BigInteger(magnitude: Array(bytes.dropFirst()), isNegative: sign == 1))
    case 0x11: return .bytes(Array(try take(size)))
    case 0x12, 0x13: return Self.text(try take(size))
    default:
      guard depth < Self.maxDepth else { throw Self.malformed("it nests deeper than 128") }
      let end = at + size
      guard size <= bytes.count - at else { throw Self.malformed("it ends too early") }
      let value = try tag == 0x14 ? array(depth: depth + 1) : object(depth: depth + 1)
      guard at == end else { throw Self.malformed("a size is wrong") }
      return value
    }
  }

  private mutating func array(depth: Int) throws -> Value {
    let count = try varint()
    let tags = try take(count)
    var items: [Value] = []
    items.reserveCapacity(count)
    for tag in tags { items.append(try payload(tag, depth: depth)) }
    return .array(items)
  }

  private mutating func object(depth: Int) throws -> Value {
    guard try varint() == 0 else { throw Self.malformed("an object refers to a shape") }
    let count = try varint()
    guard count <= bytes.count - at else { throw Self.malformed("it ends too early") }
    var names: [String] = []
    names.reserveCapacity(count)
    for _ in 0..<count { names.append(try name(take(varint()))) }
    let tags = try take(count)
    var fields: [Object.Field] = []
    fields.reserveCapacity(count)
    for i in 0..<count { fields.append(.init(names[i], try payload(tags[i], depth: depth))) }
    return .object(Object(fields))
  }

  private func name(_ bytes: UnsafeRawBufferPointer) throws -> String {
    if let name = String(validating: bytes, as: UTF8.self) { return name }
    throw CairnError(.unsupported, "the name of a field has a lone surrogate: no text in Swift can have one")
  }

  /// A text, which may be one that Swift's strings cannot hold.
  static func text(_ bytes: UnsafeRawBufferPointer) -> Value {
    if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
    return .wtf8(Array(bytes))
  }
}
