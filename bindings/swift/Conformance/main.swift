// The conformance runner in Swift: calls on standard input, what came of each on standard output, as
// tests/conformance/RUNNERS.md says. One thread.
import Foundation

let runner = Runner()
while let line = readLine() {
  let answer = try runner.answer(to: split(line, at: "\t")).joined(separator: "\t")
  // Written at once, which print would not.
  FileHandle.standardOutput.write(Data("\(answer)\n".utf8))
}
