// The usual way in Swift: rows as JSON in a table of SQLite, through its C API and Foundation's
// JSONDecoder. One thread.
import CSQLite
import Foundation

final class SQLiteStore {
  private var database: OpaquePointer?

  init(_ path: String) {
    precondition(sqlite3_open(path, &database) == SQLITE_OK)
    run("PRAGMA journal_mode = WAL")
    run("PRAGMA synchronous = NORMAL")
    run("CREATE TABLE IF NOT EXISTS todos (id TEXT PRIMARY KEY, value TEXT NOT NULL)")
  }

  deinit { sqlite3_close(database) }

  func insert(_ rows: [Todo], _ encoder: JSONEncoder) throws {
    run("BEGIN")
    var statement: OpaquePointer?
    sqlite3_prepare_v2(database, "INSERT INTO todos VALUES (?, ?)", -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    for row in rows {
      let json = try encoder.encode(row)
      sqlite3_bind_text(statement, 1, row.id, -1, transient)
      json.withUnsafeBytes {
        _ = sqlite3_bind_text(
          statement, 2, $0.bindMemory(to: CChar.self).baseAddress, Int32($0.count), transient)
      }
      precondition(sqlite3_step(statement) == SQLITE_DONE)
      sqlite3_reset(statement)
    }
    run("COMMIT")
  }

  func hydrate(_ decoder: JSONDecoder) throws -> [Todo] {
    var statement: OpaquePointer?
    sqlite3_prepare_v2(database, "SELECT value FROM todos", -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    var rows: [Todo] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      let bytes = UnsafeRawPointer(sqlite3_column_text(statement, 0)!)
      let json = Data(bytes: bytes, count: Int(sqlite3_column_bytes(statement, 0)))
      rows.append(try decoder.decode(Todo.self, from: json))
    }
    return rows
  }

  private func run(_ sql: String) {
    precondition(sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK, sql)
  }
}
