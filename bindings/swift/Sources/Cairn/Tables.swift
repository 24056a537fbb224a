// The tables of options and results as Swift types. Small tables go as JSON through the engine, which
// knows every field of schemas/: so a field that it gains is one property here. Value types; any thread.
import CCairn

/// Makes a table of schemas/ from a value: cairn_table_from_json.
func makeTable(_ name: String, _ value: Value) throws -> EngineBuffer {
  let portable = try PortableWriter.bytes(value)
  let json = try requireBuffer { out, error in
    portable.lend { cairn_value_to_json($0, $1, out, error) }
  }
  return try requireBuffer { out, error in
    name.lend { name, nameSize in
      json.withUnsafeBytes { bytes in
        cairn_table_from_json(
          name, nameSize, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, out, error)
      }
    }
  }
}

func makeTable<T: Encodable>(_ name: String, _ options: T) throws -> EngineBuffer {
  try makeTable(name, RowEncoder.encode(options, snakeCase: true))
}

/// Reads a table of schemas/ as a value: names as there, defaults left out.
func readTable(_ name: String, _ buffer: EngineBuffer) throws -> Value {
  let json = try requireBuffer { out, error in
    name.lend { name, nameSize in
      buffer.lend { cairn_table_to_json(name, nameSize, $0, $1, out, error) }
    }
  }
  let portable = try requireBuffer { out, error in
    json.withUnsafeBytes { bytes in
      cairn_value_from_json(bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, out, error)
    }
  }
  return try portable.withUnsafeBytes { try PortableReader.value($0) }
}

func readTable<T: Decodable>(_ type: T.Type, _ name: String, _ buffer: EngineBuffer) throws -> T {
  try RowDecoder.decode(type, readTable(name, buffer), rules: .tables)
}

public enum Durability: String, Sendable, Codable, CaseIterable {
  /// `os` for synced collections, `disk` for local-only ones.
  case `default` = "Default"
  /// Handed to the operating system: survives the process, not a power loss.
  case os = "Os"
  /// Synced to the disk.
  case disk = "Disk"
}

public struct DatabaseOptions: Sendable, Encodable {
  public enum Damage: String, Sendable, Codable, CaseIterable {
    /// The damaged file is renamed with its journal, and a new database begins.
    case setAside = "SetAside"
    case refuse = "Refuse"
  }

  public var readOnly = false
  public var inMemory = false
  public var durability = Durability.default
  /// How long to wait for another writer.
  public var busyTimeoutMs = 5000
  /// Upkeep on a thread of the database's own.
  public var background = true
  public var damage = Damage.setAside
  /// Have everything checked when opening: reads the whole file.
  public var check = false

  public init() {}
  public static var inMemory: DatabaseOptions {
    var options = DatabaseOptions()
    options.inMemory = true
    return options
  }
}

public struct CollectionOptions: Sendable, Encodable {
  public enum MismatchPolicy: String, Sendable, Codable, CaseIterable {
    /// Reset for synced collections, an error for local-only ones.
    case `default` = "Default"
    case reset = "Reset"
    case error = "Error"
  }

  public var schemaVersion = 1
  /// No sync source: the only copy of the data is here.
  public var local = false
  public var mismatchPolicy = MismatchPolicy.default
  public var durability = Durability.default
  public var logTransactions = 1000
  public var logSeconds = 86400

  public init(schemaVersion: Int = 1, local: Bool = false) {
    self.schemaVersion = schemaVersion
    self.local = local
  }
}

public struct TransactionOptions: Sendable, Encodable {
  public enum Mode: String, Sendable, Codable, CaseIterable {
    case apply = "Apply"
    /// The rows are a full snapshot: rows that it lacks are deleted.
    case reconcile = "Reconcile"
  }

  public var mode = Mode.apply
  /// Updates replace instead of merging.
  public var replace = false
  /// Drop the rows first.
  public var truncate = false
  public var id: String?
  public var writer: String?
  public var term = 0
  public var seq = 0
  public var rowVersion = 0
  /// A repeated request returns its first result.
  public var requestId: String?
  public var durability = Durability.default
  /// Report, then roll back.
  public var dryRun = false
  /// List the keys in the result.
  public var reportKeys = false

  public init() {}
}

public struct Position: Sendable, Hashable, Codable {
  public var term: Int
  public var seq: Int
  public var rowVersion: Int
  public var resetEpoch: Int
}

public struct CommitResult: Sendable, Decodable {
  public enum Outcome: String, Sendable, Codable, CaseIterable {
    case applied = "Applied"
    /// Nothing differed: no row was written.
    case unchanged = "Unchanged"
    /// The position counts as applied already.
    case ignored = "Ignored"
    /// The request id was seen before: its first result.
    case repeated = "Repeated"
  }

  public let outcome: Outcome
  public let position: Position
  public let previousVersion: Int
  /// What was reached.
  public let durability: Durability
  public let inserted: Int
  public let updated: Int
  public let deleted: Int
  public let unchanged: Int
  /// With `reportKeys`.
  public let insertedKeys: [Value]?
  public let updatedKeys: [Value]?
  public let deletedKeys: [Value]?
}

public struct IndexInfo: Sendable, Decodable {
  public let signature: String
  public let ready: Bool
  public let rowsDone: Int
  public let rowsTotal: Int
  public let entries: Int
  public let definition: String
}

public struct CollectionInfo: Sendable, Decodable {
  public let name: String
  public let schemaVersion: Int
  public let local: Bool
  public let rows: Int
  public let position: Position
  public let logHorizon: Int
  /// This opening found another schema version and reset the collection.
  public let wasReset: Bool
  public let indexes: [IndexInfo]
}

public struct DatabaseInfo: Sendable, Decodable {
  public struct Collection: Sendable, Decodable {
    public let name: String
    public let schemaVersion: Int
    public let local: Bool
    public let rows: Int
    public let rowVersion: Int
  }

  public let path: String
  public let formatVersion: Int
  public let engineVersion: String
  public let sqliteVersion: String
  public let fileBytes: Int
  public let journalBytes: Int
  public let freeBytes: Int
  public let shapes: Int
  public let readOnly: Bool
  public let collections: [Collection]
  public let damagedFile: String?
  public let damage: String?
}

public struct CheckReport: Sendable, Decodable {
  public struct Problem: Sendable, Decodable {
    public let collection: String
    public let key: Value?
    public let message: String
  }

  public let ok: Bool
  public let pagesChecked: Bool
  public let rows: Int
  public let problems: [Problem]
  public let problemCount: Int
}

public struct DigestReport: Sendable, Decodable {
  public struct Collection: Sendable, Decodable {
    public let name: String
    public let rows: Int
    public let digest: String
  }

  public let digest: String
  public let collections: [Collection]
}

public struct BackupReport: Sendable, Decodable {
  public let rows: Int
  public let fileBytes: Int
  /// Where a restore has put the file that was there before.
  public let replaced: String?
}

public struct SalvageReport: Sendable, Decodable {
  public struct Collection: Sendable, Decodable {
    public let name: String
    public let named: Bool
    public let stateFound: Bool
    public let schemaVersion: Int
    public let local: Bool
    public let rows: Int
    public let expected: Int
    public let lost: Int
    public let damaged: Int
    public let damagedKeys: [Value]?
    public let metadataLost: Int
    public let metadataEntries: Int
    public let whole: Bool
  }

  /// Nothing is known to be lost.
  public let complete: Bool
  public let collections: [Collection]
  public let rows: Int
  public let pages: Int
  public let damagedPages: Int
  public let pageSize: Int
  public let shapes: Int
  public let journalUsed: Bool
}

public struct MetadataEntry: Sendable, Codable, Hashable {
  public let key: String
  /// Nil in a change: the entry is removed.
  public let value: Value?
}

public struct CursorHead: Sendable, Decodable {
  public let position: Position
  /// A delta cannot be given: load instead.
  public let reload: Bool
  public let reloadReason: String?
  public let changed: Int
  public let deleted: Int
  public let transactionIds: [String]
  public let metadata: [MetadataEntry]
}

public struct Explanation: Sendable, Decodable {
  public enum Access: String, Sendable, Codable, CaseIterable {
    case nothing = "Nothing"
    case scan = "Scan"
    case keys = "Keys"
    case index = "Index"
  }
  public enum Sorting: String, Sendable, Codable, CaseIterable {
    case none = "None"
    case top = "Top"
    case all = "All"
  }

  public let access: Access
  public let indexes: [String]
  public let orderedByIndex: Bool
  public let sorting: Sorting
  public let entriesRead: Int
  public let rowsRead: Int
  public let rowsMatched: Int
  public let rowsDecoded: Int
  public let questions: Int
  public let notes: [String]
}

struct MetadataReport: Decodable {
  let entries: [MetadataEntry]
}
