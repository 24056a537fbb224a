// What goes wrong: the engine's status with its message, and the same for what this binding finds
// itself. Any thread.
import CCairn

/// Why a call has failed. `code` is what to branch on, `message` is for people.
public struct CairnError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The engine's status, append-only: names are those of `cairn/status.h` in Swift's spelling.
  public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let notFound = Code(rawValue: 2)
    public static let cancelled = Code(rawValue: 3)
    public static let invalidArgument = Code(rawValue: 100)
    public static let malformed = Code(rawValue: 101)
    public static let invalidValue = Code(rawValue: 102)
    public static let tooLarge = Code(rawValue: 103)
    public static let unsupported = Code(rawValue: 104)
    public static let wrongState = Code(rawValue: 105)
    public static let forked = Code(rawValue: 106)
    public static let schemaMismatch = Code(rawValue: 200)
    public static let dropped = Code(rawValue: 201)
    public static let snapshotExpired = Code(rawValue: 202)
    public static let notLeader = Code(rawValue: 203)
    public static let reset = Code(rawValue: 204)
    public static let busy = Code(rawValue: 300)
    public static let readOnly = Code(rawValue: 301)
    public static let diskFull = Code(rawValue: 302)
    public static let io = Code(rawValue: 303)
    public static let corrupt = Code(rawValue: 304)
    public static let notADatabase = Code(rawValue: 305)
    public static let foreignDatabase = Code(rawValue: 306)
    public static let newerFormat = Code(rawValue: 307)
    public static let cannotOpen = Code(rawValue: 308)
    public static let host = Code(rawValue: 309)
    public static let truncated = Code(rawValue: 310)
    public static let timeout = Code(rawValue: 311)
    public static let outOfMemory = Code(rawValue: 400)
    public static let `internal` = Code(rawValue: 401)
    public static let versionSkew = Code(rawValue: 402)

    /// The name in C, such as "CAIRN_BUSY".
    public var description: String { String(cString: cairn_status_name(rawValue)) }
  }

  public var code: Code
  public var message: String
  /// SQLite's extended result code where SQLite was the cause, else 0.
  public var sqliteCode: Int32
  /// Whether the same call may succeed later without any change by the caller.
  public var isRetryable: Bool

  public init(_ code: Code, _ message: String, sqliteCode: Int32 = 0, isRetryable: Bool = false) {
    self.code = code
    self.message = message
    self.sqliteCode = sqliteCode
    self.isRetryable = isRetryable
  }

  /// Takes the engine's error.
  init(status: cairn_status, taking error: OpaquePointer?) {
    defer { cairn_error_free(error) }
    let message = error == nil ? "" : String(cString: cairn_error_message(error))
    self.init(
      Code(rawValue: status), message, sqliteCode: cairn_error_sqlite_code(error),
      isRetryable: cairn_error_retryable(error) != 0)
  }

  public var description: String { "\(code): \(message)" }
}

/// Calls the engine: gives statuses below 100, throws the others.
@discardableResult
func engine(_ call: (UnsafeMutablePointer<OpaquePointer?>) -> cairn_status) throws -> cairn_status {
  var error: OpaquePointer?
  let status = call(&error)
  if status >= 100 { throw CairnError(status: status, taking: error) }
  return status
}

/// The same for what gives a buffer: nil with statuses that say that there is none.
func engineBuffer(
  _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<OpaquePointer?>) -> cairn_status
) throws -> EngineBuffer? {
  var out: OpaquePointer?
  try engine { call(&out, $0) }
  return out.map(EngineBuffer.init)
}

/// The same for what has to give one: what is not found, or was cancelled, throws.
func requireBuffer(
  _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<OpaquePointer?>) -> cairn_status
) throws -> EngineBuffer {
  EngineBuffer(try openHandle(call))
}

/// The same for a handle.
func openHandle(
  _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<OpaquePointer?>) -> cairn_status
) throws -> OpaquePointer {
  var out: OpaquePointer?
  let status = try engine { call(&out, $0) }
  if let out { return out }
  let what = status == CAIRN_CANCELLED ? "the call was cancelled" : "there is no such thing here"
  throw CairnError(CairnError.Code(rawValue: status), what)
}

/// Throws unless the library is the one that this binding was made for.
func checkVersion() throws {
  try engine { cairn_check_version(CAIRN_ABI_VERSION, schemaHash, $0) }
}
