// A host's own synchronous SQLite under a database (cairn_sql_executor). The host is called on the
// database's one thread, one call at a time, and must not use the same database.
import CCairn

/// The SQL of a host, for an app that holds its connection already. Integers stay within 53 bits.
public protocol SQLHost: Sendable {
  /// Runs one statement; rows go to `row`, column by column: null, number, string or bytes.
  func execute(_ sql: String, _ parameters: [Value], row: ([Value]) throws -> Void) throws
  /// Runs the body in one write transaction: commits where it returns true, else rolls back.
  func transaction(_ body: () -> Bool) throws
}

final class SQLHostBox: @unchecked Sendable {
  private let host: any SQLHost
  // What the host threw in the call that runs.
  private var thrown: (any Error)?

  init(_ host: any SQLHost) { self.host = host }

  /// The engine's call fails with `host` then; the caller gets what the host threw.
  func rethrowing<Result>(_ body: () throws -> Result) throws -> Result {
    thrown = nil
    do {
      return try body()
    } catch let error as CairnError where error.code == .host {
      throw thrown ?? error
    }
  }

  func executor() -> cairn_sql_executor {
    cairn_sql_executor(
      struct_size: MemoryLayout<cairn_sql_executor>.size,
      user_data: Unmanaged.passRetained(self).toOpaque(),
      destroy: { Unmanaged<SQLHostBox>.fromOpaque($0!).release() },
      execute: { box, sql, sqlSize, parameters, parametersSize, rows, context in
        SQLHostBox.of(box).run {
          let text = UnsafeRawBufferPointer(start: sql, count: sqlSize)
          let values = UnsafeRawBufferPointer(start: parameters, count: parametersSize)
          return try SQLHostBox.of(box).execute(text, values, rows!, context)
        }
      },
      transaction: { box, body, context in
        SQLHostBox.of(box).run {
          var result: Int32 = 1
          try SQLHostBox.of(box).host.transaction {
            result = body!(context)
            return result == 0
          }
          return result
        }
      })
  }

  private static func of(_ box: UnsafeMutableRawPointer?) -> SQLHostBox {
    Unmanaged<SQLHostBox>.fromOpaque(box!).takeUnretainedValue()
  }

  private func run(_ body: () throws -> Int32) -> Int32 {
    do {
      return try body()
    } catch {
      thrown = thrown ?? error
      return (error as? CairnError).map { $0.sqliteCode != 0 ? $0.sqliteCode : 1 } ?? 1
    }
  }

  private struct Stopped: Error {}

  private func execute(
    _ sql: UnsafeRawBufferPointer, _ parameters: UnsafeRawBufferPointer, _ rows: cairn_sql_rows,
    _ context: UnsafeMutableRawPointer?
  ) throws -> Int32 {
    guard case .array(let values) = try PortableReader.value(parameters) else { return 1 }
    var waiting: [Value] = []
    var status: Int32 = 0
    func flush() throws {
      let bytes = try PortableWriter.bytes(.array(waiting))
      waiting.removeAll(keepingCapacity: true)
      status = bytes.lend { rows(context, $0, $1) }
      if status != 0 { throw Stopped() }
    }
    do {
      try host.execute(String(decoding: sql, as: UTF8.self), values) { row in
        waiting += row
        if waiting.count >= 1024 { try flush() }
      }
      if !waiting.isEmpty { try flush() }
    } catch is Stopped {
      return status
    }
    return 0
  }
}
