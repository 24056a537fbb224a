// Queries over the fields of a row type: predicates and orders by key paths, limit, offset and pages.
// They are descriptions; the engine evaluates them. Value types; any thread.
import Foundation

/// A part of a query that gives an `Output` for each row. Made from key paths by operators:
/// `\Todo.done == false`, `field(\Todo.title).lower() == "tea"`.
public struct Expression<Row, Output>: Sendable {
  let node: QueryNode
  init(_ node: QueryNode) { self.node = node }
}

/// What is true for the rows that are wanted.
public typealias Condition<Row> = Expression<Row, Bool>

indirect enum QueryNode: Sendable {
  case value(Value)
  case reference([String])
  case call(String, [QueryNode])
  /// What made it failed: the query that uses it throws this.
  case failure(CairnError)

  /// The nodes with children before their parents, as the engine takes them.
  func table() throws -> Value {
    var nodes: [Value] = []
    try append(to: &nodes)
    return ["nodes": .array(nodes)]
  }

  @discardableResult
  private func append(to nodes: inout [Value]) throws -> Int {
    switch self {
    case .value(let value): nodes.append(["kind": "Value", "value": value])
    case .reference(let path):
      nodes.append(["kind": "Reference", "path": .array(path.map { .string($0) })])
    case .call(let function, let arguments):
      let positions = try arguments.map { Value.number(Double(try $0.append(to: &nodes))) }
      nodes.append(["kind": "Call", "function": .string(function), "arguments": .array(positions)])
    case .failure(let error): throw error
    }
    return nodes.count - 1
  }

  static func of<Row: Codable>(_ keyPath: KeyPath<Row, some Any>) -> QueryNode {
    do {
      return .reference(try FieldNames.path(of: keyPath))
    } catch let error as CairnError {
      return .failure(error)
    } catch {
      return .failure(CairnError(.invalidArgument, "\(error)"))
    }
  }

  static func of<V: Encodable>(_ value: V) -> QueryNode {
    do {
      return .value(try RowEncoder.encode(value))
    } catch {
      return .failure(error as? CairnError ?? CairnError(.invalidValue, "\(error)"))
    }
  }

  // nil is a field that is null or absent: an optional property may be either.
  static func equal(_ left: QueryNode, _ right: QueryNode) -> QueryNode {
    guard case .value(.null) = right else { return .call("eq", [left, right]) }
    return .call("or", [.call("isNull", [left]), .call("isUndefined", [left])])
  }
}

/// A field as an expression, for functions and operators on it.
public func field<Row: Codable, V>(_ keyPath: KeyPath<Row, V>) -> Expression<Row, V> {
  Expression(.of(keyPath))
}

/// A field by its name in the row, nested ones as further names.
public func field<Row, V>(_ names: String..., of row: Row.Type, as type: V.Type) -> Expression<Row, V> {
  Expression(.reference(names))
}

/// Any function that the engine has, by its name.
public func call<Row, Output>(
  _ function: String, _ arguments: [any QueryArgument], of row: Row.Type, as type: Output.Type
) -> Expression<Row, Output> {
  Expression(.call(function, arguments.map(\.queryArgument)))
}

/// What a function takes: an expression or a value.
public protocol QueryArgument: Sendable {
  var queryArgument: QueryArgumentNode { get }
}
public struct QueryArgumentNode: Sendable {
  let node: QueryNode
}
extension Expression: QueryArgument {
  public var queryArgument: QueryArgumentNode { QueryArgumentNode(node: node) }
}
extension Value: QueryArgument {
  public var queryArgument: QueryArgumentNode { QueryArgumentNode(node: .value(self)) }
}
extension QueryNode {
  fileprivate static func call(_ function: String, _ arguments: [QueryArgumentNode]) -> QueryNode {
    .call(function, arguments.map(\.node))
  }
}

public func == <Row, V: Encodable>(left: Expression<Row, V>, right: V) -> Condition<Row> {
  Condition(.equal(left.node, .of(right)))
}
public func != <Row, V: Encodable>(left: Expression<Row, V>, right: V) -> Condition<Row> {
  Condition(.call("not", [.equal(left.node, .of(right))]))
}
public func < <Row, V: Encodable>(left: Expression<Row, V>, right: V) -> Condition<Row> {
  Condition(.call("lt", [left.node, .of(right)]))
}
public func <= <Row, V: Encodable>(left: Expression<Row, V>, right: V) -> Condition<Row> {
  Condition(.call("lte", [left.node, .of(right)]))
}
public func > <Row, V: Encodable>(left: Expression<Row, V>, right: V) -> Condition<Row> {
  Condition(.call("gt", [left.node, .of(right)]))
}
public func >= <Row, V: Encodable>(left: Expression<Row, V>, right: V) -> Condition<Row> {
  Condition(.call("gte", [left.node, .of(right)]))
}
public func == <Row, V>(left: Expression<Row, V>, right: Expression<Row, V>) -> Condition<Row> {
  Condition(.call("eq", [left.node, right.node]))
}
public func < <Row, V>(left: Expression<Row, V>, right: Expression<Row, V>) -> Condition<Row> {
  Condition(.call("lt", [left.node, right.node]))
}
public func == <Row: Codable, V: Encodable>(left: KeyPath<Row, V>, right: V) -> Condition<Row> {
  field(left) == right
}
public func != <Row: Codable, V: Encodable>(left: KeyPath<Row, V>, right: V) -> Condition<Row> {
  field(left) != right
}
public func < <Row: Codable, V: Encodable>(left: KeyPath<Row, V>, right: V) -> Condition<Row> {
  field(left) < right
}
public func <= <Row: Codable, V: Encodable>(left: KeyPath<Row, V>, right: V) -> Condition<Row> {
  field(left) <= right
}
public func > <Row: Codable, V: Encodable>(left: KeyPath<Row, V>, right: V) -> Condition<Row> {
  field(left) > right
}
public func >= <Row: Codable, V: Encodable>(left: KeyPath<Row, V>, right: V) -> Condition<Row> {
  field(left) >= right
}

public func && <Row>(left: Condition<Row>, right: Condition<Row>) -> Condition<Row> {
  Condition(.call("and", [left.node, right.node]))
}
public func || <Row>(left: Condition<Row>, right: Condition<Row>) -> Condition<Row> {
  Condition(.call("or", [left.node, right.node]))
}
public prefix func ! <Row>(condition: Condition<Row>) -> Condition<Row> {
  Condition(.call("not", [condition.node]))
}

extension Expression where Output: Encodable {
  public func isIn(_ values: [Output]) -> Condition<Row> {
    Condition(.call("in", [node, .of(values)]))
  }
  public func coalesce(_ value: Output) -> Expression { Self(.call("coalesce", [node, .of(value)])) }
}

extension Expression {
  public var isNull: Condition<Row> { Condition(.call("isNull", [node])) }
  public var isUndefined: Condition<Row> { Condition(.call("isUndefined", [node])) }
  /// `%` stands for any text, `_` for one character.
  public func like(_ pattern: String) -> Condition<Row> {
    Condition(.call("like", [node, .value(.string(pattern))]))
  }
  public func ilike(_ pattern: String) -> Condition<Row> {
    Condition(.call("ilike", [node, .value(.string(pattern))]))
  }
  public func lower() -> Expression { Self(.call("lower", [node])) }
  public func upper() -> Expression { Self(.call("upper", [node])) }
  public func length() -> Expression<Row, Int> { Expression<Row, Int>(.call("length", [node])) }
}

extension Expression where Output: Numeric {
  private static func apply(_ function: String, _ left: Self, _ right: Output) -> Self
  where Output: Encodable { Self(.call(function, [left.node, .of(right)])) }
  public static func + (left: Self, right: Output) -> Self where Output: Encodable {
    apply("add", left, right)
  }
  public static func - (left: Self, right: Output) -> Self where Output: Encodable {
    apply("subtract", left, right)
  }
  public static func * (left: Self, right: Output) -> Self where Output: Encodable {
    apply("multiply", left, right)
  }
  public static func / (left: Self, right: Output) -> Self where Output: Encodable {
    apply("divide", left, right)
  }
}

/// One part of an order.
public struct Order<Row>: Sendable {
  public enum Nulls: String, Sendable { case first = "First", last = "Last" }

  let node: QueryNode
  let isDescending: Bool
  var nulls = Nulls.first
  var locale: String?

  public static func ascending<V>(_ expression: Expression<Row, V>) -> Order {
    Order(node: expression.node, isDescending: false)
  }
  public static func descending<V>(_ expression: Expression<Row, V>) -> Order {
    Order(node: expression.node, isDescending: true)
  }
  public func nulls(_ nulls: Nulls) -> Order {
    var order = self
    order.nulls = nulls
    return order
  }
  /// Texts as a locale orders them (BCP 47, "" for the user's own): the query then needs a host.
  public func locale(_ identifier: String) -> Order {
    var order = self
    order.locale = identifier
    return order
  }

  func table() throws -> Value {
    var table: Object = [
      "expression": try node.table(),
      "direction": isDescending ? "Descending" : "Ascending",
      "nulls": .string(nulls.rawValue),
      "string_sort": locale == nil ? "Lexical" : "Locale",
    ]
    if let locale, !locale.isEmpty { table["locale"] = .string(locale) }
    return .object(table)
  }
}

extension Order where Row: Codable {
  public static func ascending<V>(_ keyPath: KeyPath<Row, V>) -> Order { .ascending(field(keyPath)) }
  public static func descending<V>(_ keyPath: KeyPath<Row, V>) -> Order { .descending(field(keyPath)) }
}

/// Which rows are wanted, and in which order. What is not set does not restrict.
public struct Query<Row>: Sendable {
  /// Where a page ends: values of the order's parts, and the key of the row where ties are told apart.
  public struct Boundary: Sendable {
    public var values: [Value]
    public var key: Key?
    public init(_ values: [Value], key: Key? = nil) {
      self.values = values
      self.key = key
    }
  }

  public var `where`: Condition<Row>?
  public var order: [Order<Row>] = []
  public var limit: Int?
  public var offset = 0
  public var after: Boundary?
  public var keys: [Key]?

  public init() {}
  public init(
    where condition: Condition<Row>? = nil, orderBy order: [Order<Row>] = [], limit: Int? = nil,
    offset: Int = 0, after: Boundary? = nil, keys: [Key]? = nil
  ) {
    self.where = condition
    self.order = order
    self.limit = limit
    self.offset = offset
    self.after = after
    self.keys = keys
  }

  /// The table Subset.
  func table() throws -> Value {
    var subset = Object()
    if let keys { subset["keys"] = .array(keys.map(\.value)) }
    if let condition = self.where { subset["where"] = try condition.node.table() }
    if !order.isEmpty { subset["order_by"] = .array(try order.map { try $0.table() }) }
    if let limit { subset["limit"] = .integer(limit) }
    if offset != 0 { subset["offset"] = .integer(offset) }
    if let after {
      var cursor: Object = ["values": .array(after.values)]
      if let key = after.key { cursor["key"] = key.value }
      subset["cursor"] = .object(cursor)
    }
    return .object(subset)
  }
}

/// Answers what the engine cannot decide alone: how a locale orders texts, and what a text that is no
/// ISO 8601 date means as one.
public protocol QueryHost: Sendable {
  /// Numbers that order the texts as the locale does; equal where they tie.
  func rank(_ texts: [String], locale: String?) throws -> [Double]
  /// Nil where it is no date.
  func date(of text: String) throws -> Date?
  func text(of date: Date) throws -> String
}

/// Foundation's order of texts; dates as ISO 8601 has them.
public struct FoundationHost: QueryHost {
  public init() {}

  public func rank(_ texts: [String], locale: String?) -> [Double] {
    let locale = locale.map(Locale.init(identifier:)) ?? .current
    func compare(_ left: Int, _ right: Int) -> ComparisonResult {
      texts[left].compare(texts[right], options: [], range: nil, locale: locale)
    }
    let sorted = texts.indices.sorted { compare($0, $1) == .orderedAscending }
    var ranks = [Double](repeating: 0, count: texts.count)
    for (i, at) in sorted.enumerated().dropFirst() {
      let ties = compare(sorted[i - 1], at) == .orderedSame
      ranks[at] = ranks[sorted[i - 1]] + (ties ? 0 : 1)
    }
    return ranks
  }

  public func date(of text: String) -> Date? { try? Date(text, strategy: .iso8601) }
  public func text(of date: Date) -> String { date.formatted(.iso8601) }
}
