// Hydrates `todo` rows into Codable structs: Cairn beside SQLite's C API with JSONDecoder, in one run,
// and writes of 10,000 rows. Prints the best of several rounds and the ratio.
//
//   swift run -c release Hydrate [--quick]
import Cairn
import Foundation

let isQuick = CommandLine.arguments.contains("--quick")
let count = isQuick ? 10_000 : 100_000
let rounds = isQuick ? 2 : 5
let folder = FileManager.default.temporaryDirectory.appending(path: "cairn-\(UUID().uuidString)")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }

@MainActor func seconds(_ body: () async throws -> Void) async rethrows -> Double {
  let clock = ContinuousClock()
  let start = clock.now
  try await body()
  let time = (clock.now - start).components
  return Double(time.seconds) + Double(time.attoseconds) / 1e18
}

func line(_ name: String, _ time: Double, _ rows: Int) {
  let padded = name.padding(toLength: 44, withPad: " ", startingAt: 0)
  print("\(padded)\(String(format: "%8.1f ms %10.0f rows/s", time * 1000, Double(rows) / time))")
}

let rows = (0..<count).map(Todo.make)
let todos: Collection<Todo>
let database = try await Database.open(folder.appending(path: "todos.cairn").path())
todos = try await database.collection("todos", of: Todo.self, key: \.id)
try await todos.insert(rows)

// Dates as ISO 8601 with milliseconds, as JSON has them; and as numbers, which is the least work.
let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
let isoEncoder = JSONEncoder()
isoEncoder.dateEncodingStrategy = .custom { date, encoder in
  var container = encoder.singleValueContainer()
  try container.encode(date.formatted(style))
}
let isoDecoder = JSONDecoder()
isoDecoder.dateDecodingStrategy = .custom { decoder in
  try style.parse(try decoder.singleValueContainer().decode(String.self))
}
let numberEncoder = JSONEncoder()
numberEncoder.dateEncodingStrategy = .millisecondsSince1970
let numberDecoder = JSONDecoder()
numberDecoder.dateDecodingStrategy = .millisecondsSince1970

let iso = SQLiteStore(folder.appending(path: "iso.sqlite").path())
try iso.insert(rows, isoEncoder)
let numbers = SQLiteStore(folder.appending(path: "numbers.sqlite").path())
try numbers.insert(rows, numberEncoder)

var best: [String: Double] = [:]
@MainActor func measure(_ name: String, _ body: () async throws -> [Todo]) async throws {
  var found: [Todo] = []
  let time = try await seconds { found = try await body() }
  precondition(found.count == count)
  best[name] = min(best[name] ?? .infinity, time)
}

let hydrated = try await todos.rows()
precondition(hydrated == rows, "Cairn gives the rows that were written")
for _ in 0..<rounds {
  try await measure("cairn") { try await todos.rows() }
  try await measure("iso") { try iso.hydrate(isoDecoder) }
  try await measure("numbers") { try numbers.hydrate(numberDecoder) }
}

print("hydrate \(count) todo rows into Codable structs, best of \(rounds)")
line("Cairn", best["cairn"]!, count)
line("SQLite + JSONDecoder, dates as ISO 8601", best["iso"]!, count)
line("SQLite + JSONDecoder, dates as numbers", best["numbers"]!, count)
let ratio = best["iso"]! / best["cairn"]!
let least = best["numbers"]! / best["cairn"]!
print(String(format: "ratio %.1f (ISO 8601), %.1f (numbers)", ratio, least))

let written = Array(rows.prefix(10_000))
let target = try await database.collection("written", of: Todo.self, key: \.id)
let write = try await seconds { try await target.insert(written) }
let fresh = SQLiteStore(folder.appending(path: "written.sqlite").path())
let usual = try await seconds { try fresh.insert(written, isoEncoder) }
print("write 10000 todo rows in one transaction")
line("Cairn", write, written.count)
line("SQLite + JSONEncoder, dates as ISO 8601", usual, written.count)
await database.close()
if ratio < 3 && !isQuick { exit(1) }
