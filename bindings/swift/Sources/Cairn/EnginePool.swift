// Threads of our own for the engine's work, so that Swift's cooperative threads never wait for a disk
// or a lock. Jobs run in the order in which they come, as many at once as there are threads. Any thread
// may submit; threads are made when there is work for them.
import Foundation
import Synchronization

final class EnginePool: @unchecked Sendable {
  /// What all databases share but those over a host's SQL.
  static let shared = EnginePool(threads: max(4, ProcessInfo.processInfo.activeProcessorCount))

  private let limit: Int
  private let condition = NSCondition()
  private var jobs: [(@Sendable () -> Void)?] = []
  private var next = 0  // of jobs
  private var threads = 0
  private var idle = 0
  private var ended = false

  init(threads: Int) { limit = threads }

  func submit(_ job: @escaping @Sendable () -> Void) {
    condition.lock()
    defer { condition.unlock() }
    jobs.append(job)
    if idle >= jobs.count - next || threads == limit { return condition.signal() }
    threads += 1
    let thread = Thread { self.work() }
    thread.name = "cairn"
    thread.stackSize = 1 << 21
    thread.start()
  }

  /// Runs a body on one of the threads.
  func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      submit { continuation.resume(with: Swift.Result(catching: body)) }
    }
  }

  /// Lets the threads end once there is no work.
  func end() {
    condition.lock()
    defer { condition.unlock() }
    ended = true
    condition.broadcast()
  }

  private func work() {
    while let job = take() { job() }
  }

  private func take() -> (@Sendable () -> Void)? {
    condition.lock()
    defer { condition.unlock() }
    while next == jobs.count {
      if ended {
        threads -= 1
        return nil
      }
      idle += 1
      condition.wait()
      idle -= 1
    }
    let job = jobs[next]
    // What a job holds must not go under the lock: it may submit another one when it does.
    jobs[next] = nil
    next += 1
    if next == jobs.count || next > 1024 {
      jobs.removeFirst(next)
      next = 0
    }
    return job
  }
}

/// Runs an actor's code on threads of a pool, one job at a time and in order.
final class EngineExecutor: SerialExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var isRunning = false
  }

  private let pool: EnginePool
  private let state = Mutex(State())

  init(pool: EnginePool) { self.pool = pool }

  func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    let starts = state.withLock { state in
      state.jobs.append(unowned)
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if starts { pool.submit { self.drain() } }
  }

  private func drain() {
    while true {
      let jobs = state.withLock { state in
        defer { state.jobs.removeAll() }
        if state.jobs.isEmpty { state.isRunning = false }
        return state.jobs
      }
      if jobs.isEmpty { return }
      for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
  }
}
