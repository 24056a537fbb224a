import Foundation
import Testing

@testable import Cairn

extension All {
  @Suite struct Values {
    static let all: [Value] = [
      .null, true, false, 0, -1, 31, 32, 255, -128, 65536, -8_388_608, 2_147_483_648, .number(-0.0),
      .number(9_007_199_254_740_991), .number(-9_007_199_254_740_992), .number(1e300), 0.5, 0.1,
      .number(.nan), .number(.infinity), .number(-.infinity), .number(0x1p60),
      .bigint(0), .bigint(-1), .bigint(BigInteger("123456789012345678901234567890")!),
      .bigint(BigInteger("-340282366920938463463374607431768211456")!), .bigint(BigInteger(Int64.min)),
      "", "a", .string(String(repeating: "x", count: 95)), .string(String(repeating: "x", count: 96)),
      "é", "e\u{301}", "日本語", "🙂", "\0", .wtf8([0xED, 0xA0, 0xBD]), .wtf8([0x61, 0xED, 0xB0, 0x80]),
      .bytes([]), .bytes([0, 255, 1]), .date(Date(milliseconds: 0)), .date(Date(milliseconds: -1)),
      .date(Date(milliseconds: 8_640_000_000_000_000)), .date(Date(milliseconds: -8_640_000_000_000_000)),
      .date(Date(milliseconds: 8_639_999_999_999_999)), .date(Date(milliseconds: 1_767_225_600_123)),
      [], [1, "a", .null, [[]]], [:], ["b": 1, "a": ["c": .null]], .array(Array(repeating: 1, count: 300)),
    ]

    @Test(arguments: all) func portableValuesGoThereAndBack(_ value: Value) throws {
      let bytes = try PortableWriter.bytes(value)
      #expect(try bytes.withUnsafeBytes { try PortableReader.value($0) } == value)
      // The engine takes them for the same: what it gives back is what was written.
      let table = try makeTable("Answer", ["values": value])
      let seen = try TableView("Answer", table).root.value("values")
      if case .wtf8 = value { return }  // JSON is in between
      #expect(seen == value)
    }

    @Test func valuesAreKeptExactlyInRows() async throws {
      try await inFolder { folder in
        let path = folder + "/a.cairn"
        let rows = Self.all.enumerated().map { ["id": .integer($0), "value": $1] as Object }
        try await Database.with(path) { database in
          try await database.collection("c", key: "id").insert(rows)
        }
        try await Database.with(path) { database in
          let collection = try await database.collection("c", key: "id")
          #expect(try await collection.rows() == rows)
          for (i, row) in rows.enumerated() { #expect(try await collection.get(i) == row) }
        }
      }
    }

    @Test func keysAreTextsAndNumbers() async throws {
      let database = try await Database.inMemory()
      let collection = try await database.collection("c", key: "id")
      let keys: [Value] = [1, "1", .number(-0.0), 0, 0.5, "é", "e\u{301}", .wtf8([0xED, 0xA0, 0xBD]), ""]
      try await collection.insert(keys.map { ["id": $0] })
      #expect(try await collection.info().rows == keys.count)
      for key in keys { #expect(try await collection.get(Key(key)!)?["id"] == key) }
      #expect(Key.number(0) != Key.number(-0.0) && Key.string("é") != Key.string("e\u{301}"))
      #expect(await code { try await collection.insert(["id": true]) } == .invalidValue)
      #expect(await code { try await collection.insert(["id": .number(.nan)]) } == .invalidValue)
      #expect(await code { _ = try await collection.get(Int.max) } == .invalidValue)
      await database.close()
    }

    struct Wide: Codable, Sendable, Equatable {
      enum Color: String, Codable, Sendable { case red, green }
      var id: Int
      var big: Int64
      var unsigned: UInt64
      var exact: BigInteger
      var data: Data
      var raw: [UInt8]
      var date: Date
      var color: Color
      var maybe: Int?
      var float: Float
      var url: URL
      var uuid: UUID
      var nested: [[Int]]
      var map: [String: Double]
      var any: Value
      var list: [Todo.Meta]
    }

    static let wide = Wide(
      id: 1, big: .max, unsigned: .max, exact: BigInteger("99999999999999999999")!, data: Data([1, 2]),
      raw: [3, 4], date: Date(milliseconds: 1_700_000_000_001), color: .green, maybe: nil, float: 0.25,
      url: URL(string: "https://example.org/a?b")!, uuid: UUID(), nested: [[1], [], [2, 3]], map: ["a": 1.5],
      any: [1, .bigint(2), .bytes([5])], list: [.init(src: "a", pts: 1)])

    @Test func codableTypesOfEveryKind() async throws {
      let database = try await Database.inMemory()
      let collection = try await database.collection("c", of: Wide.self, key: \.id)
      var other = Self.wide
      other.id = 2
      other.maybe = 5
      other.big = 7
      try await collection.insert(Self.wide, other)
      #expect(try await collection.rows() == [Self.wide, other])
      #expect(try await collection.get(2) == other)
      // How they are kept, for other languages.
      let plain = try await database.collection("c", key: "id").get(1)!
      #expect(plain["big"] == .bigint(BigInteger(Int64.max)) && plain["data"] == .bytes([1, 2]))
      #expect(plain["date"] == .date(Self.wide.date) && plain["color"] == "green" && plain["maybe"] == nil)
      await database.close()
    }

    @Test func whatDoesNotFitThrows() async throws {
      struct Small: Codable, Sendable {
        var id: String
        var n: Int8
      }
      let database = try await Database.inMemory()
      let plain = try await database.collection("c", key: "id")
      let small = try await database.collection("c", of: Small.self, key: \.id)
      func isRefused(_ value: Value?) async throws -> Bool {
        try await plain.reset()
        var row: Object = ["id": "x"]
        row["n"] = value
        try await plain.insert(row)
        do {
          _ = try await small.rows()
          return false
        } catch is DecodingError {
          return await code { _ = try await small.get("x") } == nil
        }
      }
      let values: [Value?] = [300, 1.5, "5", Optional.none, .null, .bigint(200), .date(Date())]
      for value in values {
        #expect(try await isRefused(value), "\(String(describing: value))")
      }
      #expect(try await isRefused(.bigint(5)) == false)
      // A text that no String holds is an error, and not replaced.
      try await plain.reset()
      let texts = try await database.collection("c", of: Todo.self, key: \.id)
      try await plain.insert(["id": "x", "title": .wtf8([0x61, 0xED, 0xA0, 0xBD])])
      #expect(await code { _ = try await texts.rows() } == .invalidValue)
      #expect(await code { _ = try await texts.get("x") } == .invalidValue)
      #expect(try await plain.get("x")?["title"] == .wtf8([0x61, 0xED, 0xA0, 0xBD]))
      await database.close()
    }

    @Test func bigIntegers() throws {
      for text in ["0", "1", "-1", "4294967296", "1000000000000000000000", "-18446744073709551616"] {
        #expect(BigInteger(text)?.description == text)
      }
      #expect(BigInteger("1.5") == nil && BigInteger("") == nil && BigInteger("-") == nil)
      #expect(Int64(exactly: BigInteger(Int64.min)) == .min && Int8(exactly: BigInteger(128)) == nil)
      #expect(UInt64(exactly: BigInteger(UInt64.max)) == .max && UInt8(exactly: BigInteger(-1)) == nil)
      #expect(BigInteger(-5) < BigInteger(-4) && BigInteger(-1) < 0 && BigInteger(255) < 256)
      let encoded = try JSONEncoder().encode([BigInteger("123456789012345678901")!])
      #expect(try JSONDecoder().decode([BigInteger].self, from: encoded)[0].description == "123456789012345678901")
    }

    struct Named: Codable, Sendable {
      enum Kind: String, Codable, Sendable, CaseIterable { case one, two }
      struct Inner: Codable, Sendable {
        var deep: Int
        var other: Int
      }
      var plain: Int
      var renamed: String
      var kind: Kind
      var inner: Inner
      var list: [Int]
      var when: Date?
      var id: UUID
      var shout: String { renamed.uppercased() }
      var twice: Int { plain * 2 }
      enum CodingKeys: String, CodingKey {
        case plain, kind, inner, list, when, id
        case renamed = "re_named"
      }
    }

    @Test func keyPathsFollowCodingKeys() throws {
      #expect(try FieldNames.path(of: \Named.plain) == ["plain"])
      #expect(try FieldNames.path(of: \Named.renamed) == ["re_named"])
      #expect(try FieldNames.path(of: \Named.kind) == ["kind"])
      #expect(try FieldNames.path(of: \Named.inner.deep) == ["inner", "deep"])
      #expect(try FieldNames.path(of: \Named.inner) == ["inner"])
      #expect(try FieldNames.path(of: \Named.list) == ["list"])
      #expect(try FieldNames.path(of: \Named.when) == ["when"])
      #expect(try FieldNames.path(of: \Named.id) == ["id"])
      #expect(throws: CairnError.self) { try FieldNames.path(of: \Named.shout) }
      #expect(throws: CairnError.self) { try FieldNames.path(of: \Named.twice) }
      #expect(throws: CairnError.self) { try FieldNames.path(of: \Object.fields) }
    }

    struct Strict: Codable, Sendable, FieldNaming {
      var even: Int
      init(from decoder: any Decoder) throws {
        even = try decoder.singleValueContainer().decode([String: Int].self)["e"] ?? 0
        if even % 2 != 0 { throw CairnError(.invalidValue, "odd") }
      }
      static func fieldPath(of keyPath: PartialKeyPath<Strict>) -> [String]? {
        keyPath == \.even ? ["e"] : nil
      }
    }

    @Test func typesMayNameTheirFields() throws {
      #expect(try FieldNames.path(of: \Strict.even) == ["e"])
    }
  }
}
