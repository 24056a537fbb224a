// The rows of a front: what the collection has from its source and from the disk, with local mutations
// over them, and what the source has written since an effect was made. The rules are those of
// core/replica/FRONT.md; no others. Belongs to its actor.

struct FrontRows<Row: Codable & Sendable> {
  private var rows: [Key: Row] = [:]
  private var written: [Key: UInt64] = [:]  // the source's last event for a key
  private var truncated: UInt64 = 0  // its last event that dropped everything
  private var mentioned: Set<Key>?  // while everything is replaced
  private var pending: [(event: UInt64, rows: [(key: Key, row: Row?)])] = []

  var visible: [Key: Row] {
    var visible = rows
    for (key, row) in pending.flatMap(\.rows) { visible[key] = row }
    return visible
  }

  func see(_ key: Key) -> Row? {
    for (_, rows) in pending.reversed() {
      for (other, row) in rows.reversed() where other == key { return row }
    }
    return rows[key]
  }

  mutating func start() { self = FrontRows() }

  // --- effects ---

  mutating func take(_ batch: RowBatchReader?, seen: UInt64) throws -> [Change<Row>] {
    var changes: [Change<Row>] = []
    try batch?.forEachRow { change in
      mentioned?.insert(change.key)
      if isOlder(change.key, seen) { return }
      if let at = change.valueAt {
        let row = try RowDecoder.decode(Row.self, batch!.values!, at)
        rows[change.key] = row
        changes.append(.put(change.key, row))
      } else if change.op == .delete, rows.removeValue(forKey: change.key) != nil {
        changes.append(.delete(change.key))
      }
    }
    return changes
  }

  mutating func beginReplace() { mentioned = [] }

  mutating func endReplace(seen: UInt64) -> [Change<Row>] {
    guard let mentioned else { return [] }
    self.mentioned = nil
    let gone = rows.keys.filter { !mentioned.contains($0) && !isOlder($0, seen) }
    for key in gone { rows[key] = nil }
    return gone.map { .delete($0) }
  }

  private func isOlder(_ key: Key, _ seen: UInt64) -> Bool {
    truncated > seen || (written[key] ?? 0) > seen
  }

  /// No later effect is older than this.
  mutating func saved(_ event: UInt64) { written = written.filter { $0.value > event } }

  // --- the source ---

  mutating func truncate(_ event: UInt64) -> [Change<Row>] {
    truncated = event
    defer { rows = [:] }
    return rows.keys.map { .delete($0) }
  }

  mutating func write(_ changes: [RowChange], replaces: Bool, _ event: UInt64) throws -> [Change<Row>] {
    var told: [Change<Row>] = []
    for change in changes {
      written[change.key] = event
      if let row = try Self.row(after: change, over: rows[change.key], replaces: replaces) {
        rows[change.key] = row
        told.append(.put(change.key, row))
      } else {
        rows[change.key] = nil
        told.append(.delete(change.key))
      }
    }
    return told
  }

  // --- local mutations ---

  mutating func mutate(_ changes: [RowChange], _ event: UInt64) throws -> [Change<Row>] {
    pending.append((event, []))
    var told: [Change<Row>] = []
    for change in changes {
      let row = try Self.row(after: change, over: see(change.key), replaces: false)
      pending[pending.count - 1].rows.append((change.key, row))
      told.append(row.map { .put(change.key, $0) } ?? .delete(change.key))
    }
    return told
  }

  /// They were confirmed, and then their rows are here, or rejected.
  mutating func settle(_ event: UInt64, isConfirmed: Bool) -> [Change<Row>] {
    guard let at = pending.firstIndex(where: { $0.event == event }) else { return [] }
    let settled = pending.remove(at: at).rows
    if isConfirmed { return [] }
    return settled.map { change in
      see(change.key).map { .put(change.key, $0) } ?? .delete(change.key)
    }
  }

  // What a row is after a change; nil where it is deleted.
  private static func row(after change: RowChange, over old: Row?, replaces: Bool) throws -> Row? {
    guard let fields = change.value else { return change.op == .delete ? nil : old }
    var object = Object()
    if change.op == .update, !replaces, let old { object = try RowEncoder.object(old) }
    for field in fields { object[field.name] = field.value == .undefined ? nil : field.value }
    return try RowDecoder.decode(Row.self, .object(object))
  }
}
