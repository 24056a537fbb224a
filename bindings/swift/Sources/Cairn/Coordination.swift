// What a database's live collections share: the engine's coordinator, which tells of other instances,
// and the clock that they are told of. The engine's wakeup may come on any thread; it only asks the
// collections to look, on threads of the engine's own.
import CCairn
import Foundation
import Synchronization

final class Coordination: Sendable {
  static let tick = Duration.milliseconds(100)

  let handle: Handle
  private let pool: EnginePool
  private let members = Mutex<[Member]>([])
  private let ticking = Mutex<Task<Void, Never>?>(nil)

  private struct Member: Sendable {
    weak var front: (any Wakeable)?
  }

  /// `isShared`: whether other processes may have the database open.
  static func open(_ database: OpaquePointer, isShared: Bool) throws -> OpaquePointer {
    let options = try makeTable("CoordinatorOptions", ["kind": isShared ? "Native" : "Single"])
    return try openHandle { out, error in
      options.lend { cairn_coordinator_open(database, $0, $1, out, error) }
    }
  }

  init(_ pointer: OpaquePointer, pool: EnginePool) {
    handle = Handle(pointer, "the coordinator", on: pool) { cairn_coordinator_close($0) }
    self.pool = pool
  }

  deinit { ticking.withLock { $0?.cancel() } }

  /// Has the engine tell when there is something to do.
  func listen() async throws {
    let box = WakeupBox(self)
    try await pool.run { [handle] in
      var wakeup = cairn_wakeup(
        struct_size: UInt32(MemoryLayout<cairn_wakeup>.size),
        user_data: Unmanaged.passRetained(box).toOpaque(),
        wakeup: { Unmanaged<WakeupBox>.fromOpaque($0!).takeUnretainedValue().wake() },
        destroy: { Unmanaged<WakeupBox>.fromOpaque($0!).release() })
      _ = try handle.use { coordinator in
        try engine { cairn_coordinator_set_wakeup(coordinator, &wakeup, $0) }
      }
    }
  }

  func join(_ front: any Wakeable) {
    members.withLock { members in
      members.removeAll { $0.front == nil }
      members.append(Member(front: front))
    }
    ticking.withLock { ticking in
      ticking = ticking ?? Task { [weak self] in
        while !Task.isCancelled {
          try? await Task.sleep(for: Self.tick)
          guard let self else { return }
          for front in self.fronts() { front.tick() }
        }
      }
    }
  }

  func close() async {
    ticking.withLock { $0?.cancel() }
    await withCheckedContinuation { continuation in handle.end { continuation.resume() } }
  }

  private func fronts() -> [any Wakeable] {
    members.withLock { $0.compactMap(\.front) }
  }

  // Takes what is for the coordinator itself, so that it tells again, and has all fronts look.
  fileprivate func wake() {
    pool.submit { [weak self] in
      guard let self else { return }
      _ = try? self.handle.use { coordinator in
        while try engineBuffer({ cairn_coordinator_next(coordinator, $0, $1) }) != nil {}
      }
      for front in self.fronts() { front.wake() }
    }
  }
}

protocol Wakeable: AnyObject, Sendable {
  func wake()
  func tick()
}

// What the engine holds on to: it must not keep the coordination alive.
private final class WakeupBox: @unchecked Sendable {
  private weak var coordination: Coordination?
  init(_ coordination: Coordination) { self.coordination = coordination }
  func wake() { coordination?.wake() }
}
