// Bytes that the engine gave, and how bytes and texts are lent to it. Any thread: they do not change.
import CCairn

/// Owned bytes of the engine, freed with the last reference.
public final class EngineBuffer: @unchecked Sendable {
  private let buffer: OpaquePointer

  init(_ buffer: OpaquePointer) { self.buffer = buffer }
  deinit { cairn_buffer_free(buffer) }

  public var count: Int { cairn_buffer_size(buffer) }

  /// The bytes, valid while the body runs.
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(unsafeBytes)
  }

  /// The bytes: valid while this object lives, for those who keep it.
  var unsafeBytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: cairn_buffer_data(buffer), count: cairn_buffer_size(buffer))
  }

  public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}

extension String {
  /// Lends the text to the engine: pointer and size.
  func lend<Result>(_ body: (UnsafePointer<CChar>?, Int) throws -> Result) rethrows -> Result {
    var text = self
    return try text.withUTF8 { utf8 in
      try utf8.withMemoryRebound(to: CChar.self) { try body($0.baseAddress, $0.count) }
    }
  }
}

extension Array where Element == UInt8 {
  /// Lends the bytes to the engine: pointer and size.
  func lend<Result>(_ body: (UnsafePointer<UInt8>?, Int) throws -> Result) rethrows -> Result {
    try withUnsafeBufferPointer { try body($0.count == 0 ? nil : $0.baseAddress, $0.count) }
  }
}

extension EngineBuffer {
  func lend<Result>(_ body: (UnsafePointer<UInt8>?, Int) throws -> Result) rethrows -> Result {
    try withUnsafeBytes { try body($0.bindMemory(to: UInt8.self).baseAddress, $0.count) }
  }
}
