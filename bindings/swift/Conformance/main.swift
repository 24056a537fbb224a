// The conformance corpus in Swift, every database in a file; tests/conformance/README.md says how it is
// called. The first argument is the folder of the corpus, which conformance.sh gives.
import Foundation

@testable import Cairn

/// Runs steps in an empty folder of their own; gives why they failed.
func run(_ steps: Json?, mainFile: String? = nil) -> String? {
  let folder = FileManager.default.temporaryDirectory.appending(path: "cairn-\(UUID().uuidString)").path()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  do {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Scenario(folder: folder, mainFile: mainFile).run(steps?.items ?? [])
    return nil
  } catch {
    return (error as? Failure)?.message ?? "\(error)"
  }
}

func corpus(_ path: String) throws -> Json { try Json(Data(contentsOf: URL(filePath: path))) }

func runArea(_ path: String) throws -> Int {
  let area = URL(filePath: path).deletingPathExtension().lastPathComponent
  let scenarios = try corpus(path)["scenarios"]!.items
  var failed = 0
  for scenario in scenarios {
    guard let why = run(scenario["steps"]) else { continue }
    print("  \(why)\nFAILED \(area): \(scenario["name"]!.text!)")
    failed += 1
  }
  print("\(area) passed \(scenarios.count - failed) failed \(failed)")
  return failed
}

let arguments = CommandLine.arguments
guard arguments.count > 2 else { fatalError("main.swift says how this is called") }
let (folder, mode, paths) = (arguments[1], arguments[2], Array(arguments[3...]))
var failed = 0
switch mode {
case "scenarios":
  let all = try FileManager.default.contentsOfDirectory(atPath: folder + "/scenarios")
    .filter { $0.hasSuffix(".json") }.sorted().map { folder + "/scenarios/" + $0 }
  for path in paths.isEmpty ? all : paths { failed += try runArea(path) }
case "write", "read":
  let steps = try corpus(folder + "/files.json")[mode]
  for path in paths {
    let why = run(steps, mainFile: path)
    if let why { print("  \(why)") }
    print("\(path) \(why == nil ? "passed" : "failed")")
    failed += why == nil ? 0 : 1
  }
default: fatalError("there is no mode \(mode)")
}
exit(failed == 0 ? 0 : 1)
