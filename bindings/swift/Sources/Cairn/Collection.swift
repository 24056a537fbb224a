// A collection: its rows as Codable values, read by queries and written in transactions. Sendable: any
// task may use it, and each call runs on threads of the engine's own.
import CCairn

public final class Collection<Row: Codable & Sendable>: Sendable, Closable {
  public let name: String
  let database: Database
  let handle: Handle
  let keyOf: @Sendable (Row) throws -> Key

  init(
    _ pointer: OpaquePointer, name: String, in database: Database,
    key: @escaping @Sendable (Row) throws -> Key
  ) {
    handle = Handle(pointer, "the collection \"\(name)\"", on: database.pool) { cairn_collection_close($0) }
    self.name = name
    self.database = database
    keyOf = key
  }

  /// Closes the collection; its database stays open. Rows that are being read can be read to their end.
  public func close() async { await database.finish(handle) }

  func run<Result: Sendable>(
    _ body: @escaping @Sendable (OpaquePointer) throws -> Result
  ) async throws -> Result {
    try await database.run(handle, body)
  }

  public func info() async throws -> CollectionInfo {
    try await run { collection in
      let info = try requireBuffer { cairn_collection_info(collection, $0, $1) }
      return try readTable(CollectionInfo.self, "CollectionInfo", info)
    }
  }

  // --- Reading ---

  /// The row under a key, or nil.
  public func get(_ key: some KeyConvertible) async throws -> Row? {
    let key = try PortableWriter.bytes(key.cairnKey.value)
    return try await run { collection in
      let found = try engineBuffer { out, error in
        key.lend { cairn_collection_get(collection, $0, $1, out, error) }
      }
      return try found?.withUnsafeBytes {
        try RowDecoder.decode(Row.self, PortableReader.value($0))
      }
    }
  }

  /// All rows that a query finds.
  public func rows(_ query: Query<Row> = Query(), host: (any QueryHost)? = nil) async throws -> [Row] {
    try await batches(query, host: host).rows()
  }

  /// All rows that a condition holds for, in an order.
  public func rows(
    where condition: Condition<Row>, orderBy order: Order<Row>..., limit: Int? = nil, offset: Int = 0
  ) async throws -> [Row] {
    try await rows(Query(where: condition, orderBy: order, limit: limit, offset: offset))
  }

  /// The rows of a query in batches of bounded size, all of one moment. It is read as it is iterated.
  public func batches(
    _ query: Query<Row> = Query(), options: ReadOptions = ReadOptions(), host: (any QueryHost)? = nil
  ) -> RowBatches<Row> {
    RowBatches(collection: self, request: .load(query, options), host: host)
  }

  /// What changed since a position: whole current rows, and keys without one.
  public func delta(since position: Position, options: ReadOptions = ReadOptions()) -> RowBatches<Row> {
    RowBatches(collection: self, request: .delta(position, options), host: nil)
  }

  // --- Writing ---

  /// Puts rows in place of those that may be there, in one transaction.
  @discardableResult
  public func insert(_ rows: Row...) async throws -> CommitResult { try await insert(rows) }

  @discardableResult
  public func insert(_ rows: [Row]) async throws -> CommitResult {
    try await transaction { transaction in for row in rows { try transaction.insert(row) } }
  }

  /// Merges fields into the row under a key.
  @discardableResult
  public func update(_ key: some KeyConvertible, _ fields: Object) async throws -> CommitResult {
    try await transaction { try $0.update(key, fields) }
  }

  @discardableResult
  public func delete(_ keys: any KeyConvertible...) async throws -> CommitResult {
    try await transaction { transaction in for key in keys { try transaction.delete(key) } }
  }

  /// Writes what the body asks for, whole or not at all: an error that it throws writes nothing. The
  /// database is not locked while the body runs, only while the engine writes.
  @discardableResult
  public func transaction(
    _ options: TransactionOptions = TransactionOptions(),
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Transaction<Row>) async throws -> Void
  ) async throws -> CommitResult {
    let transaction = Transaction<Row>(keyOf: keyOf)
    try await body(transaction)
    return try await commit(transaction.finish(options))
  }

  /// Makes the collection what a snapshot says: only what differs is written.
  @discardableResult
  public func reconcile(
    _ rows: some Sequence<Row>, options: TransactionOptions = TransactionOptions()
  ) async throws -> CommitResult {
    var options = options
    options.mode = .reconcile
    let transaction = Transaction<Row>(keyOf: keyOf)
    for row in rows { try transaction.insert(row) }
    return try await commit(transaction.finish(options))
  }

  func commit(_ prepared: PreparedTransaction) async throws -> CommitResult {
    try await run { collection in
      let result = try prepared.commit(collection)
      return try readTable(CommitResult.self, "CommitResult", result)
    }
  }

  // --- The rest ---

  /// Collection metadata.
  public func metadata() async throws -> [String: Value] {
    try await run { collection in
      let report = try requireBuffer { cairn_collection_metadata(collection, $0, $1) }
      let entries = try readTable(MetadataReport.self, "MetadataReport", report).entries
      return Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value ?? .null) })
    }
  }

  /// Makes an index over expressions, and keeps it in step from then on.
  @discardableResult
  public func ensureIndex<V>(
    _ signature: String, _ expressions: Expression<Row, V>..., where condition: Condition<Row>? = nil
  ) async throws -> IndexInfo {
    var request: Object = [
      "signature": .string(signature),
      "expressions": .array(try expressions.map { try $0.node.table() }),
    ]
    if let condition { request["where"] = try condition.node.table() }
    let table = try makeTable("IndexRequest", .object(request))
    return try await run { collection in
      let info = try requireBuffer { out, error in
        table.lend { cairn_collection_ensure_index(collection, $0, $1, out, error) }
      }
      return try readTable(IndexInfo.self, "IndexInfo", info)
    }
  }

  @discardableResult
  public func ensureIndex<V>(_ signature: String, _ keyPath: KeyPath<Row, V>) async throws -> IndexInfo {
    try await ensureIndex(signature, field(keyPath))
  }

  /// Gives whether there was one.
  @discardableResult
  public func removeIndex(_ signature: String) async throws -> Bool {
    try await run { collection in
      try engine { error in
        signature.lend { cairn_collection_remove_index(collection, $0, $1, error) }
      } == CAIRN_OK
    }
  }

  /// Drops rows, indexes, log, row version and metadata, in one transaction.
  public func reset() async throws {
    try await run { collection in _ = try engine { cairn_collection_reset(collection, $0) } }
  }
}
