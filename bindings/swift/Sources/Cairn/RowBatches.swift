// Rows of a query or a delta as an AsyncSequence of batches: each is read and decoded on a thread of the
// engine's own when it is asked for. The sequence is Sendable; an iterator belongs to one task.
import CCairn
import Synchronization

public struct ReadOptions: Sendable {
  /// Give row versions.
  public var versions = false
  /// Give row metadata.
  public var metadata = false
  public var batchRows = 4096
  public var batchBytes = 4 << 20
  public init(versions: Bool = false, metadata: Bool = false, batchRows: Int = 4096) {
    self.versions = versions
    self.metadata = metadata
    self.batchRows = batchRows
  }

  func add(to request: inout Object) {
    if versions { request["versions"] = true }
    if metadata { request["metadata"] = true }
    request["batch_rows"] = .integer(batchRows)
    request["batch_bytes"] = .integer(batchBytes)
  }
}

/// Rows in the order of the query. `keys` and the others go with the rows one by one.
public struct RowBatch<Row: Sendable>: Sendable {
  public var keys: [Key] = []
  public var rows: [Row] = []
  /// Keys without a row, of a delta.
  public var deletedKeys: [Key] = []
  /// With `ReadOptions.versions`.
  public var versions: [UInt64] = []
  /// With `ReadOptions.metadata`; nil for a row that has none.
  public var metadata: [Value?] = []
}

extension RowBatch where Row: Decodable {
  init(_ reader: RowBatchReader, options: ReadOptions, keys wantsKeys: Bool = true) throws {
    rows.reserveCapacity(reader.count)
    if !wantsKeys, !reader.hasOps, let values = reader.values {
      for i in 0..<reader.count { rows.append(try RowDecoder.decode(Row.self, values, i)) }
      return
    }
    keys.reserveCapacity(reader.count)
    try reader.forEachRow { row in
      guard let at = row.valueAt else { return deletedKeys.append(row.key) }
      keys.append(row.key)
      rows.append(try RowDecoder.decode(Row.self, reader.values!, at))
      if options.versions { versions.append(row.version ?? 0) }
      if options.metadata { metadata.append(row.metadata) }
    }
  }
}

public struct RowBatches<Row: Codable & Sendable>: AsyncSequence, Sendable {
  public typealias Element = RowBatch<Row>

  enum Request: Sendable {
    case load(Query<Row>, ReadOptions)
    case delta(Position, ReadOptions)
  }

  let collection: Collection<Row>
  let request: Request
  let host: (any QueryHost)?

  public func makeAsyncIterator() -> Iterator {
    Iterator(reader: CursorReader(self))
  }

  /// What the sequence reads from: the position of its moment, and of a delta whether to load instead.
  public func head() async throws -> CursorHead { try await CursorReader(self).head() }

  /// How the rows are found; with what it cost where they were read to their end before.
  public func explain() async throws -> Explanation {
    let reader = CursorReader(self)
    while try await reader.next() != nil {}
    return try await reader.explain()
  }

  /// All rows, without their keys.
  func rows() async throws -> [Row] {
    let reader = CursorReader(self)
    guard var rows = try await reader.next(keys: false)?.rows else { return [] }
    while let batch = try await reader.next(keys: false) { rows += batch.rows }
    return rows
  }

  /// An iterator is a cursor of the engine, which is closed with it.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let reader: CursorReader<Row>

    public func next() async throws -> RowBatch<Row>? { try await reader.next() }
  }
}

// One cursor. Sendable, so that it can be used from any task, one at a time.
private final class CursorReader<Row: Codable & Sendable>: Closable {
  private let collection: Collection<Row>
  private let request: RowBatches<Row>.Request
  private let host: (any QueryHost)?
  private let state = Mutex(State())

  private struct State {
    var cursor: Handle?
    var ahead: Task<EngineBuffer?, any Error>?
  }

  init(_ batches: RowBatches<Row>) {
    collection = batches.collection
    request = batches.request
    host = batches.host
  }

  /// While a batch is decoded, the engine reads the one after it.
  func next(keys: Bool = true) async throws -> RowBatch<Row>? {
    try Task.checkCancellation()
    let cursor = try await opened()
    let fetched = state.withLock { state in
      defer { state.ahead = nil }
      return state.ahead
    }
    guard let buffer = try await (fetched ?? fetch(cursor)).value else {
      // It stays so.
      state.withLock { $0.ahead = Task { nil } }
      return nil
    }
    state.withLock { $0.ahead = fetch(cursor) }
    let options = self.options
    return try await collection.database.pool.run {
      try RowBatch<Row>(RowBatchReader(buffer), options: options, keys: keys)
    }
  }

  private func fetch(_ cursor: Handle) -> Task<EngineBuffer?, any Error> {
    let (database, host) = (collection.database, self.host)
    return Task.detached { try await database.run(cursor) { try Self.read($0, host) } }
  }

  /// With its database: what is read after that throws.
  func close() async {
    if let cursor = state.withLock({ $0.cursor }) { await collection.database.finish(cursor) }
  }

  func head() async throws -> CursorHead {
    try await collection.database.run(try await opened()) { cursor in
      let head = try requireBuffer { cairn_cursor_head(cursor, $0, $1) }
      return try readTable(CursorHead.self, "CursorHead", head)
    }
  }

  func explain() async throws -> Explanation {
    try await collection.database.run(try await opened()) { cursor in
      let explanation = try requireBuffer { cairn_cursor_explain(cursor, $0, $1) }
      return try readTable(Explanation.self, "Explanation", explanation)
    }
  }

  private var options: ReadOptions {
    switch request {
    case .load(_, let options), .delta(_, let options): options
    }
  }

  private func opened() async throws -> Handle {
    if let cursor = state.withLock({ $0.cursor }) { return cursor }
    let (request, hasHost) = (self.request, host != nil)
    let pointer = try await collection.run { collection in
      Opened(try Self.open(collection, request, hasHost))
    }
    let handle = Handle(
      pointer.pointer, "the cursor", on: collection.database.pool, exclusive: true) { cairn_cursor_close($0) }
    state.withLock { $0.cursor = handle }
    try await collection.database.adopt(self)
    return handle
  }

  private static func open(_ collection: OpaquePointer, _ request: RowBatches<Row>.Request, _ hasHost: Bool) throws
    -> OpaquePointer
  {
    var table = Object()
    switch request {
    case .load(let query, let options):
      table["subset"] = try query.table()
      if hasHost { table["host"] = true }
      options.add(to: &table)
      let made = try makeTable("LoadRequest", .object(table))
      return try openHandle { out, error in
        made.lend { cairn_collection_load(collection, $0, $1, out, error) }
      }
    case .delta(let position, let options):
      table["since"] = .integer(position.rowVersion)
      table["reset_epoch"] = .integer(position.resetEpoch)
      options.add(to: &table)
      let made = try makeTable("DeltaRequest", .object(table))
      return try openHandle { out, error in
        made.lend { cairn_collection_delta(collection, $0, $1, out, error) }
      }
    }
  }

  // The next batch, once the host has answered what the engine asks.
  private static func read(_ cursor: OpaquePointer, _ host: (any QueryHost)?) throws -> EngineBuffer? {
    while true {
      var out: OpaquePointer?
      let status = try engine { cairn_cursor_next(cursor, &out, $0) }
      let buffer = out.map(EngineBuffer.init)
      if status == CAIRN_CANCELLED { throw CairnError(.cancelled, "reading was cancelled") }
      guard status == CAIRN_QUESTION, let buffer, let host else { return buffer }
      let answer = try answer(buffer, host)
      try engine { error in answer.lend { cairn_cursor_answer(cursor, $0, $1, error) } }
    }
  }
}

private struct Question: Decodable {
  enum Kind: String, Codable, CaseIterable {
    case rank = "Rank"
    case parseDate = "ParseDate"
    case dateText = "DateText"
  }
  let kind: Kind
  let values: [Value]
  let locale: String?
}

/// Answers a question of the engine's.
private func answer(_ buffer: EngineBuffer, _ host: any QueryHost) throws -> EngineBuffer {
  let question = try readTable(Question.self, "Question", buffer)
  let values: [Value] =
    switch question.kind {
    case .rank:
      try host.rank(question.values.map(text), locale: question.locale).map { .number($0) }
    case .parseDate:
      try question.values.map { value in
        let ms = try host.date(of: text(value)).flatMap(\.milliseconds)
        return .number(ms.map(Double.init) ?? .nan)
      }
    case .dateText:
      try question.values.map { value in
        guard case .date(let date) = value else { return .string("") }
        return .string(try host.text(of: date))
      }
    }
  return try makeTable("Answer", ["values": .array(values)])
}

// For a host, a lone surrogate is what it is shown as.
private func text(_ value: Value) -> String {
  switch value {
  case .string(let text): return text
  case .wtf8(let bytes): return String(decoding: bytes, as: UTF8.self)
  default: return ""
  }
}
