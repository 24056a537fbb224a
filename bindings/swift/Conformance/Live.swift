// The steps on cursors, indexes, replicas and coordinators.
import CCairn
import Foundation

@testable import Cairn

extension Scenario {
  func performLive(_ step: Json) throws {
    switch step["do"]?.text ?? "" {
    case "ensure_index":
      let (collection, request) = (try collection(step), try table("IndexRequest", step["request"]))
      try expect(step, "IndexInfo") { out, error in
        request.lend { cairn_collection_ensure_index(collection, $0, $1, out, error) }
      }
    case "remove_index":
      let collection = try collection(step)
      try refuse(
        engine { error in
          step["signature"]!.text!.lend { cairn_collection_remove_index(collection, $0, $1, error) }
        })
    case "cursor":
      let opened = Open(try openCursor(step), step) { cairn_cursor_close($0) }
      cursors[step["as"]!.text!] = (db(step), opened)
      try expect(step, "CursorHead") { cairn_cursor_head(opened.pointer, $0, $1) }
    case "next": try expectNext(step)
    case "answer": try answer(open(step, "of", in: cursors).pointer, step["answer"])
    case "drain": try drain(open(step, "of", in: cursors).pointer, step)
    case "release": try release(step)
    case "coordinator":
      let (database, options) = (try database(step), try table("CoordinatorOptions", step["options"]))
      let pointer = try openHandle { out, error in
        options.lend { cairn_coordinator_open(database, $0, $1, out, error) }
      }
      coordinators[step["as"]!.text!] = (db(step), Open(pointer, step) { cairn_coordinator_close($0) })
    case "replica": try openReplica(step)
    case "send": try send(step)
    case "effects": try takeEffects(step)
    case "actions": try takeActions(step)
    default: throw Failure("unknown step")
    }
  }

  private func expectNext(_ step: Json) throws {
    let (status, buffer) = try next(open(step, "of", in: cursors).pointer)
    let wanted =
      step["done"] != nil ? CAIRN_DONE : step["question"] != nil ? CAIRN_QUESTION : CAIRN_OK
    if status != wanted { throw Failure("\(CairnError.Code(rawValue: status))") }
    if let question = step["question"] {
      try expectTable(question, tableJson("Question", buffer!.bytes))
    } else if let buffer {
      try expectRows(step["rows"], rows(buffer), anyOrder: false)
    }
  }

  private func release(_ step: Json) throws {
    let name = step["of"]!.text!
    let found = [coordinators.removeValue(forKey: name), replicas.removeValue(forKey: name)]
    if found.allSatisfy({ $0 == nil }), cursors.removeValue(forKey: name) == nil {
      throw Failure("nothing is open as \(name)")
    }
  }

  private func openReplica(_ step: Json) throws {
    let (collection, options) = (try collection(step), try table("ReplicaOptions", step["options"]))
    let coordinator = step["coordinator"] == nil ? nil : try open(step, "coordinator", in: coordinators)
    let pointer = try openHandle { out, error in
      options.lend { cairn_replica_open(collection, coordinator?.pointer, $0, $1, out, error) }
    }
    replicas[step["as"]!.text!] = (db(step), Open(pointer, step) { cairn_replica_close($0) })
  }

  private func send(_ step: Json) throws {
    let replica = replicas[step["of"]?.text ?? ""]?.open
    for event in step["events"]!.items {
      if let replica {
        var event = event
        if let kind = event["effect"]?.text {
          event = event.setting("effect", replica.numbers[kind] ?? .number("0"))
        }
        let bytes = try table("ReplicaEvent", event)
        try engine { error in bytes.lend { cairn_replica_send(replica.pointer, $0, $1, error) } }
      } else {
        try tell(open(step, "of", in: coordinators), event)
      }
    }
  }

  private func tell(_ coordinator: Open, _ event: Json) throws {
    let bytes = try table("CoordinatorEvent", event)
    try engine { error in
      bytes.lend { cairn_coordinator_send(coordinator.pointer, $0, $1, error) }
    }
  }

  private func isWanted(_ kind: String, _ step: Json) -> Bool {
    step["kinds"]?.items.contains(.string(kind)) ?? true
  }

  private func takeEffects(_ step: Json) throws {
    let replica = try open(step, "of", in: replicas)
    var taken: [Json] = []
    while let buffer = try engineBuffer({ cairn_replica_next(replica.pointer, $0, $1) }) {
      let effect = try tableJson("ReplicaEffect", buffer.bytes)
      let kind = effect["kind"]?.text ?? "Started"
      replica.numbers[kind] = effect["number"]
      try checkReading(buffer, kind, effect)
      if isWanted(kind, step) { taken.append(effect) }
    }
    try expectTable(step["effects"], .array(taken))
  }

  // What the binding itself reads of an effect is the same.
  private func checkReading(_ buffer: EngineBuffer, _ kind: String, _ effect: Json) throws {
    let own = try ReplicaEffect(buffer)
    let name = "\(try own.kind)"
    let counts = [
      Int(try own.seen), try own.rows()?.count ?? 0, try own.metadata().count,
      try own.table.texts("transaction_ids").count,
    ]
    let expected = [
      effect["seen"]?.int ?? 0, effect["batch"]?.items.count ?? 0, effect["metadata"]?.items.count ?? 0,
      effect["transaction_ids"]?.items.count ?? 0,
    ]
    if name.lowercased() != kind.lowercased() || counts != expected {
      throw Failure("the binding reads \(name) of \(effect.line)")
    }
  }

  private func takeActions(_ step: Json) throws {
    let coordinator = try open(step, "of", in: coordinators)
    var taken: [Json] = []
    while let buffer = try engineBuffer({ cairn_coordinator_next(coordinator.pointer, $0, $1) }) {
      let action = try tableJson("CoordinatorAction", buffer.bytes)
      if isWanted(action["kind"]?.text ?? "Elect", step) { taken.append(action) }
      guard let message = action["message"] else { continue }
      let event = Json.object([]).setting("kind", .string("Received")).setting("message", message)
      for name in step["deliver"]?.items ?? [] {
        guard let to = coordinators[name.text ?? ""] else { throw Failure("no coordinator \(name.line)") }
        try tell(to.open, event)
      }
    }
    if let actions = step["actions"] { try expectTable(actions, .array(taken)) }
  }
}
