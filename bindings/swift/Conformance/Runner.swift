// The calls, and the handles that they open. One thread.
import CCairn
import Foundation

@testable import Cairn

final class Runner {
  typealias Handle = (pointer: OpaquePointer, close: (OpaquePointer?) -> Void, isReplica: Bool)

  private var handles: [String: Handle] = [:]
  /// Those of the request that are not taken yet, and the bytes of those that are.
  private var words: ArraySlice<String> = []
  private(set) var lent: [NSData] = []
  /// What a function gives, if it does, and then its error. A number has the size of a pointer, too.
  private let outs = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: 2)
  private var outCount = 0

  func answer(to request: [String]) throws -> [String] {
    (words, lent) = (request.dropFirst(), [])
    do {
      return try perform(request[0])
    } catch let refused as Refused {
      return ["REFUSED", word(refused.why.utf8)]
    } catch let error as CairnError {
      return ["\(error.code)", word(error.message.utf8)]
    }
  }

  private func perform(_ name: String) throws -> [String] {
    switch name {
    case "open": try open(cairn_database_open, cairn_database_close)
    case "collection": try open(cairn_collection_open, cairn_collection_close)
    case "coordinator": try open(cairn_coordinator_open, cairn_coordinator_close)
    case "replica": try open(cairn_replica_open, cairn_replica_close, isReplica: true)
    case "load": try open(cairn_collection_load, cairn_cursor_close)
    case "delta": try open(cairn_collection_delta, cairn_cursor_close)
    case "close": close()
    case "live": ["CAIRN_OK", "\(cairn_live_objects())"]

    case "batch_from_json": try give(cairn_batch_from_json)
    case "metadata": try give(cairn_collection_metadata)
    case "info": try give(cairn_collection_info)
    case "ensure_index": try give(cairn_collection_ensure_index)
    case "database": try give(cairn_database_info)
    case "digest": try give(cairn_database_digest)
    case "check": try give(cairn_database_check)
    case "backup": try give(cairn_database_backup)
    case "head": try give(cairn_cursor_head)
    case "explain": try give(cairn_cursor_explain)

    case "reset": try call(cairn_collection_reset)
    case "remove_index": try call(cairn_collection_remove_index)
    case "drop": try call(cairn_collection_drop)
    case "flush": try call(cairn_database_flush)
    case "compact": try call(cairn_database_compact)
    case "answer": try call(cairn_cursor_answer)
    case "send": try call(isReplica ? cairn_replica_send : cairn_coordinator_send)

    case "put": try call(cairn_collection_put) + ["\(UInt(bitPattern: outs[0]))"]
    case "remove": try call(cairn_collection_remove) + ["\(UInt(bitPattern: outs[0]))"]
    case "get": try call(cairn_collection_get) + [given()!.withUnsafeBytes { try word(PortableReader.value($0)) }]
    case "write": try write()
    case "next": try next()
    case "take": try take()
    default: stop("there is no call \(name)")
    }
  }

  // --- words as arguments ---

  /// Nil for an empty word.
  func nextHandle() -> Handle? {
    let name = words.removeFirst()
    if handles[name] == nil && !name.isEmpty { stop("there is no handle \(name)") }
    return handles[name]
  }

  /// Bytes that stay until the next request.
  func lendNext() throws -> UnsafeRawPointer {
    let word = words.removeFirst()
    let isValue = !word.isEmpty && !word.hasPrefix("=")
    let bytes = try isValue ? refusing { try PortableWriter.bytes(value(word)) } : bytes(word)
    lent.append(NSData(data: Data(bytes)))
    return lent.last!.bytes
  }

  func nextOut() -> UnsafeMutableRawPointer {
    outCount += 1
    return UnsafeMutableRawPointer(outs + outCount - 1)
  }

  private var isReplica: Bool { handles[words.first ?? ""]?.isReplica ?? false }

  // --- functions ---

  /// Calls a function with the words that it takes; gives its status as the first word of an answer.
  private func call<each A: Argument>(_ function: (repeat each A) -> cairn_status) throws -> [String] {
    outs.initialize(repeating: nil, count: 2)
    outCount = 0
    let status = function(repeat try (each A).next(of: self))
    guard [CAIRN_OK, CAIRN_QUESTION, CAIRN_DONE].contains(Int(status)) else {
      throw CairnError(status: status, taking: outs[outCount - 1])
    }
    return ["\(CairnError.Code(rawValue: status))"]
  }

  private func given() -> EngineBuffer? { outs[0].map(EngineBuffer.init) }

  private func give<each A: Argument>(_ function: (repeat each A) -> cairn_status) throws -> [String] {
    try call(function) + [word(given()!.bytes)]
  }

  private func open<each A: Argument>(
    _ function: (repeat each A) -> cairn_status, _ close: @escaping (OpaquePointer?) -> Void,
    isReplica: Bool = false
  ) throws -> [String] {
    let name = words.removeFirst()
    let answer = try call(function)
    handles[name] = (outs[0]!, close, isReplica)
    return answer
  }

  // --- what is more than a function ---

  private func close() -> [String] {
    let name = words.first!
    let handle = nextHandle()!
    handle.close(handle.pointer)
    handles[name] = nil
    return ["CAIRN_OK"]
  }

  private func write() throws -> [String] {
    _ = try call(cairn_transaction_begin)
    let transaction = outs[0]
    defer { cairn_transaction_close(transaction) }
    for batch in try words.map(batch) {
      try engine { cairn_transaction_add(transaction, batch, batch.count, $0) }
    }
    return ["CAIRN_OK", word(try requireBuffer { cairn_transaction_commit(transaction, $0, $1) }.bytes)]
  }

  private func next() throws -> [String] {
    let answer = try call(cairn_cursor_next)
    guard let buffer = given() else { return answer }
    return try answer + [word(buffer.bytes)] + (answer == ["CAIRN_OK"] ? [word(RowBatchReader(buffer))] : [])
  }

  private func take() throws -> [String] {
    let from = nextHandle()!
    let next = from.isReplica ? cairn_replica_next : cairn_coordinator_next
    var answer = ["CAIRN_OK"]
    while let buffer = try engineBuffer({ next(from.pointer, $0, $1) }) {
      answer.append(word(buffer.bytes))
      if from.isReplica { answer.append(try ReplicaEffect(buffer).rows().map(word) ?? "") }
    }
    return answer
  }
}
