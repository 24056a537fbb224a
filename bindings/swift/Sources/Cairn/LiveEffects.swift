// What a live collection does with the effects of its replica, and how it runs its source. On the actor.
import CCairn
import Foundation

/// A run of the source's code.
struct SourceRun<Row: Codable & Sendable> {
  let sync: Sync<Row>
  let task: Task<Void, Never>
}

/// A subset that was asked for, and who waits for it.
struct WaitingSubset {
  let table: Value
  let wantsRemote: Bool
  var isLocallyReady = false
  var isRemotelyReady = false
  var continuation: CheckedContinuation<Void, any Error>?
}

extension LiveCollection {
  func carryOut(_ kind: EffectKind, _ effect: ReplicaEffect) throws {
    let seen = try effect.seen
    switch kind {
    case .started: try started(effect)
    case .stopped, .question: break
    case .rows, .changes, .replace: try take(rows: effect, kind, seen)
    case .ready: ready(try effect.subsetId, remote: try effect.table.bool("remote"))
    case .ensureRemoteSubset: try ensureRemote(effect)
    case .confirm:
      tell(view.settle(seen, isConfirmed: true))
      mutations.removeValue(forKey: seen)?.resume(returning: try effect.durability())
    case .reject:
      tell(view.settle(seen, isConfirmed: false))
      mutations.removeValue(forKey: seen)?.resume(throwing: try effect.failure())
    case .saved: saved(seen, try effect.durability())
    case .leadership: leadership(try effect.table.bool("leads"))
    case .error: try failed(effect)
    case .recovered: set(.ok)
    case .restartSource: try restartSource(effect)
    case .reply: try reply(effect)
    }
  }

  private func started(_ effect: ReplicaEffect) throws {
    try keepStart(effect)
    // A source in on-demand mode need not find what is there.
    if options.onDemand { startSource() }
  }

  private func keepStart(_ effect: ReplicaEffect) throws {
    let entries = try effect.metadata().map { ($0.key, $0.value ?? .null) }
    let position = try effect.position() ?? Position(term: 0, seq: 0, rowVersion: 0, resetEpoch: 0)
    startInfo = (Dictionary(entries) { $1 }, position)
  }

  private func take(rows effect: ReplicaEffect, _ kind: EffectKind, _ seen: UInt64) throws {
    if try kind == .replace && effect.table.bool("first") { view.beginReplace() }
    var changes = try view.take(effect.rows(), seen: seen)
    if try kind == .replace && effect.table.bool("last") { changes += view.endReplace(seen: seen) }
    tell(changes)
  }

  private func ready(_ subset: UInt64, remote: Bool) {
    if subset != 0 { return subsetReady(subset, remote: remote) }
    if remote { isRemotelyReady = true } else { isLocallyReady = true }
    // A source that compares with what is there has to find all of it.
    if !remote, !options.onDemand { startSource() }
    settleReady()
  }

  private func settleReady() {
    let settled = readyWaiters.filter { $0.remote ? isRemotelyReady : isLocallyReady }
    readyWaiters.removeAll { $0.remote ? isRemotelyReady : isLocallyReady }
    for waiter in settled { waiter.continuation.resume() }
  }

  private func saved(_ event: UInt64, _ durability: Durability?) {
    if let durability {
      view.saved(event)
      savedUpTo = (event, durability)
    }
    for waiting in saves.keys where waiting <= event {
      for continuation in saves.removeValue(forKey: waiting)! { continuation.resume(returning: durability) }
    }
  }

  private func leadership(_ leads: Bool) {
    self.leads = leads
    // Another instance saves what its own source brings.
    if !leads { saved(.max, nil) }
  }

  private func failed(_ effect: ReplicaEffect) throws {
    let error = try effect.failure()
    let subset = try effect.subsetId
    if subset != 0 {
      subsets[subset]?.continuation?.resume(throwing: error)
      subsets[subset]?.continuation = nil
      return
    }
    set(.failed(error, unsaved: try effect.table.integer("unsaved")))
    // What does not pass by itself is for those who wait.
    if !error.isRetryable { giveUpSaves(error) }
  }

  private func giveUpSaves(_ error: any Error) {
    for continuation in saves.values.flatMap({ $0 }) { continuation.resume(throwing: error) }
    saves = [:]
  }

  // --- the source ---

  private func startSource() {
    guard let source, running == nil, end == nil, let startInfo else { return }
    sourceError = nil
    let sync = Sync(self, metadata: startInfo.metadata, position: startInfo.position)
    let task = Task.detached { [weak self] in
      do {
        try await source.run(sync)
      } catch {
        if !sync.isEnded { await self?.sourceFailed(error, sync) }
      }
    }
    running = SourceRun(sync: sync, task: task)
  }

  func endSource() {
    running?.sync.end()
    running?.task.cancel()
    running = nil
  }

  private func restartSource(_ effect: ReplicaEffect) throws {
    endSource()
    // What it has sent before is not saved.
    giveUpSaves(CancellationError())
    try keepStart(effect)
    var done = ReplicaEvent(kind: .effectDone)
    done.effect = try effect.number
    try send(done)
    startSource()
    wake()
  }

  private func sourceFailed(_ error: any Error, _ sync: Sync<Row>) {
    if running?.sync !== sync { return }
    sourceError = error
    var event = ReplicaEvent(kind: .sourceError)
    event.message = "\(error)"
    _ = try? send(event)
    wake()
    for waiter in readyWaiters where waiter.remote { waiter.continuation.resume(throwing: error) }
    readyWaiters.removeAll { $0.remote }
    for listener in listeners.values { listener.continuation.finish(throwing: error) }
    listeners = [:]
  }

  func sourceIsReady(_ sync: Sync<Row>) {
    if running?.sync !== sync { return }
    _ = try? send(ReplicaEvent(kind: .sourceReady))
    wake()
  }

  /// Hands over a transaction of the source; gives the number of the event that commits it.
  func write(_ transaction: SourceTransaction<Row>, of sync: Sync<Row>) throws -> UInt64 {
    if let end { throw end }
    if sync.isEnded { throw CancellationError() }
    let changes = try transaction.changes.map { change -> RowChange in
      switch change {
      case .insert(let row): RowChange.insert(try collection.keyOf(row), try RowEncoder.object(row))
      case .update(let key, let fields): .update(key, fields)
      case .delete(let key): .delete(key)
      }
    }
    // What cannot be kept is found before anything is sent.
    let batches = try RowBatchWriter.batches(changes)
    var commit = ReplicaEvent(kind: .sourceCommit)
    commit.metadata = transaction.metadata
    commit.id = UUID().uuidString
    _ = try commit.bytes()
    try send(ReplicaEvent(kind: .sourceBegin))
    if transaction.truncates { tell(view.truncate(try send(ReplicaEvent(kind: .sourceTruncate)))) }
    var number: UInt64 = 0
    for batch in batches {
      var write = ReplicaEvent(kind: .sourceWrite)
      write.batch = batch
      number = try send(write)
    }
    tell(try view.write(changes, replaces: options.fullUpdates, number))
    let event = try send(commit)
    wake()
    return event
  }

  func whenSaved(_ event: UInt64) async throws -> Durability? {
    if event <= savedUpTo.event { return savedUpTo.durability }
    if let end { throw end }
    // Nobody tells whether this instance is about to lead, or another one does.
    if !leads {
      Task { [weak self] in
        try? await Task.sleep(for: .seconds(1))
        await self?.giveUpFollowing(event)
      }
    }
    return try await withCheckedThrowingContinuation { saves[event, default: []].append($0) }
  }

  private func giveUpFollowing(_ event: UInt64) {
    if !leads { saved(event, nil) }
  }

  private func ensureRemote(_ effect: ReplicaEffect) throws {
    let number = try effect.number
    guard let bytes = try effect.table.bytes("subset") else {
      return answer(number, nil)
    }
    let subset = try readSubset(bytes)
    guard let source, let sync = running?.sync else { return answer(number, nil) }
    // It may take as long as the network does: the effects that follow do not wait for it.
    Task.detached { [weak self] in
      do {
        try await source.load(SubsetRequest(table: subset), sync)
        await self?.answer(number, nil)
      } catch {
        await self?.answer(number, error)
      }
    }
  }

  private func answer(_ effect: UInt64, _ error: (any Error)?) {
    if end != nil { return }
    var event = ReplicaEvent(kind: error == nil ? .effectDone : .effectFailed)
    event.effect = effect
    if let error {
      event.status = (error as? CairnError)?.code.rawValue ?? CairnError.Code.host.rawValue
      event.message = "\(error)"
    }
    _ = try? send(event)
    wake()
  }

  private func readSubset(_ bytes: UnsafeRawBufferPointer) throws -> Value {
    let json = try requireBuffer { out, error in
      "Subset".lend {
        cairn_table_to_json(
          $0, $1, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, out, error)
      }
    }
    let value = try requireBuffer { out, error in
      json.withUnsafeBytes {
        cairn_value_from_json($0.bindMemory(to: CChar.self).baseAddress, $0.count, out, error)
      }
    }
    return try value.withUnsafeBytes { try PortableReader.value($0) }
  }

  // --- subsets ---

  /// Has the rows of a subset come, of an on-demand collection; returns when they are here, and where
  /// there is a source, when it has brought them, too.
  public func load(_ query: Query<Row>, remote: Bool = true) async throws -> LoadedSubset<Row> {
    if let end { throw end }
    let table = try query.table()
    lastSubset += 1
    let id = lastSubset
    var event = ReplicaEvent(kind: .loadSubset)
    event.subsetId = id
    event.subset = try makeTable("Subset", table).bytes
    try send(event)
    wake()
    try await withCheckedThrowingContinuation { continuation in
      subsets[id] = WaitingSubset(
        table: table, wantsRemote: remote && source != nil, continuation: continuation)
    }
    return LoadedSubset(live: self, id: id)
  }

  private func subsetReady(_ id: UInt64, remote: Bool) {
    guard var subset = subsets[id] else { return }
    if remote { subset.isRemotelyReady = true } else { subset.isLocallyReady = true }
    if subset.isLocallyReady && (subset.isRemotelyReady || !subset.wantsRemote) {
      subset.continuation?.resume()
      subset.continuation = nil
    }
    subsets[id] = subset
  }

  func unload(_ id: UInt64) throws {
    if subsets.removeValue(forKey: id) == nil { return }
    var event = ReplicaEvent(kind: .unloadSubset)
    event.subsetId = id
    try send(event)
    wake()
  }

  // --- requests to the leader ---

  /// Asks the collection's leader, this instance or another; gives the payload of its reply.
  public func request(_ request: LeaderRequest, payload: [UInt8], id: String = UUID().uuidString)
    async throws -> [UInt8]
  {
    if let end { throw end }
    var event = ReplicaEvent(kind: .request)
    event.id = id
    event.request = request
    event.payload = payload
    try send(event)
    wake()
    return try await withCheckedThrowingContinuation { replies[id] = $0 }
  }

  private func reply(_ effect: ReplicaEffect) throws {
    guard let id = try effect.table.text("id"), let waiting = replies.removeValue(forKey: id) else { return }
    let error = try effect.failure()
    if error.code.rawValue >= 100 { return waiting.resume(throwing: error) }
    waiting.resume(returning: Array(try effect.table.bytes("payload") ?? .init(start: nil, count: 0)))
  }
}

/// A subset that is kept fresh until it is let go of.
public struct LoadedSubset<Row: Codable & Sendable>: Sendable {
  let live: LiveCollection<Row>
  let id: UInt64

  /// Lets go of the subset: rows that no other one holds leave the collection.
  public func unload() async throws { try await live.unload(id) }
}
