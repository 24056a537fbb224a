// An object of the engine that may be closed at any time, from any thread: calls that run go on with it,
// later ones throw, and it is closed when the last of them has returned.
import CCairn
import Foundation
import Synchronization

final class Handle: @unchecked Sendable {
  private struct Pointer: @unchecked Sendable {
    let raw: OpaquePointer
  }
  private struct State {
    var pointer: Pointer?
    var users = 0
    var isClosed = false
    var waiting: [@Sendable () -> Void] = []
  }

  private let state: Mutex<State>
  private let close: @Sendable (OpaquePointer) -> Void
  private let what: String
  private let pool: EnginePool
  // For objects that are for one thread at a time.
  private let turn: NSLock?

  /// `what` names it in errors, such as "the database".
  init(
    _ pointer: OpaquePointer, _ what: String, on pool: EnginePool, exclusive: Bool = false,
    close: @escaping @Sendable (OpaquePointer) -> Void
  ) {
    state = Mutex(State(pointer: Pointer(raw: pointer)))
    self.what = what
    self.pool = pool
    self.close = close
    turn = exclusive ? NSLock() : nil
  }

  deinit {
    guard let pointer = state.withLock({ $0.pointer }) else { return }
    pool.submit { [close] in close(pointer.raw) }
  }

  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Calls with the object. Throws where it is closed.
  func use<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
    let pointer = try enter()
    defer { leave() }
    turn?.lock()
    defer { turn?.unlock() }
    return try body(pointer)
  }

  /// From now on calls throw. `then` is called when those that ran have returned and the object is
  /// closed, which happens on a thread of the pool.
  func end(then: @escaping @Sendable () -> Void) {
    let isOver = state.withLock { state in
      state.isClosed = true
      if state.pointer != nil { state.waiting.append(then) }
      if state.pointer != nil && state.users == 0 { pool.submit { self.finish() } }
      return state.pointer == nil
    }
    if isOver { then() }
  }

  private func enter() throws -> OpaquePointer {
    let pointer: Pointer? = state.withLock { state in
      if state.isClosed { return nil }
      state.users += 1
      return state.pointer
    }
    guard let pointer else { throw CairnError(.wrongState, "\(what) is closed") }
    return pointer.raw
  }

  private func leave() {
    let isLast = state.withLock { state in
      state.users -= 1
      return state.isClosed && state.users == 0
    }
    if isLast { finish() }
  }

  // Once the object is closed, and nobody uses it.
  private func finish() {
    let (pointer, waiting) = state.withLock { state in
      defer {
        state.pointer = nil
        state.waiting = []
      }
      return (state.pointer, state.waiting)
    }
    if let pointer { close(pointer.raw) }
    for then in waiting { then() }
  }
}
