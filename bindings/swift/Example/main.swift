// The example of the README: todos on disk, asked for by key paths, changed in a transaction, and
// brought by a source.
import Cairn
import Foundation

struct Todo: Codable, Sendable {
  var id: String
  var title: String
  var done: Bool
  var priority: Int
  var due: Date?
}

/// Brings what is new since its cursor; a real one asks a server.
struct Server: Source {
  func run(_ sync: Sync<Todo>) async throws {
    let cursor = sync.metadata["cursor"] ?? 0
    let receipt = try await sync.transaction { sync in
      try sync.write(.insert(Todo(id: "s1", title: "from the server", done: false, priority: 1)))
      try sync.setMetadata("cursor", 1)
    }
    print("after cursor \(cursor): saved to", try await receipt.saved()!)
    try await sync.ready()
  }
}

let path = CommandLine.arguments.dropFirst().first ?? "todos.cairn"
try await Database.with(path) { database in
  let todos = try await database.collection(
    "todos", of: Todo.self, key: \.id, options: CollectionOptions(local: true))
  try await todos.insert(
    Todo(id: "a", title: "buy tea", done: false, priority: 2, due: Date(timeIntervalSince1970: 1e9)),
    Todo(id: "b", title: "water plants", done: true, priority: 1),
    Todo(id: "c", title: "call Ann", done: false, priority: 3))

  // A query by key paths, in the order of another one.
  for todo in try await todos.rows(where: \.done == false, orderBy: .descending(\.priority)) {
    print(todo.priority, todo.title)
  }

  // Whole or not at all: what the closure throws is thrown here, and nothing is written.
  let result = try await todos.transaction { transaction in
    try transaction.update("c", ["done": true])
    try transaction.delete("b")
  }
  print(result.updated, "updated,", result.deleted, "deleted, synced to", result.durability)

  // A synced collection: its source runs beside the app, and its rows are seen at once.
  let shared = try await database.collection("shared", of: Todo.self, key: \.id)
  let live = try await shared.live(source: Server())
  try await live.whenReady(remote: true)
  print(await live.rows.values.map(\.title))
}
