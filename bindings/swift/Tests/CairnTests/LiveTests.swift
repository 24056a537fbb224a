import CCairn
import Foundation
import Synchronization
import Testing

@testable import Cairn

/// A source whose steps a test gives.
struct Script: Source {
  let steps: @Sendable (Sync<Todo>) async throws -> Void
  var loads: @Sendable (SubsetRequest, Sync<Todo>) async throws -> Void = { _, _ in }

  init(_ steps: @escaping @Sendable (Sync<Todo>) async throws -> Void) { self.steps = steps }
  func run(_ sync: Sync<Todo>) async throws { try await steps(sync) }
  func load(_ subset: SubsetRequest, _ sync: Sync<Todo>) async throws { try await loads(subset, sync) }
}

struct Broken: Error, Equatable {
  var why = "the server said no"
}

extension All {
  @Suite struct Live {
    func open(_ folder: String) async throws -> (Database, Collection<Todo>) {
      let database = try await Database.open(folder + "/live.cairn")
      return (database, try await database.collection("todos", of: Todo.self, key: \.id))
    }

    @Test func localMutationsAreDurable() async throws {
      try await inFolder { folder in
        let database = try await Database.open(folder + "/live.cairn")
        let local = CollectionOptions(local: true)
        let todos = try await database.collection("todos", of: Todo.self, key: \.id, options: local)
        let live = try await todos.live()
        try await live.whenReady()
        #expect(try await live.insert(Todo(id: "a", title: "A"), Todo(id: "b", title: "B")) == .disk)
        #expect(try await live.update("a", ["done": true]) == .disk)
        try await live.delete("b")
        #expect(await live.rows == ["a": Todo(id: "a", title: "A", done: true)])
        #expect(try await todos.rows() == [Todo(id: "a", title: "A", done: true)])
        // What is refused is taken back.
        await #expect(throws: (any Error).self) {
          try await live.mutate([.insert("x", ["id": "x"])])
        }
        await #expect(throws: CairnError.self) {
          try await live.mutate([.insert(.number(.nan), RowEncoder.object(Todo(id: "x", title: "x")))])
        }
        #expect(await live["x"] == nil)
        await database.close()
        let reopened = try await Database.open(folder + "/live.cairn")
        let again = try await reopened.collection("todos", of: Todo.self, key: \.id, options: local)
        #expect(try await again.rows().map(\.id) == ["a"])
        await reopened.close()
      }
    }

    @Test func aSourceBringsRowsAndItsCursor() async throws {
      try await inFolder { folder in
        let (database, todos) = try await open(folder)
        let seen = Mutex<[Value?]>([])
        let source = Script { sync in
          seen.withLock { $0.append(sync.metadata["cursor"]) }
          try sync.begin()
          try sync.write(.insert(Todo(id: "gone", title: "dropped by truncate")))
          try sync.truncate()
          try sync.write(.insert(Todo(id: "a", title: "A")))
          try sync.write(.insert(Todo(id: "b", title: "B")))
          try sync.setMetadata("cursor", 1)
          let receipt = try await sync.commit()
          #expect(try await receipt.saved() == .os)
          let second = try await sync.transaction { sync in
            try sync.write(.update("a", ["done": true, "due": .undefined]))
            try sync.write(.delete("b"))
            try sync.setMetadata("cursor", 2)
          }
          try await sync.ready()
          #expect(try await second.saved() != nil)
          #expect(throws: CairnError.self) { try sync.write(.delete("a")) }
          await #expect(throws: CairnError.self) { try await sync.commit() }
        }
        let live = try await todos.live(source: source)
        try await live.whenReady(remote: true)
        #expect(await live.rows == ["a": Todo(id: "a", title: "A", done: true)])
        try await eventually("it is saved") { try await todos.metadata() == ["cursor": 2] }
        #expect(try await todos.rows().map(\.id) == ["a"])
        await live.close()
        // The next run goes on from there, and finds the rows at once.
        let again = try await todos.live(source: source)
        try await again.whenReady()
        #expect(await again["a"] != nil)
        try await again.whenReady(remote: true)
        #expect(seen.withLock { $0 } == [nil, 2])
        await database.close()
      }
    }

    @Test func whatASourceThrowsReachesTheCaller() async throws {
      let database = try await Database.inMemory()
      let todos = try await database.collection("todos", of: Todo.self, key: \.id)
      let live = try await todos.live(
        source: Script { sync in
          try await sync.transaction { try $0.write(.insert(Todo(id: "a", title: "A"))) }
          throw Broken()
        })
      await #expect(throws: Broken()) { try await live.whenReady(remote: true) }
      await #expect(throws: Broken()) { for try await _ in await live.changes() {} }
      #expect(await live["a"] != nil)
      // And what is wrong with a transaction, in the source's own code.
      let failures = Mutex<[String]>([])
      let other = try await todos.live(
        source: Script { sync in
          await #expect(throws: Broken()) { try await sync.transaction { _ in throw Broken() } }
          do {
            try await sync.transaction { try $0.write(.insert(Todo(id: "n", title: "N", due: Date(timeIntervalSince1970: .nan)))) }
          } catch let error as CairnError {
            failures.withLock { $0.append("\(error.code)") }
          }
          try await sync.ready()
        })
      try await other.whenReady(remote: true)
      #expect(failures.withLock { $0 } == ["CAIRN_INVALID_VALUE"])
      await database.close()
    }

    @Test func subsetsComeOnDemand() async throws {
      let database = try await Database.inMemory()
      let todos = try await database.collection("todos", of: Todo.self, key: \.id)
      try await todos.insert((0..<10).map { Todo(id: "\($0)", title: "t", priority: $0) })
      let asked = Mutex<[Value]>([])
      var source = Script { sync in try await sync.ready() }
      source.loads = { subset, sync in
        asked.withLock { $0.append(subset.table) }
        if subset.table["limit"] == 3 { throw Broken() }
        let receipt = try await sync.transaction { try $0.write(.insert(Todo(id: "new", title: "n", priority: 8))) }
        try await receipt.saved()
      }
      let live = try await todos.live(source: source, options: LiveOptions(onDemand: true))
      try await live.whenReady()
      #expect(await live.rows.isEmpty)
      let high = try await live.load(Query(where: \.priority >= 7))
      #expect(await Set(live.rows.keys) == ["7", "8", "9", "new"])
      let low = try await live.load(Query(where: \.priority < 2))
      #expect(await live.rows.count == 6)
      try await high.unload()
      try await eventually("the rows leave, but what the source has written") { await Set(live.rows.keys) == ["0", "1", "new"] }
      try await low.unload()
      #expect(asked.withLock { $0 }.count == 2 && asked.withLock { $0 }[0]["where"] != nil)
      await #expect(throws: (any Error).self) { try await live.load(Query(where: \.priority == 5, limit: 3)) }
      await database.close()
    }

    @Test func changesAreASequence() async throws {
      try await inFolder { folder in
        let (database, todos) = try await open(folder)
        try await todos.insert(Todo(id: "old", title: "old"))
        let changes = try await todos.changes()
        let reader = Task {
          var keys: [Key] = []
          for try await list in changes {
            keys += list.map(\.key)
            if keys.count >= 3 { break }
          }
          return keys
        }
        try await todos.insert(Todo(id: "a", title: "A"))
        let (other, same) = try await open(folder)
        try await same.insert(Todo(id: "b", title: "B"))
        try await same.delete("old")
        #expect(try await reader.value == ["a", "b", "old"])
        await other.close()
        await database.close()
      }
    }

    @Test func changesEndWithTheDatabase() async throws {
      let database = try await Database.inMemory()
      let todos = try await database.collection("todos", of: Todo.self, key: \.id)
      let changes = try await todos.changes()
      let reader = Task { for try await _ in changes {} }
      await database.close()
      try await reader.value
    }

    @Test func actorsUseIt() async throws {
      @MainActor final class Model {
        var titles: [String] = []
        func load(_ todos: Collection<Todo>) async throws {
          try await todos.transaction { transaction in
            for title in ["x", "y"] { try transaction.insert(Todo(id: title, title: title)) }
            self.titles.append("written")
          }
          for try await batch in todos.batches() { titles += batch.rows.map(\.title) }
        }
      }
      let database = try await Database.inMemory()
      let todos = try await database.collection("todos", of: Todo.self, key: \.id)
      let model = Model()
      try await model.load(todos)
      #expect(await model.titles == ["written", "x", "y"])
      await withThrowingTaskGroup(of: Void.self) { group in
        for i in 0..<20 { group.addTask { try await todos.insert(Todo(id: "g\(i)", title: "g")) } }
      }
      #expect(try await todos.rows().count == 22)
      await database.close()
    }

    @Test func anInstanceAsksItsLeader() async throws {
      try await inFolder { folder in
        let local = CollectionOptions(local: true)
        let database = try await Database.open(folder + "/live.cairn")
        let todos = try await database.collection("todos", of: Todo.self, key: \.id, options: local)
        let leader = try await todos.live()
        try await leader.whenReady()
        let other = try await Database.open(folder + "/live.cairn")
        let same = try await other.collection("todos", of: Todo.self, key: \.id, options: local)
        let follower = try await same.live()
        try await follower.whenReady()
        let row = try RowEncoder.object(Todo(id: "k", title: "K"))
        let payload = try makeTable(
          "MutationSet", ["mutation_ids": ["m1"], "batch": [["key": "k", "value": .object(row)]]])
        let reply = try await follower.request(.applyMutations, payload: payload.bytes)
        #expect(try reply.withUnsafeBytes { try TableView("MutationResult", $0, owner: nil).root.texts("accepted") } == ["m1"])
        try await eventually("both see it") {
          let (first, second) = (await leader["k"], await follower["k"])
          return first != nil && second != nil
        }
        await #expect(throws: CairnError.self) { try await follower.request(.pullSince, payload: [1, 2]) }
        await other.close()
        await database.close()
      }
    }

    // --- two processes ---

    /// Runs the helper of these tests in a process of its own.
    func peer(_ arguments: String...) throws -> Process {
      let process = Process()
      let products = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      process.executableURL = products.appending(path: "Peer")
      process.arguments = arguments
      try process.run()
      return process
    }

    @Test func twoProcessesShareAFile() async throws {
      try await inFolder { folder in
        let (database, todos) = try await open(folder)
        let live = try await todos.live()
        try await live.whenReady()
        let writer = try peer(folder + "/live.cairn", "write", "100")
        try await eventually("the other process's rows are seen") { await live.rows.count == 100 }
        writer.waitUntilExit()
        #expect(writer.terminationStatus == 0)
        #expect(try await todos.rows().count == 100)
        #expect(try await database.check().ok)
        await database.close()
      }
    }

    @Test func anotherProcessLeadsAndDies() async throws {
      try await inFolder { folder in
        let other = try peer(folder + "/live.cairn", "lead")
        let (database, todos) = try await open(folder)
        try await eventually("the other process's source is saved") { try await todos.get("led") != nil }
        let reached = Mutex<[Durability?]>([])
        let live = try await todos.live(
          source: Script { sync in
            let receipt = try await sync.transaction { try $0.write(.insert(Todo(id: "mine", title: "M"))) }
            try await sync.ready()
            let durability = try await receipt.saved()
            reached.withLock { $0.append(durability) }
          })
        try await live.whenReady(remote: true)
        let rows = await live.rows
        #expect(rows["led"] != nil && rows["mine"] != nil)
        // The other process leads: this one's source is not saved.
        #expect(try await todos.get("mine") == nil)
        try await eventually("its receipt says so") { reached.withLock { $0 } == [nil] }
        kill(other.processIdentifier, SIGKILL)
        other.waitUntilExit()
        try await eventually("this process leads now, and saves its source's rows") {
          try await todos.get("mine") != nil
        }
        #expect(try await todos.get("led") != nil)
        await database.close()
      }
    }
  }
}
