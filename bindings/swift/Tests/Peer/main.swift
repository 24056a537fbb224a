// Another process for the tests: `Peer PATH write COUNT` writes rows one by one, `Peer PATH lead` runs a
// source until it is killed.
import Cairn
import Foundation

struct Todo: Codable, Sendable {
  var id: String
  var title: String
  var done = false
  var priority = 0
  var tags: [String] = []
}

struct Leader: Source {
  func run(_ sync: Sync<Todo>) async throws {
    try await sync.transaction { try $0.write(.insert(Todo(id: "led", title: "L"))) }
    try await sync.ready()
    try await Task.sleep(for: .seconds(60))
  }
}

let arguments = CommandLine.arguments
let database = try await Database.open(arguments[1])
let todos = try await database.collection("todos", of: Todo.self, key: \.id)
if arguments[2] == "write" {
  for i in 0..<Int(arguments[3])! { try await todos.insert(Todo(id: "\(i)", title: "row \(i)")) }
} else {
  let live = try await todos.live(source: Leader())
  try await live.whenReady(remote: true)
  try await Task.sleep(for: .seconds(60))
}
await database.close()
