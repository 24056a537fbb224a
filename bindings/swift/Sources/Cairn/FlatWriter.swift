// Writes the few tables that carry bulk (row batches, events with them) as FlatBuffers: a table, then
// what it refers to. All other tables are made from JSON by the engine. A value type; any thread.

/// A table to be written: its fields by their slots, which are their positions in schemas/.
struct FlatTable {
  enum Field {
    case u8(UInt8)
    case u32(UInt32)
    case u64(UInt64)
    case bytes([UInt8])
    case shorts([UInt16])
    case words([UInt32])
    case text(String)
    case texts([String])
    case table(FlatTable)
    case tables([FlatTable])

    // What stands in the table itself.
    fileprivate var size: Int {
      switch self {
      case .u8: return 1
      case .u64: return 8
      default: return 4
      }
    }
  }

  private(set) var fields: [(slot: Int, field: Field)] = []

  /// Nil leaves the field out.
  mutating func set(_ slot: Int, _ field: Field?) {
    if let field { fields.append((slot, field)) }
  }

  /// The bytes of a buffer with this table as its root.
  func bytes() -> [UInt8] {
    var writer = FlatWriter()
    writer.root(self)
    return writer.bytes
  }
}

private struct FlatWriter {
  var bytes: [UInt8] = []

  mutating func root(_ table: FlatTable) {
    little(UInt32(0))
    patch(0, put(table))
  }

  private mutating func little<Bits: FixedWidthInteger>(_ bits: Bits) {
    withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func align(_ alignment: Int, after size: Int = 0) {
    while (bytes.count + size) % alignment != 0 { bytes.append(0) }
  }

  // Sets the offset at `at` to `target`.
  private mutating func patch(_ at: Int, _ target: Int) {
    let offset = UInt32(target - at).littleEndian
    withUnsafeBytes(of: offset) { for i in 0..<4 { bytes[at + i] = $0[i] } }
  }

  // The table of offsets, then the table, then what it refers to. Gives where the table is.
  private mutating func put(_ table: FlatTable) -> Int {
    let fields = table.fields.sorted { $0.field.size > $1.field.size }
    let slots = (fields.map(\.slot).max() ?? -1) + 1
    var offsets = [UInt16](repeating: 0, count: slots)
    var size = 4
    for (slot, field) in fields {
      offsets[slot] = UInt16(size)
      size += field.size
    }
    // The fields of 8 bytes come first, after the 4 of the table's own offset.
    align(8, after: 4 + 2 * slots + 4)
    let vtable = bytes.count
    little(UInt16(4 + 2 * slots))
    little(UInt16(size))
    for offset in offsets { little(offset) }
    let start = bytes.count
    little(Int32(start - vtable))
    var places: [(Int, FlatTable.Field)] = []
    for (_, field) in fields {
      switch field {
      case .u8(let value): little(value)
      case .u32(let value): little(value)
      case .u64(let value): little(value)
      default:
        places.append((bytes.count, field))
        little(UInt32(0))
      }
    }
    for (at, field) in places { patch(at, putBehind(field)) }
    return start
  }

  private mutating func putBehind(_ field: FlatTable.Field) -> Int {
    switch field {
    case .table(let table): return put(table)
    case .tables(let tables): return putOffsets(tables.count) { $0.put(tables[$1]) }
    case .texts(let texts): return putOffsets(texts.count) { $0.putText(texts[$1]) }
    case .text(let text): return putText(text)
    case .bytes(let data): return data.withUnsafeBytes { putVector($0, count: data.count, alignment: 16) }
    case .shorts(let data): return data.withUnsafeBytes { putVector($0, count: data.count, alignment: 4) }
    case .words(let data): return data.withUnsafeBytes { putVector($0, count: data.count, alignment: 4) }
    default: return 0
    }
  }

  private mutating func putVector(
    _ data: UnsafeRawBufferPointer, count: Int, alignment: Int
  ) -> Int {
    align(alignment, after: 4)
    let start = bytes.count
    little(UInt32(count))
    bytes.append(contentsOf: data)
    return start
  }

  private mutating func putText(_ text: String) -> Int {
    var text = text
    return text.withUTF8 { utf8 in
      let start = putVector(UnsafeRawBufferPointer(utf8), count: utf8.count, alignment: 4)
      bytes.append(0)
      return start
    }
  }

  private mutating func putOffsets(
    _ count: Int, _ entry: (inout FlatWriter, Int) -> Int
  ) -> Int {
    align(4)
    let start = bytes.count
    little(UInt32(count))
    bytes.append(contentsOf: repeatElement(0, count: 4 * count))
    for i in 0..<count { patch(start + 4 + 4 * i, entry(&self, i)) }
    return start
  }
}
