// A collection that is live: the front of a replica (core/replica/FRONT.md). It keeps the rows that the
// app sees, runs the source, and hands over local mutations. An actor whose code runs on threads of the
// engine's own, so that its calls may go straight to the engine.
import CCairn
import Foundation
import Synchronization

public struct LiveOptions: Sendable {
  /// Rows come subset by subset, as they are asked for.
  public var onDemand = false
  /// The source's updates replace rows instead of merging.
  public var fullUpdates = false
  public init(onDemand: Bool = false, fullUpdates: Bool = false) {
    self.onDemand = onDemand
    self.fullUpdates = fullUpdates
  }
}

/// What has become of a row that the app sees.
public enum Change<Row: Sendable>: Sendable {
  case put(Key, Row)
  case delete(Key)

  public var key: Key {
    switch self {
    case .put(let key, _), .delete(let key): return key
    }
  }
}

/// Whether saving and reading work. Nothing is lost by an error: what waits is tried again.
public enum LiveState: Sendable {
  case ok
  /// `unsaved` transactions of the source wait.
  case failed(CairnError, unsaved: Int)
}

public actor LiveCollection<Row: Codable & Sendable>: Closable, Wakeable {
  public nonisolated let collection: Collection<Row>
  nonisolated let executor: EngineExecutor
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  let replica: Handle
  let options: LiveOptions
  let source: (any Source<Row>)?
  private let isAsked = Mutex(false)

  var view = FrontRows<Row>()
  var running: SourceRun<Row>?
  var saves: [UInt64: [CheckedContinuation<Durability?, any Error>]] = [:]
  var mutations: [UInt64: CheckedContinuation<Durability, any Error>] = [:]
  var replies: [String: CheckedContinuation<[UInt8], any Error>] = [:]
  var subsets: [UInt64: WaitingSubset] = [:]
  var lastSubset: UInt64 = 0
  var savedUpTo: (event: UInt64, durability: Durability) = (0, .default)
  var leads = false
  var isLocallyReady = false
  var isRemotelyReady = false
  var readyWaiters: [(remote: Bool, continuation: CheckedContinuation<Void, any Error>)] = []
  var listeners: [UUID: Listener] = [:]
  /// What ends everything: the engine cannot be reached any more, or it was closed.
  var end: (any Error)?
  var sourceError: (any Error)?
  var startInfo: (metadata: [String: Value], position: Position)?
  private var lastEvent: UInt64 = 0
  private var starting: UInt64 = 0
  public private(set) var state = LiveState.ok

  struct Listener {
    let continuation: AsyncThrowingStream<[Change<Row>], any Error>.Continuation
    /// Whether it is told of the rows that are there at the start, too.
    let hearsRows: Bool
  }

  init(_ replica: OpaquePointer, _ collection: Collection<Row>, _ source: (any Source<Row>)?,
    _ options: LiveOptions)
  {
    let pool = collection.database.pool
    executor = EngineExecutor(pool: pool)
    self.replica = Handle(replica, "the live collection \"\(collection.name)\"", on: pool, exclusive: true) {
      cairn_replica_close($0)
    }
    self.collection = collection
    self.source = source
    self.options = options
  }

  // --- What the app sees ---

  /// The rows by their keys, with local mutations that are not confirmed yet.
  public var rows: [Key: Row] { view.visible }

  public subscript(key: Key) -> Row? { view.see(key) }

  /// Waits until the rows that are on the disk are here; with `remote`, until the source has said that it
  /// is ready. Throws what a source's code has thrown, and why nothing can be read.
  public func whenReady(remote: Bool = false) async throws {
    if let end { throw end }
    if remote, let sourceError { throw sourceError }
    if remote ? isRemotelyReady : isLocallyReady { return }
    try await withCheckedThrowingContinuation { readyWaiters.append((remote, $0)) }
  }

  /// Changes from now on, several at a time as they come; without `rows` not those that are hydrated at
  /// the start. Ends when the collection is closed, and throws where it fails for good, or the source's
  /// code does.
  public func changes(rows hearsRows: Bool = true) -> AsyncThrowingStream<[Change<Row>], any Error> {
    let (stream, continuation) = AsyncThrowingStream<[Change<Row>], any Error>.makeStream()
    let id = UUID()
    if let end { continuation.finish(throwing: end is ClosedError ? nil : end) }
    if let sourceError { continuation.finish(throwing: sourceError) }
    listeners[id] = Listener(continuation: continuation, hearsRows: hearsRows)
    continuation.onTermination = { [weak self] _ in
      Task { await self?.forget(id) }
    }
    return stream
  }

  private func forget(_ id: UUID) { listeners[id] = nil }

  func tell(_ changes: [Change<Row>]) {
    if changes.isEmpty { return }
    for listener in listeners.values where listener.hearsRows || isLocallyReady {
      listener.continuation.yield(changes)
    }
  }

  // --- Local-only collections ---

  /// Puts rows of a local-only collection: seen at once, and as durable as the result says when this
  /// returns. All are accepted, or none.
  @discardableResult
  public func insert(_ rows: Row...) async throws -> Durability {
    try await mutate(
      rows.map { .insert(try collection.keyOf($0), try RowEncoder.object($0)) })
  }

  @discardableResult
  public func update(_ key: some KeyConvertible, _ fields: Object) async throws -> Durability {
    try await mutate([.update(try key.cairnKey, fields)])
  }

  @discardableResult
  public func delete(_ keys: any KeyConvertible...) async throws -> Durability {
    try await mutate(keys.map { .delete(try $0.cairnKey) })
  }

  @discardableResult
  public func mutate(_ changes: [RowChange]) async throws -> Durability {
    if let end { throw end }
    var writer = RowBatchWriter()
    for change in changes { try writer.add(change) }
    let ids = changes.map { _ in UUID().uuidString }
    var event = ReplicaEvent(kind: .mutate)
    event.batch = writer.bytes()
    event.id = UUID().uuidString
    event.mutationIds = ids
    // What the app could not read is found before anything is sent.
    var changed = view
    let told = try changed.mutate(changes, lastEvent + 1)
    let number = try send(event)
    view = changed
    tell(told)
    wake()
    return try await withCheckedThrowingContinuation { mutations[number] = $0 }
  }

  // --- Exchange with the replica ---

  /// Sends an event under the next number, which it gives.
  @discardableResult
  func send(_ event: ReplicaEvent) throws -> UInt64 {
    var event = event
    event.number = lastEvent + 1
    try hand(event)
    lastEvent += 1
    return lastEvent
  }

  private func hand(_ event: ReplicaEvent) throws {
    let bytes = try event.bytes()
    try replica.use { replica in
      _ = try engine { error in bytes.lend { cairn_replica_send(replica, $0, $1, error) } }
    }
  }

  func start() throws {
    starting = try send(ReplicaEvent(kind: .start))
    view.start()
    wake()
  }

  /// Tries again now what has failed.
  public func retry() throws {
    try send(ReplicaEvent(kind: .retry))
    wake()
  }

  nonisolated func wake() {
    let isFirst = isAsked.withLock { isAsked in
      defer { isAsked = true }
      return !isAsked
    }
    if isFirst { Task { await self.work() } }
  }

  nonisolated func tick() {
    Task { await self.pass(ProcessInfo.processInfo.systemUptime) }
  }

  private func pass(_ uptime: Double) {
    if end != nil { return }
    var event = ReplicaEvent(kind: .tick)
    event.nowMs = Int64(uptime * 1000)
    try? hand(event)
    wake()
  }

  // Takes effects while there are some; others of the actor's calls come in between.
  private func work() async {
    isAsked.withLock { $0 = false }
    do {
      while end == nil {
        let next = try replica.use { replica in try engineBuffer { cairn_replica_next(replica, $0, $1) } }
        guard let next else { return }
        try await take(ReplicaEffect(next))
      }
    } catch {
      fail(error)
    }
  }

  private func take(_ effect: ReplicaEffect) async throws {
    let kind = try effect.kind
    if kind == .started, try effect.seen == starting { starting = 0 }
    if starting != 0 { return }  // of the run before
    try carryOut(kind, effect)
    await Task.yield()
  }

  func set(_ state: LiveState) { self.state = state }

  /// Closes: what the source has committed is saved first, where that is possible.
  public func close() async {
    if end == nil {
      _ = try? send(ReplicaEvent(kind: .stop))
      await work()
      fail(ClosedError(name: collection.name))
    }
    await collection.database.finish(replica)
  }

  // Nothing comes any more.
  func fail(_ error: any Error) {
    if end != nil { return }
    end = error
    endSource()
    for waiter in readyWaiters { waiter.continuation.resume(throwing: error) }
    for continuation in saves.values.flatMap({ $0 }) { continuation.resume(throwing: error) }
    for continuation in mutations.values { continuation.resume(throwing: error) }
    for continuation in replies.values { continuation.resume(throwing: error) }
    for subset in subsets.values { subset.continuation?.resume(throwing: error) }
    for listener in listeners.values {
      listener.continuation.finish(throwing: error is ClosedError ? nil : error)
    }
    readyWaiters = []
    saves = [:]
    mutations = [:]
    replies = [:]
    subsets = [:]
    listeners = [:]
  }
}

/// Why what waited for a live collection does not come: it was closed.
public struct ClosedError: Error, CustomStringConvertible {
  public let name: String
  public var description: String { "the live collection \"\(name)\" was closed before this was done" }
}

extension Collection {
  /// Makes the collection live: local-only ones without a source, synced ones with theirs. The rows come
  /// as `LiveCollection.whenReady` tells.
  public func live(
    source: (any Source<Row>)? = nil, options: LiveOptions = LiveOptions()
  ) async throws -> LiveCollection<Row> {
    let coordination = try await database.coordination()
    var table: Object = ["mode": options.onDemand ? "OnDemand" : "Eager", "source": .bool(source != nil)]
    table["full_updates"] = .bool(options.fullUpdates)
    let made = try makeTable("ReplicaOptions", .object(table))
    let pointer = try await run { collection in
      try coordination.handle.use { coordinator in
        Opened(
          try openHandle { out, error in
            made.lend { cairn_replica_open(collection, coordinator, $0, $1, out, error) }
          })
      }
    }
    let live = LiveCollection(pointer.pointer, self, source, options)
    try await database.adopt(live)
    coordination.join(live)
    try await live.start()
    return live
  }

  /// What changes in the collection from now on, here or in another process: an AsyncSequence of lists of
  /// changes. It ends with the task that iterates it, or when the database is closed.
  public func changes() async throws -> Changes<Row> {
    let live = try await live(source: nil)
    let stream = await live.changes(rows: false)
    try await live.whenReady()
    return Changes(live: live, stream: stream)
  }
}

/// Changes of a collection. Iterated once.
public struct Changes<Row: Codable & Sendable>: AsyncSequence, Sendable {
  public typealias Element = [Change<Row>]
  let live: LiveCollection<Row>
  let stream: AsyncThrowingStream<[Change<Row>], any Error>

  public struct Iterator: AsyncIteratorProtocol {
    var stream: AsyncThrowingStream<[Change<Row>], any Error>.Iterator
    let owner: Owner

    public mutating func next() async throws -> [Change<Row>]? { try await stream.next() }
  }

  /// Closes the replica once nobody iterates.
  final class Owner: Sendable {
    let live: LiveCollection<Row>
    init(_ live: LiveCollection<Row>) { self.live = live }
    deinit { Task { [live] in await live.close() } }
  }

  public func makeAsyncIterator() -> Iterator {
    Iterator(stream: stream.makeAsyncIterator(), owner: Owner(live))
  }
}
