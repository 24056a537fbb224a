// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "Cairn",
  platforms: [.macOS(.v15), .iOS(.v18)],
  products: [.library(name: "Cairn", targets: ["Cairn"])],
  targets: [
    .systemLibrary(name: "CCairn", pkgConfig: "cairn"),
    .plugin(name: "SchemaHash", capability: .buildTool()),
    .target(name: "Cairn", dependencies: ["CCairn"], plugins: ["SchemaHash"]),
    .systemLibrary(name: "CSQLite", path: "Benchmarks/CSQLite"),
    .executableTarget(
      name: "Hydrate", dependencies: ["Cairn", "CSQLite"], path: "Benchmarks/Hydrate"),
    .executableTarget(
      name: "Example", dependencies: ["Cairn"], path: "Example", exclude: ["output.txt"]),
    .executableTarget(name: "Peer", dependencies: ["Cairn"], path: "Tests/Peer"),
    .executableTarget(
      name: "Conformance", dependencies: ["Cairn", "CCairn"], path: "Conformance"),
    .testTarget(name: "CairnTests", dependencies: ["Cairn", "CCairn", "CSQLite", "Peer"]),
  ],
  swiftLanguageModes: [.v6]
)
