// Writes row batches (schemas/batch.fbs). Keys and objects are written as portable values in one column
// each: the engine sorts them into its own shapes in any case. A value type; any thread.

/// What becomes of a row's metadata.
public enum MetadataChange: Sendable, Hashable {
  case keep
  case set(Value)
  case remove
}

/// What happens to one row.
public struct RowChange: Sendable {
  var key: Key
  var op: RowOp
  var value: Object?
  var metadata: MetadataChange

  /// Puts the row in place of the one that may be there.
  public static func insert(_ key: Key, _ value: Object, metadata: MetadataChange = .keep) -> Self {
    RowChange(key: key, op: .insert, value: value, metadata: metadata)
  }
  /// Merges the fields into the row; `undefined` removes a field.
  public static func update(_ key: Key, _ fields: Object, metadata: MetadataChange = .keep) -> Self {
    RowChange(key: key, op: .update, value: fields, metadata: metadata)
  }
  public static func delete(_ key: Key) -> Self {
    RowChange(key: key, op: .delete, value: nil, metadata: .keep)
  }
  /// Changes the row's metadata alone.
  public static func touch(_ key: Key, metadata: MetadataChange) -> Self {
    RowChange(key: key, op: .touch, value: nil, metadata: metadata)
  }
}

struct RowBatchWriter {
  /// A batch that has grown beyond this is given to the engine.
  static let fullBytes = 1 << 20

  private struct Values {
    var writer = PortableWriter()
    var ends: [UInt32] = []

    mutating func add(_ value: Value) throws {
      try writer.put(value)
      ends.append(UInt32(writer.count))
    }

    var column: FlatTable {
      var column = FlatTable()
      column.set(0, .u8(UInt8(ColumnKind.tagged.rawValue)))
      column.set(2, .bytes(writer.bytes))
      column.set(5, .words(ends))
      column.set(12, .u32(UInt32(ends.count)))
      return column
    }
  }

  private var keys = Values()
  private var values = Values()
  private var metadata = Values()
  private var ops: [UInt8] = []
  private var metadataOps: [UInt8] = []

  var count: Int { ops.count }
  var isFull: Bool { values.writer.count + keys.writer.count > Self.fullBytes }

  mutating func add(_ row: RowChange) throws {
    do {
      try keys.add(row.key.value)
      if let value = row.value { try values.add(.object(value)) }
    } catch let error as CairnError {
      throw CairnError(error.code, "key \(row.key): \(error.message)")
    }
    ops.append(row.op.rawValue)
    switch row.metadata {
    case .keep: metadataOps.append(0)
    case .remove: metadataOps.append(2)
    case .set(let value):
      metadataOps.append(1)
      try metadata.add(value)
    }
  }

  func bytes() -> [UInt8] {
    var objects = FlatTable()
    objects.set(0, .u32(UInt32(values.ends.count)))
    objects.set(1, .shorts(Array(repeating: 0xFFFF, count: values.ends.count)))
    objects.set(3, .table(values.column))
    var batch = FlatTable()
    batch.set(0, .u32(UInt32(count)))
    batch.set(1, .table(keys.column))
    batch.set(2, .bytes(ops))
    batch.set(3, .table(objects))
    batch.set(5, .bytes(metadataOps))
    batch.set(6, metadata.ends.isEmpty ? nil : .table(metadata.column))
    return batch.bytes()
  }

  /// All rows in batches of bounded size.
  static func batches(_ rows: some Sequence<RowChange>) throws -> [[UInt8]] {
    var batches: [[UInt8]] = []
    var writer = RowBatchWriter()
    for row in rows {
      try writer.add(row)
      guard writer.isFull else { continue }
      batches.append(writer.bytes())
      writer = RowBatchWriter()
    }
    if writer.count > 0 { batches.append(writer.bytes()) }
    return batches
  }
}
