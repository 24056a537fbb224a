import CCairn
import Foundation
import Testing

@testable import Cairn

extension All {
  @Suite struct Bytes {
    // The slots that are written are those of the fields with these names.
    @Test func eventsHaveTheirFields() throws {
      var event = ReplicaEvent(kind: .mutate)
      event.number = 1
      event.subsetId = 2
      event.subset = try makeTable("Subset", ["limit": 3]).bytes
      event.batch = [4]
      event.id = "five"
      event.mutationIds = ["six", "6"]
      event.metadata = [("seven", 7), ("gone", nil)]
      event.request = .pullSince
      event.payload = [9]
      event.effect = 10
      event.status = -11
      event.message = "twelve"
      event.nowMs = -13
      let bytes = try event.bytes()
      let table = try bytes.withUnsafeBytes { try TableView("ReplicaEvent", $0, owner: nil).root }
      #expect(try table.number("kind") == UInt64(EventKind.mutate.rawValue))
      #expect(try table.number("number") == 1 && table.number("subset_id") == 2)
      #expect(try table.bytes("subset")?.elementsEqual(event.subset!) == true)
      #expect(try table.bytes("batch")?.elementsEqual([4]) == true)
      #expect(try table.text("id") == "five" && table.texts("mutation_ids") == ["six", "6"])
      let metadata = try table.tables("metadata")
      #expect(try metadata.map { try $0.text("key") } == ["seven", "gone"])
      #expect(try metadata[0].value("value") == 7 && metadata[1].value("value") == nil)
      #expect(try table.number("request") == 3 && table.bytes("payload")?.first == 9)
      #expect(try table.number("effect") == 10)
      #expect(try Int64(bitPattern: table.number("status")!) == -11)
      #expect(try table.text("message") == "twelve")
      #expect(try Int64(bitPattern: table.number("now_ms")!) == -13)
      withExtendedLifetime(bytes) {}
    }

    @Test func kindsAreThoseOfTheSchemas() throws {
      let schema = URL(filePath: #filePath).appending(path: "../../../../../schemas/replica.fbs").standardized
      let text = try String(contentsOf: schema, encoding: .utf8)
      #expect(text.contains("Tick = \(EventKind.tick.rawValue) "))
      #expect(text.contains("Mutate = \(EventKind.mutate.rawValue),"))
      #expect(text.contains("Reply = \(EffectKind.reply.rawValue) "))
      #expect(text.contains("RestartSource = \(EffectKind.restartSource.rawValue),"))
    }

    static func batch() throws -> [UInt8] {
      var writer = RowBatchWriter()
      try writer.add(.insert("a", ["t": "one", "n": 1, "d": .date(Date(milliseconds: 5))], metadata: .set([1])))
      try writer.add(.update(2, ["t": .undefined, "l": [1, "x"]]))
      try writer.add(.delete("b"))
      try writer.add(.touch("c", metadata: .remove))
      return writer.bytes()
    }

    @Test func batchesOfEveryOp() throws {
      let bytes = try Self.batch()
      try bytes.withUnsafeBytes { bytes in
        let reader = try RowBatchReader(bytes, owner: nil)
        var rows: [(Key, RowOp, Object?, Value?)] = []
        try reader.forEachRow {
          rows.append(($0.key, $0.op, try $0.valueAt.map { try reader.values!.object($0) }, $0.metadata))
        }
        #expect(rows.map(\.0) == ["a", 2, "b", "c"] && rows.map(\.1) == [.insert, .update, .delete, .touch])
        #expect(rows[0].2?["t"] == "one" && rows[0].3 == [1] && rows[1].2?["t"] == .undefined)
      }
    }

    // Whatever the bytes are: an error or values, never a crash.
    @Test func malformedBytes() async throws {
      let database = try await Database.inMemory()
      let collection = try await database.collection("c", key: "id")
      let rows = (0..<12).map { i in
        var row: Object = ["id": .integer(i), "b": .bytes([1, 2]), "l": ["a", .null], "o": ["p": true]]
        row["t"] = .string(i % 2 == 0 ? "even" : "odd")
        row["x"] = .number(Double(i) / 3)
        row["d"] = .date(Date(milliseconds: Int64(i)))
        row["m"] = i % 3 == 0 ? .bigint(5) : .null
        return row
      }
      try await collection.insert(rows)
      let buffer = try await collection.run { collection in
        let cursor = try openHandle { cairn_collection_load(collection, nil, 0, $0, $1) }
        defer { cairn_cursor_close(cursor) }
        return try requireBuffer { cairn_cursor_next(cursor, $0, $1) }
      }
      await database.close()
      for valid in [buffer.bytes, try Self.batch()] {
        var read = 0
        for i in valid.indices {
          for change: UInt8 in [0x01, 0x80, 0xFF, 0x04] {
            var bytes = valid
            bytes[i] ^= change
            if (try? Self.readAll(bytes)) != nil { read += 1 }
          }
          if (try? Self.readAll(Array(valid[..<i]))) != nil { read += 1 }
        }
        #expect(read > 0 && read < 5 * valid.count)
      }
      let portable = try PortableWriter.bytes(.array(rows.map { .object($0) }))
      for i in portable.indices {
        for change: UInt8 in [0x01, 0x80, 0xFF, 0x04] {
          var bytes = portable
          bytes[i] ^= change
          _ = try? bytes.withUnsafeBytes { try PortableReader.value($0) }
        }
      }
    }

    struct Anything: Codable, Sendable {
      var t: String?
      var x: Double?
      var d: Date?
      var b: Data?
      var l: [String?]?
      var o: [String: Bool]?
      var m: BigInteger?
    }

    static func readAll(_ bytes: [UInt8]) throws {
      try bytes.withUnsafeBytes { bytes in
        let reader = try RowBatchReader(bytes, owner: nil)
        try reader.forEachRow { row in
          guard let at = row.valueAt else { return }
          _ = try reader.values!.object(at)
          _ = try? RowDecoder.decode(Anything.self, reader.values!, at)
        }
      }
    }

    // A type may keep its decoder's container, and read it when the batch is long gone.
    final class Lazy: Codable, Sendable {
      enum Keys: String, CodingKey { case id, t }
      nonisolated(unsafe) let container: KeyedDecodingContainer<Keys>
      init(from decoder: any Decoder) throws { container = try decoder.container(keyedBy: Keys.self) }
      func encode(to encoder: any Encoder) throws {}
      var t: String { (try? container.decode(String.self, forKey: .t)) ?? "?" }
    }

    @Test func containersMayBeKept() async throws {
      let database = try await Database.inMemory()
      let plain = try await database.collection("c", key: "id")
      try await plain.insert((0..<100).map { ["id": .integer($0), "t": .string("a text of some length \($0)")] })
      let lazy = try await database.collection("c", of: Lazy.self, key: \.t)
      let rows = try await lazy.rows()
      await database.close()
      for (i, row) in rows.enumerated() { #expect(row.t == "a text of some length \(i)") }
    }
  }
}
