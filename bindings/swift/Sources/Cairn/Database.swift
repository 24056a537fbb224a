// A database: opening, closing, upkeep, and what is opened from it. Everything that may wait for a disk
// or a lock is `async` and runs on threads of the engine's own. Sendable: any task may use it.
import CCairn
import Foundation
import Synchronization

/// One file, or a database in memory, or a host's own SQLite.
public final class Database: Sendable {
  let handle: Handle
  let pool: EnginePool
  // Of a host's SQL: its one thread ends with the database.
  private let ownsPool: Bool
  // Whether other processes may have it open.
  private let isShared: Bool
  private let host: SQLHostBox?
  private let children = Mutex<[Child]>([])
  private let shared = Mutex<Coordination?>(nil)

  private struct Child: Sendable {
    weak var closable: (any Closable)?
  }

  private init(_ database: OpaquePointer, pool: EnginePool, host: SQLHostBox?, isShared: Bool) {
    self.isShared = isShared
    handle = Handle(database, "the database", on: pool) { cairn_database_close($0) }
    self.pool = pool
    self.host = host
    ownsPool = host != nil
  }

  deinit { if ownsPool { pool.end() } }

  /// Opens a database, and creates it where there is none. Several processes may open one file.
  public static func open(_ path: String, options: DatabaseOptions = DatabaseOptions()) async throws
    -> Database
  {
    try await EnginePool.shared.run {
      try checkVersion()
      let table = try makeTable("DatabaseOptions", options)
      let pointer = try openHandle { out, error in
        path.lend { path, size in
          table.lend { cairn_database_open(path, size, $0, $1, out, error) }
        }
      }
      return Database(pointer, pool: .shared, host: nil, isShared: !options.inMemory)
    }
  }

  /// Opens a database in memory.
  public static func inMemory() async throws -> Database { try await open("", options: .inMemory) }

  /// Opens a database over a host's own SQLite. All of its work runs on one thread.
  public static func open(host: any SQLHost) async throws -> Database {
    let pool = EnginePool(threads: 1)
    do {
      return try await pool.run {
        try checkVersion()
        let box = SQLHostBox(host)
        let pointer = try box.rethrowing {
          try openHandle { out, error in
            var executor = box.executor()
            return cairn_database_open_executor(&executor, nil, 0, out, error)
          }
        }
        return Database(pointer, pool: pool, host: box, isShared: false)
      }
    } catch {
      pool.end()
      throw error
    }
  }

  /// Closes the database and all that was opened from it. Calls that run end first; later ones throw
  /// `wrongState`. Closing again does nothing.
  public func close() async {
    let coordination = shared.withLock { shared in
      defer { shared = nil }
      return shared
    }
    let open = children.withLock { children in
      defer { children = [] }
      return children
    }
    for child in open { await child.closable?.close() }
    await coordination?.close()
    await finish(handle)
    if ownsPool { pool.end() }
  }

  /// Opens a database, and closes it when the body ends, however it ends.
  @discardableResult
  public static func with<Result: Sendable>(
    _ path: String, options: DatabaseOptions = DatabaseOptions(),
    isolation: isolated (any Actor)? = #isolation, _ body: (Database) async throws -> Result
  ) async throws -> Result {
    let database = try await open(path, options: options)
    let result: Result
    do {
      result = try await body(database)
    } catch {
      await database.close()
      throw error
    }
    await database.close()
    return result
  }

  /// Opens a collection, and creates it where there is none. `key` is the property that tells rows apart.
  public func collection<Row: Codable & Sendable, Key: KeyConvertible>(
    _ name: String, of row: Row.Type, key: any KeyPath<Row, Key> & Sendable,
    options: CollectionOptions = CollectionOptions()
  ) async throws -> Collection<Row> {
    try await open(name, options) { row in try row[keyPath: key].cairnKey }
  }

  /// Opens a collection of rows that have no Swift type, by the name of the field with their key.
  public func collection(
    _ name: String, key: String, options: CollectionOptions = CollectionOptions()
  ) async throws -> Collection<Object> {
    try await open(name, options) { row in
      guard let value = row[key], let key = Cairn.Key(value) else {
        throw CairnError(.invalidValue, "a row has no key in its field \"\(key)\"")
      }
      return key
    }
  }

  private func open<Row: Codable & Sendable>(
    _ name: String, _ options: CollectionOptions, key: @escaping @Sendable (Row) throws -> Key
  ) async throws -> Collection<Row> {
    let pointer = try await run { database in
      let table = try makeTable("CollectionOptions", options)
      return Opened(
        try openHandle { out, error in
          name.lend { name, size in
            table.lend { cairn_collection_open(database, name, size, $0, $1, out, error) }
          }
        })
    }
    let collection = Collection<Row>(pointer.pointer, name: name, in: self, key: key)
    try await adopt(collection)
    return collection
  }

  // Has it closed with the database, or at once where that is closed already.
  func adopt(_ closable: any Closable) async throws {
    children.withLock { children in
      children.removeAll { $0.closable == nil }
      children.append(Child(closable: closable))
    }
    if handle.isClosed {
      await closable.close()
      throw CairnError(.wrongState, "the database is closed")
    }
  }

  /// Runs work with the engine's handle on a thread of the engine's own.
  func run<Result: Sendable>(
    _ body: @escaping @Sendable (OpaquePointer) throws -> Result
  ) async throws -> Result {
    try await run(handle, body)
  }

  func run<Result: Sendable>(
    _ handle: Handle, _ body: @escaping @Sendable (OpaquePointer) throws -> Result
  ) async throws -> Result {
    try await pool.run {
      try self.host.rethrowing { try handle.use(body) }
    }
  }

  // Closing may wait for the disk, and over a host it belongs to the host's thread.
  func finish(_ handle: Handle) async {
    await withCheckedContinuation { continuation in
      handle.end { continuation.resume() }
    }
  }

  private func table<T: Decodable & Sendable>(
    _ type: T.Type, _ name: String,
    _ call: @escaping @Sendable (
      OpaquePointer, UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<OpaquePointer?>
    ) -> cairn_status
  ) async throws -> T {
    try await run { database in
      try readTable(type, name, requireBuffer { call(database, $0, $1) })
    }
  }

  public func info() async throws -> DatabaseInfo {
    try await table(DatabaseInfo.self, "DatabaseInfo") { cairn_database_info($0, $1, $2) }
  }

  /// Checks pages, rows, hashes, counts and the log, of one collection or of all.
  public func check(_ collection: String? = nil, pages: Bool = true) async throws -> CheckReport {
    var options: Object = ["pages": .bool(pages)]
    if let collection { options["collection"] = .string(collection) }
    let made = try makeTable("CheckOptions", .object(options))
    return try await table(CheckReport.self, "CheckReport") { database, out, error in
      made.lend { cairn_database_check(database, $0, $1, out, error) }
    }
  }

  /// Equal for equal rows, whatever their history and the language that wrote them.
  public func digest() async throws -> DigestReport {
    try await table(DigestReport.self, "DigestReport") { cairn_database_digest($0, $1, $2) }
  }

  /// Copies the database as it is now to a file, while it is in use.
  public func backup(to path: String) async throws -> BackupReport {
    try await table(BackupReport.self, "BackupReport") { database, out, error in
      path.lend { cairn_database_backup(database, $0, $1, out, error) }
    }
  }

  /// Puts a copy of a backup at a path where nothing is open.
  public static func restore(_ backup: String, to path: String) async throws -> BackupReport {
    try await EnginePool.shared.run {
      let report = try requireBuffer { out, error in
        backup.lend { backup, size in
          path.lend { cairn_restore(backup, size, $0, $1, out, error) }
        }
      }
      return try readTable(BackupReport.self, "BackupReport", report)
    }
  }

  /// Recovers what can still be read of a damaged file into a new one.
  public static func salvage(_ damaged: String, to path: String) async throws -> SalvageReport {
    try await EnginePool.shared.run {
      let report = try requireBuffer { out, error in
        damaged.lend { damaged, size in
          path.lend { cairn_salvage(damaged, size, $0, $1, nil, 0, out, error) }
        }
      }
      return try readTable(SalvageReport.self, "SalvageReport", report)
    }
  }

  /// Raises what has been committed so far to the durability `disk`.
  public func flush() async throws { try await run { db in _ = try engine { cairn_database_flush(db, $0) } } }

  /// Does upkeep for about so long; gives whether there is more.
  public func maintain(budgetMs: UInt32) async throws -> Bool {
    try await run { db in try engine { cairn_database_maintain(db, budgetMs, $0) } == CAIRN_OK }
  }

  /// Writes the file anew without gaps.
  public func compact() async throws {
    try await run { db in _ = try engine { cairn_database_compact(db, $0) } }
  }

  /// Lets go of every lock and file handle, for an app that is about to be suspended.
  public func prepareForSuspend() async throws {
    try await run { db in _ = try engine { cairn_database_prepare_for_suspend(db, $0) } }
  }

  /// Makes the calls that run now end with `cancelled` soon. Returns at once.
  public func interrupt() throws {
    try handle.use { _ = cairn_database_interrupt($0) }
  }

  /// Drops a collection with all that belongs to it.
  public func drop(_ collection: String) async throws {
    let status = try await run { db in
      try engine { error in collection.lend { cairn_collection_drop(db, $0, $1, error) } }
    }
    if status == CAIRN_NOT_FOUND {
      throw CairnError(.notFound, "there is no collection \"\(collection)\"")
    }
  }

  /// The coordination of this handle's live collections, made when it is first needed.
  func coordination() async throws -> Coordination {
    if let made = shared.withLock({ $0 }) { return made }
    let isShared = self.isShared
    let made = try await run { db in Opened(try Coordination.open(db, isShared: isShared)) }
    let coordination = Coordination(made.pointer, pool: pool)
    let (kept, isSurplus) = shared.withLock { shared in
      if let shared { return (shared, true) }
      shared = coordination
      return (coordination, false)
    }
    if isSurplus {
      await coordination.close()
    } else {
      try await coordination.listen()
    }
    if handle.isClosed {
      await kept.close()
      throw CairnError(.wrongState, "the database is closed")
    }
    return kept
  }
}

/// What is closed with its database.
protocol Closable: AnyObject, Sendable {
  func close() async
}

/// A handle on its way from the thread that opened it.
struct Opened: @unchecked Sendable {
  let pointer: OpaquePointer
  init(_ pointer: OpaquePointer) { self.pointer = pointer }
}

extension SQLHostBox? {
  /// Has what the host's code threw reach the caller.
  func rethrowing<Result>(_ body: () throws -> Result) throws -> Result {
    if let self { return try self.rethrowing(body) }
    return try body()
  }
}
