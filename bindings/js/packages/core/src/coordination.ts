// An engine's coordinator with any number of listeners: the replicas of one process share it.
import type { EngineCoordinator } from './engine.js'

export class Coordination {
  private readonly listeners = new Set<() => void>()

  constructor(readonly coordinator: EngineCoordinator) {
    coordinator.onWakeup(() => {
      for (const listener of [...this.listeners]) listener()
    })
  }

  /** Has `listener` called when there may be something to do for a replica; gives what ends that. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.listeners.clear()
    this.coordinator.onWakeup(null)
    await this.coordinator.close()
  }
}
