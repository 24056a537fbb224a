// What functions of the C API are called with. The types of their parameters say which words these are made
// of, so that most calls need no more here than the name of their function. One thread.

protocol Argument {
  static func next(of runner: Runner) throws -> Self
}

/// The size of the bytes before it.
extension Int: Argument {
  static func next(of runner: Runner) -> Self { runner.lent.last!.length }
}

extension Optional: Argument where Wrapped: Pointer {
  static func next(of runner: Runner) throws -> Self { try Wrapped.next(of: runner) }
}

protocol Pointer {
  static func next(of runner: Runner) throws -> Self?
}

/// A handle.
extension OpaquePointer: Pointer {
  static func next(of runner: Runner) -> Self? { runner.nextHandle()?.pointer }
}

/// A table, a text or a value.
extension UnsafePointer: Pointer {
  static func next(of runner: Runner) throws -> Self? { try runner.lendNext().assumingMemoryBound(to: Pointee.self) }
}

/// For what the function gives; the last one for its error.
extension UnsafeMutablePointer: Pointer {
  static func next(of runner: Runner) -> Self? { runner.nextOut().assumingMemoryBound(to: Pointee.self) }
}
