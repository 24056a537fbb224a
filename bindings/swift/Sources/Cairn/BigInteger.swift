// An integer of any size: exact, with what rows need of it (comparison, text, conversion), and no
// arithmetic. A value type; any thread.

/// A bigint of a row. Values of Swift's integers beyond 2^53 are kept as these, too.
public struct BigInteger: Sendable, Hashable, Comparable, Codable, CustomStringConvertible,
  ExpressibleByIntegerLiteral, LosslessStringConvertible
{
  /// The magnitude in bytes, little-endian, without high zeros; empty for 0.
  let magnitude: [UInt8]
  public let isNegative: Bool

  init(magnitude: [UInt8], isNegative: Bool) {
    let used = magnitude.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    self.magnitude = used == magnitude.count ? magnitude : Array(magnitude[..<used])
    self.isNegative = isNegative && used > 0
  }

  public init<Integer: BinaryInteger>(_ value: Integer) {
    var bytes: [UInt8] = []
    var rest = value.magnitude
    while rest != 0 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
    self.init(magnitude: bytes, isNegative: value < 0)
  }

  public init(integerLiteral value: Int64) { self.init(value) }

  /// A decimal text, with a sign or without; nil for anything else.
  public init?(_ description: String) {
    let isNegative = description.hasPrefix("-")
    let digits = Array(description.utf8.dropFirst(isNegative || description.hasPrefix("+") ? 1 : 0))
    guard !digits.isEmpty, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    var limbs: [UInt32] = []
    for start in stride(from: 0, to: digits.count, by: 9) {
      let part = digits[start..<min(start + 9, digits.count)]
      var scale: UInt64 = 1
      var carry: UInt64 = 0
      for digit in part {
        carry = carry * 10 + UInt64(digit - 0x30)
        scale *= 10
      }
      for i in limbs.indices {
        let product = UInt64(limbs[i]) * scale + carry
        limbs[i] = UInt32(truncatingIfNeeded: product)
        carry = product >> 32
      }
      if carry != 0 { limbs.append(UInt32(carry)) }
    }
    let bytes = limbs.flatMap { limb in (0..<4).map { UInt8(truncatingIfNeeded: limb >> (8 * $0)) } }
    self.init(magnitude: bytes, isNegative: isNegative)
  }

  public var description: String {
    if magnitude.isEmpty { return "0" }
    var limbs = [UInt32](repeating: 0, count: (magnitude.count + 3) / 4)
    for (i, byte) in magnitude.enumerated() { limbs[i / 4] |= UInt32(byte) << (8 * UInt32(i % 4)) }
    var parts: [String] = []
    while !limbs.isEmpty {
      var remainder: UInt64 = 0
      for i in limbs.indices.reversed() {
        let value = remainder << 32 | UInt64(limbs[i])
        limbs[i] = UInt32(value / 1_000_000_000)
        remainder = value % 1_000_000_000
      }
      while limbs.last == 0 { limbs.removeLast() }
      let part = String(remainder)
      parts.append(
        limbs.isEmpty ? part : String(repeating: "0", count: 9 - part.count) + part)
    }
    return (isNegative ? "-" : "") + parts.reversed().joined()
  }

  public static func < (left: BigInteger, right: BigInteger) -> Bool {
    if left.isNegative != right.isNegative { return left.isNegative }
    let isBelow = left.isBelow(right)
    return left.isNegative ? right.isBelow(left) : isBelow
  }

  // By magnitude.
  private func isBelow(_ other: BigInteger) -> Bool {
    if magnitude.count != other.magnitude.count { return magnitude.count < other.magnitude.count }
    return magnitude.reversed().lexicographicallyPrecedes(other.magnitude.reversed())
  }

  /// As text for other encoders; rows keep it as what it is.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = BigInteger(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not an integer"))
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension FixedWidthInteger {
  /// Nil where it does not fit.
  public init?(exactly value: BigInteger) {
    guard value.magnitude.count <= 16 else { return nil }
    var magnitude: UInt128 = 0
    for byte in value.magnitude.reversed() { magnitude = magnitude << 8 | UInt128(byte) }
    if !value.isNegative {
      self.init(exactly: magnitude)
    } else if magnitude <= UInt128(1) << 127 {
      self.init(exactly: Int128(truncatingIfNeeded: ~magnitude &+ 1))
    } else {
      return nil
    }
  }
}
