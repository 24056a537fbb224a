// Reads tables of schemas/ by their fields' names through the C API's views: a few calls a table, and
// vectors where they stand. One thread at a time; what it lends is valid while the view lives.
import CCairn

final class TableView {
  private let view: OpaquePointer
  // What the bytes belong to.
  private let owner: AnyObject?

  /// A view over a whole buffer.
  convenience init(_ table: String, _ buffer: EngineBuffer) throws {
    try self.init(table, buffer.unsafeBytes, owner: buffer)
  }

  init(_ table: String, _ bytes: UnsafeRawBufferPointer, owner: AnyObject?) throws {
    var out: OpaquePointer?
    _ = try table.lend { name, size in
      try engine {
        cairn_view_open(
          name, size, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &out, $0)
      }
    }
    view = out!
    self.owner = owner
  }

  deinit { cairn_view_close(view) }

  var root: Table { Table(view: self, number: 0) }

  /// One table of the view.
  struct Table {
    let view: TableView
    fileprivate let number: UInt32

    /// Nil where it is absent.
    func number(_ field: StaticString) throws -> UInt64? {
      var out: UInt64 = 0
      let status = try engine {
        cairn_view_number(view.view, number, field.cString, field.utf8CodeUnitCount, &out, $0)
      }
      return status == CAIRN_OK ? out : nil
    }

    func vector<Element>(_ field: StaticString, of type: Element.Type) throws
      -> UnsafeBufferPointer<Element>?
    {
      var out: UnsafeRawPointer?
      var count = 0
      let status = try engine {
        cairn_view_vector(
          view.view, number, field.cString, field.utf8CodeUnitCount,
          UInt32(MemoryLayout<Element>.size), &out, &count, $0)
      }
      guard status == CAIRN_OK else { return nil }
      return UnsafeBufferPointer(
        start: out?.bindMemory(to: Element.self, capacity: count), count: out == nil ? 0 : count)
    }

    func text(_ field: StaticString, _ index: Int = 0) throws -> String? {
      var out: UnsafePointer<CChar>?
      var size = 0
      let status = try engine {
        cairn_view_text(
          view.view, number, field.cString, field.utf8CodeUnitCount, index, &out, &size, $0)
      }
      guard status == CAIRN_OK else { return nil }
      return String(decoding: UnsafeRawBufferPointer(start: out, count: size), as: UTF8.self)
    }

    func table(_ field: StaticString, _ index: Int = 0) throws -> Table? {
      var out: UInt32 = 0
      let status = try engine {
        cairn_view_table(view.view, number, field.cString, field.utf8CodeUnitCount, index, &out, $0)
      }
      return status == CAIRN_OK ? Table(view: view, number: out) : nil
    }

    func texts(_ field: StaticString) throws -> [String] {
      var texts: [String] = []
      while let text = try text(field, texts.count) { texts.append(text) }
      return texts
    }

    func tables(_ field: StaticString) throws -> [Table] {
      var tables: [Table] = []
      while let table = try table(field, tables.count) { tables.append(table) }
      return tables
    }

    func bool(_ field: StaticString) throws -> Bool { try number(field) == 1 }
    func integer(_ field: StaticString) throws -> Int {
      Int(truncatingIfNeeded: try number(field) ?? 0)
    }

    func bytes(_ field: StaticString) throws -> UnsafeRawBufferPointer? {
      try vector(field, of: UInt8.self).map { UnsafeRawBufferPointer($0) }
    }

    /// A portable value, or nil where it is absent.
    func value(_ field: StaticString) throws -> Value? {
      try bytes(field).map { try PortableReader.value($0) }
    }
  }
}

extension StaticString {
  fileprivate var cString: UnsafePointer<CChar> {
    UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
