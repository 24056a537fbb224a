// The front of a replica (core/replica/FRONT.md): numbers events, exchanges them for effects, and
// knows which keys the consumer's source has written since an effect was made. Rows are the
// consumer's; it gets each effect once, in order, and never two at a time.
import { EffectKind, ReplicaEffect } from '../schemas/index.js'
import { tableOf } from '../tables.js'
import { EventKind, replicaEvent } from './events.js'
import type { EngineReplica } from '../engine.js'
import type { StorageKey } from '../types.js'
import type { EventLike } from './events.js'

export { EffectKind, EventKind }

const TICK_MS = 100
const MAX_BYTES = 1 << 20

export interface FrontConsumer {
  /** Takes an effect; what it returns is awaited before the next one comes. */
  effect: (effect: ReplicaEffect) => void | Promise<void>
  /** The replica cannot be reached any more: nothing comes after this. */
  failed: (error: unknown) => void
}

export class Front {
  private last = 0
  private starting = 0
  private truncated = 0
  private readonly written = new Map<StorageKey, number>()
  private queue: Array<Uint8Array> = []
  private running: Promise<void> | undefined
  private asked = false
  private ended = false
  private timer: ReturnType<typeof setInterval> | undefined

  constructor(
    private readonly replica: EngineReplica,
    private readonly consumer: FrontConsumer,
  ) {}

  start(): number {
    const number = this.send({ kind: EventKind.Start })
    this.starting = number
    this.written.clear()
    this.truncated = 0
    this.timer ??= setInterval(() => this.tick(), TICK_MS)
    // Waiting for others' changes must not keep a process alive.
    this.keepAlive(false)
    return number
  }

  /** Sends an event under the next number, which it gives. */
  send(event: EventLike): number {
    const number = ++this.last
    this.queue.push(replicaEvent({ ...event, number }))
    this.wake()
    return number
  }

  /** A write of the source, whose rows the consumer has put already. */
  sendWrite(event: EventLike, keys: Iterable<StorageKey>): number {
    const number = this.send(event)
    for (const key of keys) this.written.set(key, number)
    return number
  }

  sendTruncate(): number {
    this.truncated = this.send({ kind: EventKind.SourceTruncate })
    return this.truncated
  }

  /** Whether the source has written the key, or dropped everything, since `seen`. */
  isOlder(key: StorageKey, seen: number): boolean {
    return this.truncated > seen || (this.written.get(key) ?? 0) > seen
  }

  /** Whether the process shall live on for what is not durable yet. */
  keepAlive(isNeeded: boolean): void {
    const timer = this.timer as { ref?: () => void; unref?: () => void } | undefined
    if (isNeeded) timer?.ref?.()
    else timer?.unref?.()
  }

  /** Has the replica do what there is to do. */
  wake(): void {
    this.asked = true
    if (!this.running && !this.ended) this.running = this.run()
  }

  /** Hands over what was sent, stops the replica and closes it. */
  async close(): Promise<void> {
    clearInterval(this.timer)
    if (!this.ended) this.send({ kind: EventKind.Stop })
    await this.running
    this.ended = true
    await this.replica.close()
  }

  private tick(): void {
    this.queue.push(replicaEvent({ kind: EventKind.Tick, nowMs: Math.round(performance.now()) }))
    this.wake()
  }

  private async run(): Promise<void> {
    try {
      for (let more = false; !this.ended && (more || this.asked); ) {
        this.asked = false
        const events = this.queue
        this.queue = []
        const exchanged = await this.replica.exchange(events, MAX_BYTES)
        more = exchanged.more
        for (const bytes of exchanged.effects) await this.take(bytes)
      }
      // In the same turn as the last look at `asked`: else a wake in between would be lost.
      this.running = undefined
    } catch (error) {
      this.ended = true
      this.running = undefined
      clearInterval(this.timer)
      this.consumer.failed(error)
    }
  }

  private async take(bytes: Uint8Array): Promise<void> {
    const effect = ReplicaEffect.getRootAsReplicaEffect(tableOf(bytes))
    const seen = Number(effect.seen())
    if (effect.kind() === EffectKind.Started && seen === this.starting) this.starting = 0
    if (this.starting !== 0) return // of the run before
    if (effect.kind() === EffectKind.Saved) this.forget(seen)
    await this.consumer.effect(effect)
  }

  // No later effect is older than this.
  private forget(seen: number): void {
    for (const [key, number] of this.written) if (number <= seen) this.written.delete(key)
  }
}
