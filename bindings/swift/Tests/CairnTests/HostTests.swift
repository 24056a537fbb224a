import CSQLite
import Foundation
import Testing

@testable import Cairn

/// An app's own connection to SQLite.
final class AppConnection: SQLHost, @unchecked Sendable {
  struct Failure: Error, Equatable {
    var code: Int32
  }
  private var database: OpaquePointer?
  var fails = false

  init() { sqlite3_open(":memory:", &database) }
  deinit { sqlite3_close(database) }

  func execute(_ sql: String, _ parameters: [Value], row: ([Value]) throws -> Void) throws {
    if fails { throw Failure(code: 42) }
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK else {
      throw Failure(code: sqlite3_extended_errcode(database))
    }
    defer { sqlite3_finalize(statement) }
    for (i, value) in parameters.enumerated() { bind(statement, Int32(i + 1), value) }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: try row((0..<sqlite3_column_count(statement)).map { column(statement, $0) })
      case SQLITE_DONE: return
      default: throw Failure(code: sqlite3_extended_errcode(database))
      }
    }
  }

  func transaction(_ body: () -> Bool) throws {
    sqlite3_exec(database, "BEGIN IMMEDIATE", nil, nil, nil)
    let commits = body()
    sqlite3_exec(database, commits ? "COMMIT" : "ROLLBACK", nil, nil, nil)
  }

  private func bind(_ statement: OpaquePointer?, _ at: Int32, _ value: Value) {
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .number(let number):
      if let integer = Int64(exactly: number) {
        sqlite3_bind_int64(statement, at, integer)
      } else {
        sqlite3_bind_double(statement, at, number)
      }
    case .string(let text): sqlite3_bind_text(statement, at, text, Int32(text.utf8.count), transient)
    case .bytes(let bytes):
      if bytes.isEmpty { sqlite3_bind_zeroblob(statement, at, 0) }
      else { sqlite3_bind_blob(statement, at, bytes, Int32(bytes.count), transient) }
    default: sqlite3_bind_null(statement, at)
    }
  }

  private func column(_ statement: OpaquePointer?, _ at: Int32) -> Value {
    switch sqlite3_column_type(statement, at) {
    case SQLITE_INTEGER: return .number(Double(sqlite3_column_int64(statement, at)))
    case SQLITE_FLOAT: return .number(sqlite3_column_double(statement, at))
    case SQLITE_TEXT: return .string(String(cString: sqlite3_column_text(statement, at)))
    case SQLITE_BLOB:
      let size = Int(sqlite3_column_bytes(statement, at))
      return .bytes(Array(UnsafeRawBufferPointer(start: sqlite3_column_blob(statement, at), count: size)))
    default: return .null
    }
  }
}

extension All {
  @Suite struct Hosts {
    @Test func anAppsOwnSQLite() async throws {
      let host = AppConnection()
      let database = try await Database.open(host: host)
      let todos = try await database.collection("todos", of: Todo.self, key: \.id)
      let rows = (0..<3000).map { Todo(id: String(format: "%04d", $0), title: "row", priority: $0) }
      try await todos.insert(rows)
      #expect(try await todos.rows() == rows)
      #expect(try await todos.rows(where: \.priority == 7).map(\.id) == ["0007"])
      // What the app's own code throws reaches the caller.
      host.fails = true
      await #expect(throws: AppConnection.Failure(code: 42)) { try await todos.get("0001") }
      host.fails = false
      #expect(try await todos.get("0001") == rows[1])
      let live = try await todos.live()
      try await live.whenReady()
      #expect(await live.rows.count == 3000)
      await database.close()
    }

    @Test func hostsAreLetGoOf() async throws {
      weak var forgotten: AppConnection?
      do {
        let host = AppConnection()
        forgotten = host
        let database = try await Database.open(host: host)
        _ = try await database.info()
        await database.close()
      }
      try await eventually("the host is freed") { forgotten == nil }
    }
  }
}
