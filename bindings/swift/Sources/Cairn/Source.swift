// What brings the rows of a synced collection: an object of the app's own, which is given another one to
// begin, write, commit and truncate with, and to say when it is ready. Both are Sendable; a source's
// code runs in a task of its own.
import Synchronization

/// Brings the rows of a synced collection, from a server for example.
public protocol Source<Row>: Sendable {
  associatedtype Row: Codable & Sendable

  /// Brings rows until the task is cancelled: from `sync.metadata`, where the resume cursor of the last
  /// transaction is, on. It is called again where it has to begin anew. What it throws puts the
  /// collection in an error state, and reaches those who wait for it.
  func run(_ sync: Sync<Row>) async throws

  /// Brings the rows of a subset that somebody asks for, of an on-demand collection. Returns when they
  /// are committed.
  func load(_ subset: SubsetRequest, _ sync: Sync<Row>) async throws
}

extension Source {
  public func load(_ subset: SubsetRequest, _ sync: Sync<Row>) async throws {}
}

/// A subset that a source is asked for, as the table Subset of schemas/query.fbs.
public struct SubsetRequest: Sendable {
  public let table: Value
}

/// One row that a source writes.
public enum SourceChange<Row: Sendable>: Sendable {
  /// Puts the row in place of the one that may be there.
  case insert(Row)
  /// Merges fields into the row; `undefined` removes one.
  case update(Key, Object)
  case delete(Key)
}

/// What a source writes with. Its calls throw `CancellationError` once the source has to end.
public final class Sync<Row: Codable & Sendable>: Sendable {
  /// The collection's metadata when the source began.
  public let metadata: [String: Value]
  /// Where the collection stood then.
  public let position: Position

  private let live: LiveCollection<Row>
  private let state = Mutex(State())

  private struct State {
    var isEnded = false
    var open: SourceTransaction<Row>?
  }

  init(_ live: LiveCollection<Row>, metadata: [String: Value], position: Position) {
    self.live = live
    self.metadata = metadata
    self.position = position
  }

  /// Begins a transaction. One at a time.
  public func begin() throws {
    try change { state in
      if state.open != nil { throw CairnError(.wrongState, "a transaction of the source is open") }
      state.open = SourceTransaction()
    }
  }

  /// Writes a row in the transaction that is open.
  public func write(_ change: SourceChange<Row>) throws {
    try inTransaction { $0.changes.append(change) }
  }

  /// Drops all rows, and what this transaction has written so far.
  public func truncate() throws {
    try inTransaction { transaction in
      transaction.changes = []
      transaction.truncates = true
    }
  }

  /// Sets an entry of the collection's metadata with the transaction, or removes it with nil: the resume
  /// cursor, for example.
  public func setMetadata(_ key: String, _ value: Value?) throws {
    try inTransaction { $0.metadata.append((key, value)) }
  }

  /// Commits: the rows are seen at once, and saved with the metadata in one transaction. The receipt
  /// tells when they are.
  @discardableResult
  public func commit() async throws -> Receipt<Row> {
    let transaction = try change { state in
      guard let open = state.open else {
        throw CairnError(.wrongState, "no transaction of the source is open")
      }
      state.open = nil
      return open
    }
    return Receipt(live: live, event: try await live.write(transaction, of: self))
  }

  /// Begins, has the body write, and commits.
  @discardableResult
  public func transaction(_ body: (Sync<Row>) throws -> Void) async throws -> Receipt<Row> {
    try begin()
    do {
      try body(self)
    } catch {
      state.withLock { $0.open = nil }
      throw error
    }
    return try await commit()
  }

  /// The collection now has what the source has.
  public func ready() async throws {
    try change { _ in }
    await live.sourceIsReady(self)
  }

  var isEnded: Bool { state.withLock { $0.isEnded } }
  func end() { state.withLock { $0.isEnded = true } }

  private func change<Result: Sendable>(_ body: (inout sending State) throws -> Result) throws -> Result {
    try state.withLock { state in
      if state.isEnded { throw CancellationError() }
      return try body(&state)
    }
  }

  private func inTransaction(_ body: (inout SourceTransaction<Row>) -> Void) throws {
    try state.withLock { state in
      if state.isEnded { throw CancellationError() }
      guard state.open != nil else {
        throw CairnError(.wrongState, "no transaction of the source is open")
      }
      body(&state.open!)
    }
  }
}

struct SourceTransaction<Row: Sendable>: Sendable {
  var changes: [SourceChange<Row>] = []
  var truncates = false
  var metadata: [(key: String, value: Value?)] = []
}

/// Tells when a source's transaction is saved.
public struct Receipt<Row: Codable & Sendable>: Sendable {
  let live: LiveCollection<Row>
  let event: UInt64

  /// Waits until the transaction is in the file, and gives the durability that was reached; nil where
  /// another instance leads the collection, and saves what its own source brings.
  @discardableResult
  public func saved() async throws -> Durability? { try await live.whenSaved(event) }
}
