// Reads row batches (schemas/batch.fbs) column by column: the columns are found once per batch, values
// are then read from memory by their row. The engine has checked the layout when the view was opened.
// One thread at a time.
import Foundation

enum ColumnKind: UInt64 {
  case null, bool, int32, float64, date, text, textDict, bytes, list, object, tagged
}

enum RowOp: UInt8 {
  case insert, update, delete, touch
}

/// The values of one field. Positions are those of the values in the column, nulls included.
final class Column {
  let kind: ColumnKind
  let count: Int
  private let nulls: UnsafePointer<UInt8>?
  private let data: UnsafeBufferPointer<UInt8>
  private let ints: UnsafePointer<Int32>?
  private let doubles: UnsafePointer<Double>?
  private let ends: UnsafePointer<UInt32>?
  private let codes: UnsafePointer<UInt8>?
  private let codes16: UnsafePointer<UInt16>?
  private let narrowStart: Int
  private let wideAt: [Int: WideText]
  private let heap: TextHeap
  private let dictionary: [String?]
  let child: Column?
  let objects: ObjectColumns?
  // For objects, which have no slot where they are null: the position of each among those that are.
  private let objectAt: [Int32]

  init(_ table: TableView.Table, heap: TextHeap, depth: Int = 1) throws {
    guard depth <= 20, let kind = ColumnKind(rawValue: try table.number("kind") ?? 0) else {
      throw CairnError(.malformed, "a row batch has a column of an unknown kind")
    }
    self.kind = kind
    self.heap = heap
    count = try table.integer("count")
    let nulls = try table.vector("nulls", of: UInt8.self)?.baseAddress
    self.nulls = nulls
    data = try table.vector("data", of: UInt8.self) ?? UnsafeBufferPointer(start: nil, count: 0)
    ints = try table.vector("ints", of: Int32.self)?.baseAddress
    doubles = try table.vector("doubles", of: Double.self)?.baseAddress
    ends = try table.vector("ends", of: UInt32.self)?.baseAddress
    codes = try table.vector("codes", of: UInt8.self)?.baseAddress
    codes16 = try table.vector("codes16", of: UInt16.self)?.baseAddress
    narrowStart = try table.integer("narrow_start")
    let child = try table.table("child").map { try Column($0, heap: heap, depth: depth + 1) }
    self.child = child
    objects = try table.table("objects").map { try ObjectColumns($0, heap: heap, depth: depth + 1) }
    wideAt = kind == .text ? Self.wideTexts(ends, count, try table.integer("wide_start")) : [:]
    dictionary = kind == .textDict ? (0..<child!.count).map { try? child!.string($0) } : []
    objectAt = kind == .object && nulls != nil ? Self.positions(nulls!, count) : []
  }

  // The texts in the wide heap, by their positions, and for those in the narrow heap that follow one,
  // where they begin. A batch has none unless UTF-16 was asked for.
  private static func wideTexts(
    _ ends: UnsafePointer<UInt32>?, _ count: Int, _ wideStart: Int
  ) -> [Int: WideText] {
    var found: [Int: WideText] = [:]
    guard (0..<count).contains(where: { ends![$0] & 1 != 0 }) else { return found }
    var wide = wideStart
    var narrow: Int?
    for i in 0..<count {
      let end = Int(ends![i] >> 1)
      if ends![i] & 1 != 0 {
        found[i] = .wide(wide..<end)
        wide = end
      } else {
        if i > 0, ends![i - 1] & 1 != 0 { found[i] = .narrow(from: narrow) }
        narrow = end
      }
    }
    return found
  }

  private enum WideText {
    case wide(Range<Int>)
    /// From the end of the text before it in the narrow heap; nil for the first one.
    case narrow(from: Int?)
  }

  private static func positions(_ nulls: UnsafePointer<UInt8>, _ count: Int) -> [Int32] {
    var next: Int32 = 0
    return (0..<count).map { i in
      let isNull = nulls[i >> 3] >> UInt8(i & 7) & 1 != 0
      defer { next += isNull ? 0 : 1 }
      return next
    }
  }

  @inline(__always) func isNull(_ i: Int) -> Bool {
    if let nulls { return nulls[i >> 3] >> UInt8(i & 7) & 1 != 0 }
    return kind == .null
  }

  @inline(__always) func bool(_ i: Int) -> Bool { data[i] != 0 }
  @inline(__always) func int(_ i: Int) -> Int32 { ints![i] }
  @inline(__always) func double(_ i: Int) -> Double { doubles![i] }
  @inline(__always) func object(_ i: Int) -> (ObjectColumns, Int) {
    (objects!, objectAt.isEmpty ? i : Int(objectAt[i]))
  }

  func date(_ i: Int) throws -> Date {
    guard let ms = Int64(exactly: doubles![i]), ms.magnitude <= 8_640_000_000_000_000 else {
      throw CairnError(.malformed, "a row batch has an invalid date")
    }
    return Date(milliseconds: ms)
  }

  /// Of text and dictionaries. Throws for a text that Swift's strings cannot hold.
  @inline(__always) func string(_ i: Int) throws -> String {
    if kind == .textDict {
      if let text = dictionary[code(i)] { return text }
      return try child!.string(code(i))
    }
    if !wideAt.isEmpty { return try heap.string(wideText(i)) }
    return try heap.string(textBytes(i))
  }

  private func text(_ i: Int) -> Value {
    wideAt.isEmpty ? PortableReader.text(textBytes(i)) : wideText(i)
  }

  private func wideText(_ i: Int) -> Value {
    switch wideAt[i] {
    case .wide(let range): return heap.wideText(range)
    case .narrow(let start):
      return PortableReader.text(heap.bytes(start ?? narrowStart, Int(ends![i] >> 1)))
    case nil: return PortableReader.text(textBytes(i))
    }
  }

  private func code(_ i: Int) -> Int { codes != nil ? Int(codes![i]) : Int(codes16![i]) }

  @inline(__always) private func textBytes(_ i: Int) -> UnsafeRawBufferPointer {
    let start = i == 0 ? narrowStart : Int(ends![i - 1] >> 1)
    return heap.bytes(start, Int(ends![i] >> 1))
  }

  func range(_ i: Int) -> Range<Int> {
    (i == 0 ? 0 : Int(ends![i - 1]))..<Int(ends![i])
  }

  func bytes(_ i: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: data[range(i)]))
  }

  func endDecoding() {
    child?.endDecoding()
    objects?.endDecoding()
  }

  /// The value as it is, of any kind.
  func value(_ i: Int) throws -> Value {
    if isNull(i) { return .null }
    switch kind {
    case .null: return .null
    case .bool: return .bool(bool(i))
    case .int32: return .number(Double(int(i)))
    case .float64: return .number(double(i))
    case .date: return .date(try date(i))
    case .text: return text(i)
    case .textDict: return try child!.value(code(i))
    case .bytes: return .bytes(Array(bytes(i)))
    case .list: return .array(try range(i).map { try child!.value($0) })
    case .object:
      let (objects, at) = object(i)
      return .object(try objects.object(at))
    case .tagged: return try PortableReader.value(bytes(i))
    }
  }
}

/// The heaps with all texts of a batch.
struct TextHeap {
  private let bytes: UnsafeRawBufferPointer
  private let wide: UnsafeBufferPointer<UInt16>
  private let mayHoldSurrogates: Bool
  // Keeps the batch's memory for columns, which a decoder may hold on to.
  private let owner: TableView

  init(_ batch: TableView.Table, owner: TableView) throws {
    bytes = try batch.bytes("narrow") ?? UnsafeRawBufferPointer(start: nil, count: 0)
    wide = try batch.vector("wide", of: UInt16.self) ?? UnsafeBufferPointer(start: nil, count: 0)
    self.owner = owner
    mayHoldSurrogates = Self.mayHoldSurrogates(bytes)
  }

  // The bytes of a surrogate begin with ED and A0 or more, and no others do.
  private static func mayHoldSurrogates(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var at = bytes.startIndex
    while let base = bytes.baseAddress, let found = memchr(base + at, 0xED, bytes.count - at) {
      at = UnsafeRawPointer(found) - base + 1
      if at < bytes.count, bytes[at] >= 0xA0 { return true }
    }
    return false
  }

  @inline(__always) func bytes(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[start..<end])
  }

  @inline(__always) func string(_ bytes: UnsafeRawBufferPointer) throws -> String {
    if mayHoldSurrogates { return try validated(bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  func string(_ text: Value) throws -> String {
    if case .string(let text) = text { return text }
    throw Self.surrogate
  }

  func wideText(_ range: Range<Int>) -> Value {
    let units = UnsafeBufferPointer(rebasing: wide[range])
    if let text = String(validating: units, as: UTF16.self) { return .string(text) }
    return .wtf8(wtf8(units))
  }

  private static let surrogate = CairnError(
    .invalidValue, "a text has a lone surrogate, which no text in Swift can have: read it as a Value")

  private func validated(_ bytes: UnsafeRawBufferPointer) throws -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    throw Self.surrogate
  }
}

// UTF-16 with lone surrogates as WTF-8: those are written as any other code point is.
private func wtf8(_ units: UnsafeBufferPointer<UInt16>) -> [UInt8] {
  var out: [UInt8] = []
  var rest = units[...]
  while let unit = rest.popFirst() {
    if unit & 0xFC00 == 0xD800, let low = rest.first, low & 0xFC00 == 0xDC00 {
      out += Array(String(decoding: [unit, low], as: UTF16.self).utf8)
      rest = rest.dropFirst()
    } else if unit & 0xF800 == 0xD800 {
      out += [0xED, UInt8(0x80 | (unit >> 6 & 0x3F)), UInt8(0x80 | (unit & 0x3F))]
    } else {
      out += Array(String(decoding: [unit], as: UTF16.self).utf8)
    }
  }
  return out
}

/// Objects in groups of one shape, and the position of each in its group.
final class ObjectColumns {
  let groups: [Group]
  private let groupOf: UnsafeBufferPointer<UInt16>?
  private var positions: [Int32] = []
  private let loose: Column?

  final class Group {
    let names: [String]
    let columns: [Column]
    /// Where each use of a field found it the last time, so that it is found at once the next time.
    fileprivate var hints: [Hint] = []
    fileprivate var use = 0
    /// For the next object; it refers to the group, so it is let go of when the batch is.
    var kept: KeptContainer?
    let index: Int

    init(_ table: TableView.Table, heap: TextHeap, depth: Int, index: Int) throws {
      guard case .array(let names)? = try table.value("fields") else {
        throw CairnError(.malformed, "a row batch has a group without field names")
      }
      self.names = try names.map { name in
        guard case .string(let text) = name else {
          throw CairnError(
            .unsupported, "the name of a field has a lone surrogate: no text in Swift can have one")
        }
        return text
      }
      columns = try table.tables("columns").map { try Column($0, heap: heap, depth: depth) }
      self.index = index
    }
  }

  init(_ table: TableView.Table, heap: TextHeap, depth: Int) throws {
    groups = try table.tables("groups").enumerated().map { index, group in
      try Group(group, heap: heap, depth: depth, index: index)
    }
    groupOf = try table.vector("group_of", of: UInt16.self)
    loose = try table.table("loose").map { try Column($0, heap: heap, depth: depth) }
    guard let groupOf else { return }
    var next = [Int32](repeating: 0, count: groups.count + 1)
    positions = groupOf.map { group in
      let slot = group == 0xFFFF ? groups.count : Int(group)
      defer { next[slot] += 1 }
      return next[slot]
    }
  }

  func endDecoding() {
    for group in groups {
      group.kept = nil
      for column in group.columns { column.endDecoding() }
    }
  }

  /// The group of an object, or nil for a loose one, and its position in it.
  @inline(__always) func place(_ i: Int) -> (Group?, Int) {
    guard let groupOf else { return (groups[0], i) }
    return (groupOf[i] == 0xFFFF ? nil : groups[Int(groupOf[i])], Int(positions[i]))
  }

  func looseObject(_ position: Int) throws -> Object {
    guard case .object(let object)? = try loose?.value(position) else {
      throw CairnError(.malformed, "a row batch has a loose value that is no object")
    }
    return object
  }

  func object(_ i: Int) throws -> Object {
    let (group, at) = place(i)
    guard let group else { return try looseObject(at) }
    var fields: [Object.Field] = []
    fields.reserveCapacity(group.names.count)
    for (name, column) in zip(group.names, group.columns) {
      fields.append(.init(name, try column.value(at)))
    }
    return Object(fields)
  }
}

// A name that was asked for, with its own representation: the same one is the same text.
private struct Hint {
  let name: String
  let bits: (UInt64, UInt64)
  let column: Int
}

extension ObjectColumns.Group {
  /// A type asks for its fields in the same order each time: begins anew.
  @inline(__always) func beginUses() { use = 0 }

  /// The column of a field, or nil.
  @inline(__always) func find(_ name: String) -> Column? {
    let at = use
    use = at &+ 1
    if at < hints.count {
      let bits = unsafeBitCast(name, to: (UInt64, UInt64).self)
      if hints[at].bits == bits {
        let column = hints[at].column
        return column < 0 ? nil : columns[column]
      }
    }
    return search(name, at)
  }

  private func search(_ name: String, _ at: Int) -> Column? {
    let found = names.firstIndex { isSame($0, name) }
    let hint = Hint(
      name: name, bits: unsafeBitCast(name, to: (UInt64, UInt64).self), column: found ?? -1)
    if at < hints.count {
      hints[at] = hint
    } else if at == hints.count, at < 256 {
      hints.append(hint)
    }
    return found.map { columns[$0] }
  }
}

/// A batch of rows. Its memory lives as long as it does.
final class RowBatchReader {
  let count: Int
  let keys: Column?
  let values: ObjectColumns?
  private let ops: UnsafeBufferPointer<UInt8>?
  private let versions: UnsafeBufferPointer<UInt64>?
  private let metadataOps: UnsafeBufferPointer<UInt8>?
  private let metadata: Column?
  private let view: TableView

  convenience init(_ buffer: EngineBuffer) throws {
    try self.init(buffer.unsafeBytes, owner: buffer)
  }

  init(_ bytes: UnsafeRawBufferPointer, owner: AnyObject?) throws {
    view = try TableView("RowBatch", bytes, owner: owner)
    let table = view.root
    count = try table.integer("count")
    let heap = try TextHeap(table, owner: view)
    keys = try table.table("keys").map { try Column($0, heap: heap) }
    values = try table.table("values").map { try ObjectColumns($0, heap: heap, depth: 1) }
    ops = try table.vector("ops", of: UInt8.self)
    versions = try table.vector("versions", of: UInt64.self)
    metadataOps = try table.vector("metadata_ops", of: UInt8.self)
    metadata = try table.table("metadata").map { try Column($0, heap: heap) }
  }

  deinit { values?.endDecoding() }

  /// What each row is, without its value. `valueAt` is the row's position in `values`.
  struct Row {
    let key: Key
    let op: RowOp
    let valueAt: Int?
    let version: UInt64?
    let metadata: Value?
  }

  func forEachRow(_ body: (Row) throws -> Void) throws {
    var nextValue = 0
    var nextMetadata = 0
    for i in 0..<count {
      let op = RowOp(rawValue: ops?[i] ?? 0)!
      let hasValue = op == .insert || op == .update
      let hasMetadata = metadataOps?[i] == 1
      let row = Row(
        key: try key(i), op: op, valueAt: hasValue ? nextValue : nil, version: versions?[i],
        metadata: hasMetadata ? try metadata!.value(nextMetadata) : nil)
      if hasValue { nextValue += 1 }
      if hasMetadata { nextMetadata += 1 }
      try body(row)
    }
  }

  func key(_ i: Int) throws -> Key {
    guard let keys, let key = Key(try keys.value(i)) else {
      throw CairnError(.malformed, "a row batch has a key that is none")
    }
    return key
  }

  var hasOps: Bool { ops != nil }
}
