import Foundation
import Testing

@testable import Cairn

extension All {
  @Suite struct Rows {
    let todos = [
      Todo(id: "a", title: "Tea", priority: 2, due: Date(timeIntervalSince1970: 1.5), tags: ["x", "y"]),
      Todo(id: "b", title: "plants 日本語", done: true, priority: 1, meta: .init(src: "web", pts: 4)),
      Todo(id: "c", title: "Ann", priority: 3),
    ]

    func filled(_ body: (Collection<Todo>) async throws -> Void) async throws {
      let database = try await Database.inMemory()
      let collection = try await database.collection("todos", of: Todo.self, key: \.id)
      try await collection.insert(todos)
      try await body(collection)
      await database.close()
    }

    @Test func whatIsWrittenIsRead() async throws {
      try await inFolder { folder in
        try await Database.with(folder + "/a.cairn") { database in
          let collection = try await database.collection("todos", of: Todo.self, key: \.id)
          let result = try await collection.insert(todos)
          #expect(result.outcome == .applied && result.inserted == 3)
        }
        try await Database.with(folder + "/a.cairn") { database in
          let collection = try await database.collection("todos", of: Todo.self, key: \.id)
          #expect(try await collection.rows() == todos)
          #expect(try await collection.get("b") == todos[1])
          #expect(try await collection.get("nothing") == nil)
          #expect(try await collection.info().rows == 3)
        }
      }
    }

    @Test func keyPathsAskForFields() async throws {
      try await filled { todos in
        func expect(
          _ condition: Condition<Todo>, _ expected: String,
          _ location: SourceLocation = #_sourceLocation
        ) async throws {
          let rows = try await todos.rows(where: condition, orderBy: .ascending(\.id))
          #expect(rows.map(\.id).joined() == expected, sourceLocation: location)
        }
        try await expect(\.done == false, "ac")
        try await expect(\.done != false, "b")
        try await expect(\.priority >= 2 && \.priority < 3, "a")
        try await expect(\.title == "Ann" || \.done == true, "bc")
        try await expect(!(\.title == "Ann"), "ab")
        try await expect(\.due == nil, "bc")
        try await expect(\.due != nil, "a")
        try await expect(\.due == Date(timeIntervalSince1970: 1.5), "a")
        try await expect(\.meta?.pts == 4, "b")
        try await expect(field(\.title).lower() == "tea", "a")
        try await expect(field(\.title).ilike("%A%"), "abc")
        try await expect(field(\.title).length() > 3, "b")
        try await expect(field(\.priority).isIn([1, 3]), "bc")
        try await expect(field(\.priority) + 1 == 4, "c")
        try await expect(field("meta", "src", of: Todo.self, as: String.self) == "web", "b")
        try await expect(call("gt", [field(\Todo.priority), Value.number(2)], of: Todo.self, as: Bool.self), "c")
      }
    }

    @Test func ordersLimitsAndPages() async throws {
      try await filled { todos in
        func ids(_ query: Query<Todo>) async throws -> String {
          try await todos.rows(query).map(\.id).joined()
        }
        #expect(try await ids(Query(orderBy: [.descending(\.priority)])) == "cab")
        #expect(try await ids(Query(orderBy: [.ascending(\.due).nulls(.last), .ascending(\.id)])) == "abc")
        #expect(try await ids(Query(orderBy: [.ascending(\.priority)], limit: 1, offset: 1)) == "a")
        #expect(try await ids(Query(keys: ["c", "a"])) == "ca")
        let page = Query<Todo>(orderBy: [.ascending(\.priority)], limit: 9, after: .init([2], key: "a"))
        #expect(try await ids(page) == "c")
        let german = Query<Todo>(orderBy: [.ascending(\.title).locale("de")])
        #expect(try await todos.rows(german, host: FoundationHost()).map(\.title) == ["Ann", "plants 日本語", "Tea"])
        #expect(try await todos.rows(Query(orderBy: [.ascending(\.title)])).map(\.id) == ["c", "a", "b"])
        let explanation = try await todos.batches(Query(where: \.done == true)).explain()
        #expect(explanation.access == .scan && explanation.rowsMatched == 1)
        try await todos.insert((0..<2000).map { Todo(id: "n\($0)", title: "more") })
        #expect(try await todos.ensureIndex("by done", \.done).entries == 2003)
        let indexed = try await todos.batches(Query(where: \.done == true)).explain()
        #expect(indexed.access == .index && indexed.indexes == ["by done"], "\(indexed)")
        #expect(try await todos.removeIndex("by done"))
        #expect(try await todos.removeIndex("by done") == false)
      }
    }

    @Test func transactionsAreWholeOrNothing() async throws {
      struct Stop: Error {}
      try await filled { todos in
        await #expect(throws: Stop.self) {
          try await todos.transaction { transaction in
            try transaction.delete("a")
            throw Stop()
          }
        }
        #expect(try await todos.rows().count == 3)
        await #expect(throws: CairnError.self) {
          try await todos.transaction { transaction in
            try transaction.delete("a")
            try transaction.insert(Todo(id: "z", title: "never", due: Date(timeIntervalSince1970: .nan)))
          }
        }
        #expect(try await todos.rows().count == 3)
        var options = TransactionOptions()
        options.id = "t1"
        options.reportKeys = true
        let before = try await todos.info().position
        let result = try await todos.transaction(options) { transaction in
          try transaction.update("a", ["done": true, "due": .undefined], metadata: .set(["by": "me"]))
          try transaction.delete("b")
          try transaction.insert(Todo(id: "d", title: "new"))
          transaction.setMetadata("cursor", 17)
        }
        #expect(result.insertedKeys == ["d"] && result.updatedKeys == ["a"] && result.deletedKeys == ["b"])
        #expect(try await todos.get("a")?.due == nil)
        #expect(try await todos.metadata() == ["cursor": 17])
        let delta = todos.delta(since: before, options: ReadOptions(versions: true, metadata: true))
        let head = try await delta.head()
        #expect(head.changed == 2 && head.deleted == 1 && head.transactionIds == ["t1"])
        #expect(head.metadata == [MetadataEntry(key: "cursor", value: 17)])
        for try await batch in delta {
          #expect(Set(batch.keys) == ["a", "d"] && batch.deletedKeys == ["b"])
          #expect(batch.metadata.contains(["by": "me"]) && batch.versions.allSatisfy { $0 == 2 })
        }
        let snapshot = try await todos.reconcile([Todo(id: "d", title: "new"), Todo(id: "e", title: "E")])
        #expect(snapshot.inserted == 1 && snapshot.deleted == 2 && snapshot.unchanged == 1)
        try await todos.reset()
        #expect(try await todos.rows().isEmpty)
      }
    }

    @Test func manyRowsComeInBatches() async throws {
      let database = try await Database.inMemory()
      let numbers = try await database.collection("numbers", key: "n")
      let rows = (0..<10_000).map { ["n": .integer($0), "text": .string("row \($0)")] as Object }
      try await numbers.insert(rows)
      var read: [Object] = []
      var batches = 0
      for try await batch in numbers.batches(options: ReadOptions(batchRows: 1000)) {
        #expect(batch.keys.count == batch.rows.count)
        read += batch.rows
        batches += 1
      }
      #expect(read == rows && batches == 10)
      #expect(try await numbers.rows(Query(where: field("n", of: Object.self, as: Int.self) < 3)).count == 3)
      await database.close()
    }

    @Test func theRestOfADatabase() async throws {
      try await inFolder { folder in
        let path = folder + "/a.cairn"
        let database = try await Database.open(path)
        let collection = try await database.collection("todos", of: Todo.self, key: \.id)
        try await collection.insert(todos)
        let info = try await database.info()
        #expect(info.collections.map(\.name) == ["todos"] && info.path == path)
        #expect(try await database.check().ok)
        let digest = try await database.digest()
        #expect(digest.collections.first?.rows == 3 && digest.digest.count == 32)
        #expect(try await database.backup(to: folder + "/b.cairn").rows == 3)
        try await database.flush()
        while try await database.maintain(budgetMs: 100) {}
        try await database.compact()
        try await database.prepareForSuspend()
        try database.interrupt()
        try await database.drop("todos")
        #expect(await code { _ = try await collection.info() } == .dropped)
        #expect(await code { try await database.drop("todos") } == .notFound)
        await database.close()
        #expect(try await Database.restore(folder + "/b.cairn", to: path).replaced != nil)
        let report = try await Database.salvage(path, to: folder + "/c.cairn")
        #expect(report.complete && report.rows == 3)
      }
    }

    @Test func errorsSayWhatIsWrong() async throws {
      #expect(await code { _ = try await Database.open("/nowhere/a.cairn") } == .cannotOpen)
      try await inFolder { folder in
        try "not a database, and longer than a page's header is by far".write(
          toFile: folder + "/a.cairn", atomically: true, encoding: .utf8)
        do {
          _ = try await Database.open(folder + "/a.cairn")
          Issue.record("it opened")
        } catch let error as CairnError {
          #expect(error.code == .notADatabase && !error.message.isEmpty && !error.isRetryable)
          #expect("\(error.code)" == "CAIRN_NOT_A_DATABASE")
        }
        try await Database.with(folder + "/b.cairn") { database in
          let local = CollectionOptions(schemaVersion: 1, local: true)
          _ = try await database.collection("c", of: Todo.self, key: \.id, options: local)
          let newer = CollectionOptions(schemaVersion: 2, local: true)
          do {
            _ = try await database.collection("c", of: Todo.self, key: \.id, options: newer)
            Issue.record("it opened")
          } catch let error as CairnError {
            #expect(error.code == .schemaMismatch)
            #expect(error.message.contains("found 1, expected 2"))
          }
        }
      }
    }
  }
}
