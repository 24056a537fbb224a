// Makes the source file that says which schemas this binding was built from, for the check when a
// database is opened. The schemas are those that stand in the tree beside this package.
import Foundation
import PackagePlugin

@main
struct SchemaHash: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let script = context.package.directoryURL.appending(path: "Plugins/SchemaHash/schema_hash.sh")
    let schemas = context.package.directoryURL.appending(path: "../../schemas").standardized
    let names = ["batch", "query", "requests", "messages", "coordination", "replica"]
    let inputs = names.map { schemas.appending(path: "\($0).fbs") }
    let output = context.pluginWorkDirectoryURL.appending(path: "SchemaHash.swift")
    return [
      .buildCommand(
        displayName: "The hash of the schemas",
        executable: URL(filePath: "/bin/sh"),
        arguments: [script.path(), output.path()] + inputs.map { $0.path() },
        inputFiles: [script] + inputs,
        outputFiles: [output])
    ]
  }
}
