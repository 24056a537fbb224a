// What the tests share: folders of their own, waiting for something, and row types.
import CCairn
import Foundation
import Testing

@testable import Cairn

/// All suites run one after another: some count the engine's objects.
@Suite(.serialized) struct All {}

struct Todo: Codable, Sendable, Equatable {
  struct Meta: Codable, Sendable, Equatable {
    var src: String
    var pts: Int
  }
  var id: String
  var title: String
  var done = false
  var priority = 0
  var due: Date?
  var tags: [String] = []
  var meta: Meta?
}

/// A folder that goes when the body ends.
func inFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "cairn-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder.path())
}

/// Waits until it holds, for some seconds.
func eventually(
  _ what: String, _ condition: () async throws -> Bool, _ location: SourceLocation = #_sourceLocation
) async throws {
  for _ in 0..<1000 {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(10))
  }
  Issue.record("in vain was waited for: \(what)", sourceLocation: location)
}

/// The code of what the body throws.
func code(_ body: () async throws -> Void) async -> CairnError.Code? {
  do {
    try await body()
    return nil
  } catch {
    return (error as? CairnError)?.code
  }
}

func openFiles() -> Int {
  (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
}

/// In KiB.
func residentMemory() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
  return line.flatMap { Int($0.split(separator: " ").dropLast().last ?? "0") } ?? 0
}
