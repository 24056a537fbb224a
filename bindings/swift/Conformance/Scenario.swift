// What a scenario has open, and the running of its steps. One thread.
import CCairn
import Foundation

@testable import Cairn

/// A handle of the engine, closed with this object or before.
final class Open {
  let pointer: OpaquePointer
  private let close: (OpaquePointer) -> Void
  /// The step that has opened it.
  let step: Json
  /// Of a replica's last effects, by their kinds.
  var numbers: [String: Json] = [:]

  init(_ pointer: OpaquePointer, _ step: Json, _ close: @escaping (OpaquePointer) -> Void) {
    self.pointer = pointer
    self.step = step
    self.close = close
  }
  deinit { close(pointer) }
}

final class Scenario {
  struct Name: Hashable {
    let db: String
    let name: String
  }

  let folder: String
  /// Where the database main is, if not in the folder.
  let mainFile: String?
  var databases: [String: Open] = [:]
  var collections: [Name: Open] = [:]
  var cursors: [String: (db: String, open: Open)] = [:]
  var replicas: [String: (db: String, open: Open)] = [:]
  var coordinators: [String: (db: String, open: Open)] = [:]

  init(folder: String, mainFile: String?) {
    self.folder = folder
    self.mainFile = mainFile
  }

  func run(_ steps: [Json]) throws {
    for (i, step) in steps.enumerated() {
      do {
        try run(step)
      } catch let failure as Failure {
        throw Failure("step \(i + 1) \(step.line.prefix(300))\n    \(failure.message)")
      }
    }
    for database in databases.values {
      let report = try requireBuffer { cairn_database_check(database.pointer, nil, 0, $0, $1) }
      let json = try tableJson("CheckReport", report.bytes)
      if json["ok"] != .bool(true) { throw Failure("damaged: \(json.line)") }
    }
    for name in Array(databases.keys) { close(name) }
    if cairn_live_objects() != 0 { throw Failure("objects are left") }
  }

  private func run(_ step: Json) throws {
    do {
      try perform(step)
    } catch let refused as Refused {
      if step["error"] == nil { throw Failure("\(refused.error)") }
      return
    } catch let error as CairnError {
      guard let expected = step["error"] else { throw Failure("\(error)") }
      let isSo =
        (expected["status"]?.text ?? error.code.description) == error.code.description
        && (expected["message_is"]?.text ?? error.message) == error.message
        && (expected["message"]?.text.map { error.message.contains($0) } ?? true)
      if !isSo { throw Failure("\(error)") }
      return
    }
    if step["error"] != nil { throw Failure("did not fail") }
  }

  // --- what is open ---

  func db(_ step: Json) -> String { step["db"]?.text ?? "main" }

  func path(_ name: String) -> String {
    name == "main" && mainFile != nil ? mainFile! : folder + "/" + name
  }

  func database(_ step: Json) throws -> OpaquePointer {
    let name = db(step)
    if let open = databases[name] { return open.pointer }
    let options = try table("DatabaseOptions", step["do"]?.text == "open" ? step["options"] : nil)
    let pointer = try openHandle { out, error in
      path(step["file"]?.text ?? name).lend { path, size in
        options.lend { cairn_database_open(path, size, $0, $1, out, error) }
      }
    }
    databases[name] = Open(pointer, step) { cairn_database_close($0) }
    return pointer
  }

  func openCollection(_ step: Json) throws {
    let name = step["name"]?.text ?? "c"
    let options = try table("CollectionOptions", step["options"])
    let database = try database(step)
    let handle = Name(db: db(step), name: step["as"]?.text ?? name)
    collections[handle] = nil
    let pointer = try openHandle { out, error in
      name.lend { name, size in
        options.lend { cairn_collection_open(database, name, size, $0, $1, out, error) }
      }
    }
    collections[handle] = Open(pointer, step) { cairn_collection_close($0) }
  }

  /// The collection `in` of a step.
  func collection(_ step: Json) throws -> OpaquePointer {
    _ = try database(step)
    let name = Name(db: db(step), name: step["in"]?.text ?? "c")
    guard let open = collections[name] else { throw Failure("no collection is open as \(name)") }
    return open.pointer
  }

  func open(_ step: Json, _ field: String, in open: [String: (db: String, open: Open)]) throws -> Open {
    guard let found = open[step[field]?.text ?? ""] else { throw Failure("nothing is open as \(field)") }
    return found.open
  }

  /// What was opened from others goes first.
  func close(_ db: String) {
    cursors = cursors.filter { $0.value.db != db }
    replicas = replicas.filter { $0.value.db != db }
    coordinators = coordinators.filter { $0.value.db != db }
    collections = collections.filter { $0.key.db != db }
    databases[db] = nil
  }

  func reopen(_ step: Json) throws {
    let name = db(step)
    guard let opening = databases[name]?.step else { throw Failure("\(name) is not open") }
    let steps = collections.filter { $0.key.db == name }.map(\.value.step)
    close(name)
    _ = try database(opening)
    for step in steps { try openCollection(step) }
  }
}
