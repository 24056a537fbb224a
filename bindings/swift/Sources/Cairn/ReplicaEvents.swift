// Events into a replica and effects out of it, as schemas/replica.fbs has them. Value types; any thread.
import CCairn

enum EventKind: UInt8 {
  case start, stop, loadSubset, unloadSubset, sourceBegin, sourceWrite, sourceTruncate, sourceCommit
  case sourceReady, sourceError, mutate, request, effectDone, effectFailed, answer, retry, tick
}

enum EffectKind: UInt64 {
  case started, stopped, rows, changes, replace, ready, ensureRemoteSubset, question, confirm, reject
  case saved, leadership, error, recovered, restartSource, reply
}

/// What an instance can ask of a collection's leader.
public enum LeaderRequest: UInt8, Sendable {
  case ensureRemoteSubset, ensureIndex, applyMutations, pullSince
}

struct ReplicaEvent {
  var kind: EventKind
  var number: UInt64 = 0
  var subsetId: UInt64 = 0
  var subset: [UInt8]?
  var batch: [UInt8]?
  var id: String?
  var mutationIds: [String] = []
  var metadata: [(key: String, value: Value?)] = []
  var request: LeaderRequest?
  var payload: [UInt8]?
  var effect: UInt64 = 0
  var status: Int32 = 0
  var message: String?
  var nowMs: Int64 = 0

  func bytes() throws -> [UInt8] {
    var table = FlatTable()
    table.set(0, .u8(kind.rawValue))
    table.set(1, .u64(number))
    table.set(2, .u64(subsetId))
    table.set(3, subset.map { .bytes($0) })
    table.set(4, batch.map { .bytes($0) })
    table.set(5, id.map { .text($0) })
    table.set(6, mutationIds.isEmpty ? nil : .texts(mutationIds))
    let entries = try metadata.map { entry in
      var table = FlatTable()
      table.set(0, .text(entry.key))
      table.set(1, try entry.value.map { .bytes(try PortableWriter.bytes($0)) })
      return table
    }
    table.set(7, entries.isEmpty ? nil : .tables(entries))
    table.set(8, request.map { .u8($0.rawValue) })
    table.set(9, payload.map { .bytes($0) })
    table.set(10, .u64(effect))
    table.set(11, .u32(UInt32(bitPattern: status)))
    table.set(12, message.map { .text($0) })
    table.set(13, .u64(UInt64(bitPattern: nowMs)))
    return table.bytes()
  }
}

struct ReplicaEffect {
  let table: TableView.Table
  private let view: TableView
  // Its bytes, which the rows in it are read from.
  private let buffer: EngineBuffer

  init(_ buffer: EngineBuffer) throws {
    self.buffer = buffer
    view = try TableView("ReplicaEffect", buffer)
    table = view.root
  }

  var kind: EffectKind {
    get throws {
      guard let kind = EffectKind(rawValue: try table.number("kind") ?? 0) else {
        throw CairnError(.unsupported, "the engine gives an effect that this binding does not know")
      }
      return kind
    }
  }

  var seen: UInt64 { get throws { try table.number("seen") ?? 0 } }
  var number: UInt64 { get throws { try table.number("number") ?? 0 } }
  var subsetId: UInt64 { get throws { try table.number("subset_id") ?? 0 } }

  func rows() throws -> RowBatchReader? {
    try table.bytes("batch").map { try RowBatchReader($0, owner: buffer) }
  }

  func position() throws -> Position? {
    guard let position = try table.table("position") else { return nil }
    return Position(
      term: try position.integer("term"), seq: try position.integer("seq"),
      rowVersion: try position.integer("row_version"),
      resetEpoch: try position.integer("reset_epoch"))
  }

  func metadata() throws -> [(key: String, value: Value?)] {
    try table.tables("metadata").map { (try $0.text("key") ?? "", try $0.value("value")) }
  }

  func durability() throws -> Durability {
    [.default, .os, .disk][min(2, try table.integer("durability"))]
  }

  func failure() throws -> CairnError {
    CairnError(
      CairnError.Code(rawValue: Int32(truncatingIfNeeded: try table.integer("status"))),
      try table.text("message") ?? "", isRetryable: try table.bool("retryable"))
  }
}
