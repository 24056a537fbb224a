// The steps on databases, collections and rows.
import CCairn
import Foundation

@testable import Cairn

typealias Out = UnsafeMutablePointer<OpaquePointer?>

extension Scenario {
  func perform(_ step: Json) throws {
    switch step["do"]?.text ?? "" {
    case "open": _ = try database(step)
    case "close": close(db(step))
    case "reopen": try reopen(step)
    case "collection":
      try openCollection(step)
      let opened = step.setting("in", step["as"] ?? step["name"] ?? .string("c"))
      try info(opened)
    case "apply": try write(step, "mutations")
    case "reconcile": try write(step, "rows", mode: "Reconcile")
    case "store": try store(step)
    case "fill": try fill(step)
    case "json": try importJson(step)
    case "put", "remove": try putOrRemove(step)
    case "get": try expectRow(step, step["key"]!, step["value"]!)
    case "load", "delta": try load(step)
    case "copy": try copy(step)
    case "reset":
      let collection = try collection(step)
      try engine { cairn_collection_reset(collection, $0) }
    case "drop": try drop(step)
    case "metadata":
      let collection = try collection(step)
      try expect(step, "MetadataReport") { cairn_collection_metadata(collection, $0, $1) }
    case "info": try info(step)
    case "flush":
      let database = try database(step)
      try engine { cairn_database_flush(database, $0) }
    case "compact":
      let database = try database(step)
      try engine { cairn_database_compact(database, $0) }
    case "database", "check", "digest", "backup": try report(step)
    case "file": try writeFile(step)
    default: try performLive(step)
    }
  }

  func expect(_ step: Json, _ name: String, _ call: (Out, Out) -> cairn_status) throws {
    let buffer = try requireBuffer(call)
    try expectTable(step["result"], tableJson(name, buffer.bytes))
  }

  private func info(_ step: Json) throws {
    let collection = try collection(step)
    try expect(step, "CollectionInfo") { cairn_collection_info(collection, $0, $1) }
  }

  private func report(_ step: Json) throws {
    let database = try database(step)
    switch step["do"]!.text! {
    case "database": try expect(step, "DatabaseInfo") { cairn_database_info(database, $0, $1) }
    case "digest": try expect(step, "DigestReport") { cairn_database_digest(database, $0, $1) }
    case "check":
      let options = try table("CheckOptions", step["options"])
      try expect(step, "CheckReport") { out, error in
        options.lend { cairn_database_check(database, $0, $1, out, error) }
      }
    default:
      try expect(step, "BackupReport") { out, error in
        path(step["to"]!.text!).lend { cairn_database_backup(database, $0, $1, out, error) }
      }
    }
  }

  private func drop(_ step: Json) throws {
    let database = try database(step)
    let status = try engine { error in
      (step["name"]?.text ?? "c").lend { cairn_collection_drop(database, $0, $1, error) }
    }
    try refuse(status)
  }

  /// A status that is no error, but not what was asked for.
  func refuse(_ status: cairn_status) throws {
    if status != CAIRN_OK { throw CairnError(.init(rawValue: status), "") }
  }

  private func writeFile(_ step: Json) throws {
    let path = path(step["name"]?.text ?? "main")
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    let file = try FileHandle(forUpdating: URL(filePath: path))
    defer { try? file.close() }
    if let bytes = step["bytes"]?.text.flatMap({ Data(base64Encoded: $0) }) {
      try file.seek(toOffset: UInt64(step["at"]?.int ?? 0))
      try file.write(contentsOf: bytes)
    }
    if let size = step["size"]?.int { try file.truncate(atOffset: UInt64(size)) }
  }

  // --- writing ---

  private func commit(_ step: Json, _ batches: [[UInt8]], mode: String? = nil) throws {
    var options = step["options"]
    if let mode { options = (options ?? .object([])).setting("mode", .string(mode)) }
    let made = try table("TransactionOptions", options)
    let collection = try collection(step)
    let transaction = try openHandle { out, error in
      made.lend { cairn_transaction_begin(collection, $0, $1, out, error) }
    }
    defer { cairn_transaction_close(transaction) }
    for batch in batches {
      try engine { error in batch.lend { cairn_transaction_add(transaction, $0, $1, error) } }
    }
    try expect(step, "CommitResult") { cairn_transaction_commit(transaction, $0, $1) }
  }

  private func write(_ step: Json, _ field: String, mode: String? = nil) throws {
    let lists = step["batches"]?.items ?? [step[field] ?? .array([])]
    let batches = try lists.filter { $0 != .array([]) }.map { try batch($0, isRows: field == "rows") }
    try commit(step, batches, mode: mode)
  }

  private func fill(_ step: Json) throws {
    var writer = RowBatchWriter()
    let start = step["start"]?.int ?? 0
    for i in start..<start + step["count"]!.int! {
      var row: Object = ["n": .integer(i + (step["add"]?.int ?? 0))]
      if let letters = step["text"]?.int { row["t"] = .string(String(repeating: "x", count: letters)) }
      try writer.add(.insert(.string("\(step["prefix"]?.text ?? "k")\(i)"), row))
    }
    try commit(step, [writer.bytes()])
  }

  private func importJson(_ step: Json) throws {
    let batch = try requireBuffer { out, error in
      step["text"]!.text!.lend { text, size in
        step["key_field"]!.text!.lend { cairn_batch_from_json(text, size, $0, $1, out, error) }
      }
    }
    try commit(step, [batch.bytes])
  }

  private func putOrRemove(_ step: Json) throws {
    let collection = try collection(step)
    let key = try PortableWriter.bytes(key(step["key"]!))
    var version: UInt64 = 0
    if let json = step["value"] {
      let value = try PortableWriter.bytes(value(json))
      try engine { error in
        key.lend { key, size in
          value.lend { cairn_collection_put(collection, key, size, $0, $1, &version, error) }
        }
      }
    } else {
      try engine { error in
        key.lend { cairn_collection_remove(collection, $0, $1, &version, error) }
      }
    }
    try expectTable(step["result"], Json.object([]).setting("row_version", .number("\(version)")))
  }

  // --- reading ---

  private func expectRow(_ step: Json, _ key: Json, _ expected: Json) throws {
    let collection = try collection(step)
    let bytes = try PortableWriter.bytes(Conformance.key(key))
    let found = try engineBuffer { out, error in
      bytes.lend { cairn_collection_get(collection, $0, $1, out, error) }
    }
    guard let found else { throw CairnError(.notFound, "") }
    let row = try found.withUnsafeBytes { try PortableReader.value($0) }
    if try row != value(expected) { throw Failure("\(key.line) is \(row)") }
  }

  func openCursor(_ step: Json) throws -> OpaquePointer {
    let collection = try collection(step)
    guard let since = step["since"] else {
      let request = try table("LoadRequest", step["request"])
      return try openHandle { out, error in
        request.lend { cairn_collection_load(collection, $0, $1, out, error) }
      }
    }
    let info = try tableJson(
      "CollectionInfo", requireBuffer { cairn_collection_info(collection, $0, $1) }.bytes)
    let epoch = (info["position"]?["reset_epoch"]?.int ?? 0) - (step["epochs_ago"]?.int ?? 0)
    let wanted = (step["request"] ?? .object([])).setting("since", since)
      .setting("reset_epoch", .number("\(epoch)"))
    let request = try table("DeltaRequest", wanted)
    return try openHandle { out, error in
      request.lend { cairn_collection_delta(collection, $0, $1, out, error) }
    }
  }

  func next(_ cursor: OpaquePointer) throws -> (status: cairn_status, buffer: EngineBuffer?) {
    var out: OpaquePointer?
    let status = try engine { cairn_cursor_next(cursor, &out, $0) }
    return (status, out.map(EngineBuffer.init))
  }

  func answer(_ cursor: OpaquePointer, _ answer: Json?) throws {
    let bytes = try table("Answer", answer)
    try engine { error in bytes.lend { cairn_cursor_answer(cursor, $0, $1, error) } }
  }

  func drain(_ cursor: OpaquePointer, _ step: Json) throws {
    var all: [Row] = []
    var answers = step["answers"]?.items ?? []
    while case let (status, buffer?) = try next(cursor) {
      if status == CAIRN_OK {
        all += try rows(buffer)
        continue
      }
      let question = try tableJson("Question", buffer.bytes)
      if answers.isEmpty { throw Failure("asked \(question.line)") }
      let one = answers.removeFirst()
      try expectTable(one["question"], question)
      try answer(cursor, one["answer"])
    }
    if !answers.isEmpty { throw Failure("\(answers.count) answers were not asked for") }
    let anyOrder = step["since"] != nil || step["any_order"] == .bool(true)
    try expectRows(step["rows"], all, anyOrder: anyOrder)
    if let count = step["row_count"]?.int, count != all.count { throw Failure("\(all.count) rows") }
    let explanation = try requireBuffer { cairn_cursor_explain(cursor, $0, $1) }
    try expectTable(step["explain"], tableJson("Explanation", explanation.bytes))
  }

  private func load(_ step: Json) throws {
    let cursor = try openCursor(step)
    defer { cairn_cursor_close(cursor) }
    try expect(step, "CursorHead") { cairn_cursor_head(cursor, $0, $1) }
    try drain(cursor, step)
  }

  private func store(_ step: Json) throws {
    try write(step, "rows")
    var reading = step
    if case .object(let fields) = step { reading = .object(fields.filter { $0.name != "result" }) }
    try load(reading)
    for row in step["rows"]!.items { try expectRow(step, row.items[0], row.items[1]) }
    let database = try database(step)
    let report = try tableJson(
      "DigestReport", requireBuffer { cairn_database_digest(database, $0, $1) }.bytes)
    let own = report["collections"]?.items.first { $0["name"]?.text == step["in"]?.text ?? "c" }
    if own?["digest"] != step["digest"] { throw Failure("the digest is \(own?.line ?? "not there")") }
  }

  private func copy(_ step: Json) throws {
    let cursor = try openCursor(step["from"]!)
    defer { cairn_cursor_close(cursor) }
    var batches: [[UInt8]] = []
    while let buffer = try next(cursor).buffer { batches.append(buffer.bytes) }
    try commit(step, batches)
  }
}
