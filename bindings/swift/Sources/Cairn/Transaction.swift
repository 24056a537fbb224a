// What a transaction is to write, collected as row batches before the engine is asked for anything, and
// then written in one go. Not Sendable: it belongs to the closure that it is given to.
import CCairn

public final class Transaction<Row: Codable & Sendable> {
  private let keyOf: @Sendable (Row) throws -> Key
  private var writer = RowBatchWriter()
  private var batches: [[UInt8]] = []
  private var metadata: [Value] = []

  init(keyOf: @escaping @Sendable (Row) throws -> Key) { self.keyOf = keyOf }

  /// Puts the row in place of the one that may be there.
  public func insert(_ row: Row, metadata: MetadataChange = .keep) throws {
    try apply(.insert(keyOf(row), RowEncoder.object(row), metadata: metadata))
  }

  /// Merges fields into the row under a key; `.undefined` removes one.
  public func update(
    _ key: some KeyConvertible, _ fields: Object, metadata: MetadataChange = .keep
  ) throws {
    try apply(.update(key.cairnKey, fields, metadata: metadata))
  }

  public func delete(_ key: some KeyConvertible) throws { try apply(.delete(key.cairnKey)) }

  /// Changes a row's metadata alone.
  public func touch(_ key: some KeyConvertible, metadata: MetadataChange) throws {
    try apply(.touch(key.cairnKey, metadata: metadata))
  }

  /// Any change of a row.
  public func apply(_ change: RowChange) throws {
    try writer.add(change)
    if writer.isFull { endBatch() }
  }

  /// Sets an entry of the collection's metadata, or removes it with nil.
  public func setMetadata(_ key: String, _ value: Value?) {
    metadata.append(metadataEntry(key, value))
  }

  /// What follows goes into another batch of the same transaction.
  public func endBatch() {
    if writer.count > 0 { batches.append(writer.bytes()) }
    writer = RowBatchWriter()
  }

  func finish(_ options: TransactionOptions) throws -> PreparedTransaction {
    endBatch()
    guard case .object(var table) = try RowEncoder.encode(options, snakeCase: true) else {
      throw CairnError(.internal, "options are a table")
    }
    if !metadata.isEmpty { table["metadata"] = .array(metadata) }
    return PreparedTransaction(
      options: try makeTable("TransactionOptions", .object(table)), batches: batches)
  }
}

func metadataEntry(_ key: String, _ value: Value?) -> Value {
  var entry: Object = ["key": .string(key)]
  if let value { entry["value"] = value }
  return .object(entry)
}

struct PreparedTransaction: Sendable {
  let options: EngineBuffer
  let batches: [[UInt8]]

  /// Gives the CommitResult.
  func commit(_ collection: OpaquePointer) throws -> EngineBuffer {
    let transaction = try openHandle { out, error in
      options.lend { cairn_transaction_begin(collection, $0, $1, out, error) }
    }
    defer { cairn_transaction_close(transaction) }
    for batch in batches {
      let status = try engine { error in
        batch.lend { cairn_transaction_add(transaction, $0, $1, error) }
      }
      if status == CAIRN_CANCELLED { throw CairnError(.cancelled, "the transaction was cancelled") }
    }
    guard let result = try engineBuffer({ cairn_transaction_commit(transaction, $0, $1) }) else {
      throw CairnError(.cancelled, "the transaction was cancelled")
    }
    return result
  }
}
