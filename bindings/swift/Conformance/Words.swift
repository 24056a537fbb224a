// The words of requests and answers. Values and rows go through the binding's own reading and writing,
// which is what the corpus tests in Swift. Any thread.
import CCairn
import Foundation

@testable import Cairn

/// Swift, or the engine's reader of JSON, cannot make what a word holds.
struct Refused: Error {
  let why: String
}

func refusing<Made>(_ make: () throws -> Made) throws -> Made {
  do { return try make() } catch { throw Refused(why: "\(error)") }
}

/// Ends the runner, which is asked for what it cannot do.
func stop(_ why: String) -> Never {
  FileHandle.standardError.write(Data("\(why)\n".utf8))
  exit(1)
}

/// By the functions of C: a table can be of many megabytes, and those of Swift take their time for it.
func split(_ text: String, at separator: String) -> [String] {
  let copy = strdup(text)
  defer { free(copy) }
  var (parts, rest): ([String], UnsafeMutablePointer<CChar>?) = ([], copy)
  while let part = strsep(&rest, separator) { parts.append(String(cString: part)) }
  return parts
}

func word(_ bytes: some Sequence<UInt8>) -> String { "=" + Data(bytes).base64EncodedString() }

/// None for an empty word, too: the engine takes these for the same as null.
func bytes(_ word: String) -> [UInt8] {
  guard let data = Data(base64Encoded: String(word.dropFirst())) else { stop("no bytes: \(word)") }
  return Array(data)
}

func value(_ json: String) throws -> Value {
  try refusing {
    let portable = try requireBuffer { cairn_value_from_json(json, json.utf8.count, $0, $1) }
    return try portable.withUnsafeBytes { try PortableReader.value($0) }
  }
}

func word(_ value: Value) throws -> String {
  let portable = try PortableWriter.bytes(value)
  let json = try requireBuffer { cairn_value_to_json(portable, portable.count, $0, $1) }
  return json.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
}

/// A row batch: as it stands, or of rows.
func batch(_ word: String) throws -> [UInt8] {
  if word.hasPrefix("=") { return bytes(word) }
  var writer = RowBatchWriter()
  for row in split(word, at: "\u{1E}") {
    let change = try change(split(row, at: "\u{1F}"))
    try refusing { try writer.add(change) }
  }
  return writer.bytes()
}

private func change(_ row: [String]) throws -> RowChange {
  guard let key = Key(try value(row[1])) else { throw Refused(why: "\(row[1]) cannot be a key") }
  let op = [RowOp.insert, .update, .delete, .touch].first { "\($0)" == row[0] }!
  let object = row[2].isEmpty ? nil : try object(row[2], undefined: row[4])
  let metadata = row[3].isEmpty ? .keep : row[3] == "-" ? .remove : MetadataChange.set(try value(row[3]))
  return RowChange(key: key, op: op, value: object, metadata: metadata)
}

private func object(_ word: String, undefined names: String) throws -> Object {
  guard case .object(var object) = try value(word) else { throw Refused(why: "\(word) is no object") }
  guard case .array(let names) = try value(names.isEmpty ? "[]" : names) else { stop("no names") }
  for name in names {
    guard case .string(let name) = name else { throw Refused(why: "\(name) cannot name a field") }
    object.append(name, .undefined)
  }
  return object
}

/// Rows that the binding has read.
func word(_ reader: RowBatchReader) throws -> String {
  var rows: [String] = []
  try reader.forEachRow { row in
    var fields = ["\"key\":\(try word(row.key.value))"]
    if row.op != .insert { fields.append("\"op\":\"\(row.op)\"") }
    if let at = row.valueAt { fields.append("\"value\":\(try word(.object(reader.values!.object(at))))") }
    if let version = row.version { fields.append("\"version\":\(version)") }
    if let metadata = row.metadata { fields.append("\"metadata\":\(try word(metadata))") }
    rows.append("{\(fields.joined(separator: ","))}")
  }
  return rows.joined(separator: "\u{1E}")
}
