import CCairn
import Foundation
import Testing

@testable import Cairn

extension All {
  @Suite struct Closing {
    @Test func useAfterCloseThrows() async throws {
      let database = try await Database.inMemory()
      let collection = try await database.collection("todos", of: Todo.self, key: \.id)
      try await collection.insert(Todo(id: "a", title: "A"))
      let batches = collection.batches(options: ReadOptions(batchRows: 1)).makeAsyncIterator()
      _ = try await batches.next()
      let live = try await collection.live()
      await database.close()
      await database.close()
      #expect(await code { _ = try await database.info() } == .wrongState)
      #expect(await code { _ = try await collection.rows() } == .wrongState)
      #expect(await code { _ = try await collection.insert(Todo(id: "b", title: "B")) } == .wrongState)
      #expect(await code { _ = try await database.collection("x", key: "id") } == .wrongState)
      #expect(await code { try database.interrupt() } == .wrongState)
      #expect(await code { _ = try await collection.live() } == .wrongState)
      await #expect(throws: ClosedError.self) { try await live.whenReady(remote: true) }
      await #expect(throws: ClosedError.self) { try await live.insert(Todo(id: "c", title: "C")) }
      await #expect(throws: (any Error).self) { while try await batches.next() != nil {} ; _ = try await collection.info() }
      await collection.close()
      await live.close()
    }

    @Test func oneCollectionIsClosedAlone() async throws {
      let database = try await Database.inMemory()
      let first = try await database.collection("todos", of: Todo.self, key: \.id)
      let second = try await database.collection("todos", of: Todo.self, key: \.id)
      await first.close()
      #expect(await code { _ = try await first.rows() } == .wrongState)
      #expect(try await second.rows().isEmpty)
      await database.close()
    }

    @Test func closingAmidWorkIsSafe() async throws {
      let before = cairn_live_objects()
      for _ in 0..<20 {
        let database = try await Database.inMemory()
        let collection = try await database.collection("todos", of: Todo.self, key: \.id)
        try await collection.insert((0..<500).map { Todo(id: "\($0)", title: "row") })
        await withTaskGroup(of: Void.self) { group in
          for i in 0..<8 {
            group.addTask {
              do {
                while true {
                  _ = try await collection.rows()
                  try await collection.insert(Todo(id: "n\(i)", title: "new"))
                }
              } catch {
                let code = (error as? CairnError)?.code
                #expect(code == .wrongState || code == .snapshotExpired || code == .busy, "\(error)")
              }
            }
          }
          for _ in 0..<3 {
            group.addTask {
              try? await Task.sleep(for: .milliseconds(5))
              await database.close()
            }
          }
        }
      }
      try await eventually("all objects are freed") { cairn_live_objects() <= before }
    }

    @Test func whatIsForgottenIsClosed() async throws {
      let before = cairn_live_objects()
      try await inFolder { folder in
        var database: Database? = try await Database.open(folder + "/a.cairn")
        var collection: Collection<Todo>? = try await database!.collection("t", of: Todo.self, key: \.id)
        try await collection!.insert(Todo(id: "a", title: "A"))
        for try await _ in collection!.batches() { break }
        var live: LiveCollection<Todo>? = try await collection!.live()
        try await live!.whenReady()
        live = nil
        database = nil
        collection = nil
        try await eventually("all objects are freed") { cairn_live_objects() <= before }
      }
    }

    // Ten thousand of them, a tenth with a live collection.
    @Test func cyclesDoNotGrow() async throws {
      try await inFolder { folder in
        func cycle(_ i: Int) async throws {
          try await Database.with(folder + "/a.cairn") { database in
            let collection = try await database.collection("todos", of: Todo.self, key: \.id)
            try await collection.insert(Todo(id: "a", title: "A\(i)"))
            #expect(try await collection.rows(where: \.id == "a").count == 1)
            if i % 10 != 0 { return }
            let live = try await collection.live()
            try await live.whenReady()
            #expect(await live["a"] != nil)
          }
        }
        for i in 0..<500 { try await cycle(i) }
        try await Task.sleep(for: .milliseconds(50))
        let (objects, files, memory) = (cairn_live_objects(), openFiles(), residentMemory())
        for i in 0..<10_000 { try await cycle(i) }
        try await eventually("all objects are freed") { cairn_live_objects() <= objects }
        #expect(openFiles() <= files + 2)
        #expect(residentMemory() < memory + 16 * 1024, "KiB, from \(memory)")
      }
    }

    @Test func everyFunctionOfTheHeadersIsThere() throws {
      let root = URL(filePath: #filePath).appending(path: "../../../../../capi").standardized
      let headers = root.appending(path: "include/cairn")
      var names: [String] = []
      for header in try FileManager.default.contentsOfDirectory(atPath: headers.path()) {
        let text = try String(contentsOf: headers.appending(path: header), encoding: .utf8)
        for match in text.matches(of: /CAIRN_API[^;(]*?(cairn_[a-z0-9_]+)\(/) { names.append(String(match.1)) }
      }
      let exports = try String(contentsOf: root.appending(path: "exports.txt"), encoding: .utf8)
      for match in exports.matches(of: /(cairn_[a-z0-9_]+)\(/) { names.append(String(match.1)) }
      #expect(Set(names).count > 60)
      for name in Set(names) { #expect(dlsym(dlopen(nil, RTLD_NOW), name) != nil, "\(name)") }
    }

    // test.sh compares what it prints.
    @Test func theReadmeHasTheExample() throws {
      let package = URL(filePath: #filePath).appending(path: "../../..").standardized
      func text(_ path: String) throws -> String {
        try String(contentsOf: package.appending(path: path), encoding: .utf8)
      }
      let example = try text("Example/main.swift")
      let code = example[example.range(of: "import Cairn")!.lowerBound...]
      #expect(try text("README.md").contains("```swift\n" + code + "```"))
      #expect(try text("README.md").contains("```\n" + text("Example/output.txt") + "```"))
    }

    @Test func anotherLibraryIsRefused() throws {
      try checkVersion()
      #expect(throws: CairnError.self) { try engine { cairn_check_version(CAIRN_ABI_VERSION, schemaHash ^ 1, $0) } }
      #expect(cairn_schema_hash() == schemaHash)
    }
  }
}
