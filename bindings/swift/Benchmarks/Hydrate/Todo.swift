// The `todo` data set: 9 fields with two dates, tags and a nested object, made from a seed, the same as
// in the other languages' benchmarks.
import Foundation

struct Todo: Codable, Sendable, Equatable {
  struct Meta: Codable, Sendable, Equatable {
    var src: String
    var by: String
    var pts: Int
  }

  var id: String
  var title: String
  var completed: Bool
  var priority: Int
  var listId: String
  var createdAt: Date
  var updatedAt: Date
  var tags: [String]
  var meta: Meta
}

extension Todo {
  private static let words = """
    review call write fix plan buy send check book clean read draft test ship order update pay sort water pack
    """.split(separator: " ").map(String.init)
  private static let allTags = [
    "home", "work", "urgent", "later", "family", "garden", "money", "health",
  ]
  private static let people = ["ann", "bob", "cho", "dan", "eva", "fay", "gus", "hal"]
  private static let firstDay: Double = 1_704_067_200_000
  private static let day: Double = 86_400_000

  static func make(_ row: Int) -> Todo {
    var random = Mulberry(state: UInt32(truncatingIfNeeded: row + 1))
    var words = (0..<2 + random.below(6)).map { _ in Self.words[random.below(Self.words.count)] }
    if random.below(100) < 3 { words.append("日本語") }
    let created = firstDay + Double(random.below(Int(730 * day)))
    let number = String(row, radix: 36)
    let id =
      String(repeating: "0", count: max(0, 5 - number.count)) + number + "-"
      + String(random.below(1 << 31), radix: 36) + String(random.below(1 << 31), radix: 36)
    return Todo(
      id: id, title: words.joined(separator: " "), completed: random.below(3) == 0,
      priority: random.below(5), listId: "l\(random.below(40))",
      createdAt: date(created), updatedAt: date(created + Double(random.below(Int(30 * day)))),
      tags: (0..<random.below(5)).map { _ in allTags[random.below(allTags.count)] },
      meta: Meta(
        src: random.below(2) != 0 ? "web" : "app", by: people[random.below(people.count)],
        pts: random.below(20)))
  }

  private static func date(_ ms: Double) -> Date {
    Date(timeIntervalSinceReferenceDate: (ms - 978_307_200_000) / 1000)
  }
}

// mulberry32: a small generator with a seed.
private struct Mulberry {
  var state: UInt32

  mutating func below(_ bound: Int) -> Int { Int((next() * Double(bound)).rounded(.down)) }

  private mutating func next() -> Double {
    state &+= 0x6d2b_79f5
    var t = state
    t = (t ^ (t >> 15)) &* (t | 1)
    t ^= t &+ (t ^ (t >> 7)) &* (t | 61)
    return Double(t ^ (t >> 14)) / 4_294_967_296
  }
}
