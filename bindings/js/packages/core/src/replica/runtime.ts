// One run of a persisted collection, from TanStack DB's call of its sync function to its cleanup:
// opens the replica, puts what it gives into the collection, runs the source, and hands over local
// mutations. All rules are the engine's.
import { randomId } from '../coordinator.js'
import { CairnError } from '../cairn_error.js'
import { encodeRows, Op } from '../batch/index.js'
import { answerQuestion } from '../host.js'
import { readSubset } from '../subset.js'
import { readMetadata } from '../tables.js'
import { EffectKind, EventKind, Front } from './front.js'
import { replicaOptions } from './events.js'
import { followIndexes } from './indexes.js'
import { macrotask } from '../macrotask.js'
import { CollectionRows } from './rows.js'
import { Source } from './source.js'
import { Subsets } from './subsets.js'
import { syncResultOf } from './tanstack.js'
import type { CairnPersistenceAdapter } from '../adapter.js'
import type { Coordination } from '../coordination.js'
import type { ReplicaEffect } from '../schemas/index.js'
import type { LoadSubsetLike } from '../subset.js'
import type { StorageKey } from '../types.js'
import type { EventLike } from './events.js'
import type { PendingMutationLike, RowValue, SyncConfigLike, SyncParams, SyncResult } from './tanstack.js'

// So many rows are put into the collection at once; the app runs in between.
const BATCH_ROWS = 512
const LARGE_BATCH = 4096

/** What is wrong with saving or reading. Nothing is lost by it: what waits is tried again. */
export type PersistenceState = {
  status: `ok` | `error`
  error?: Error
  /** It is tried again by itself. */
  retryable?: boolean
  /** Transactions of the source that wait to be saved. */
  unsaved: number
}

export type RuntimeOptions = {
  collectionId: string
  adapter: CairnPersistenceAdapter
  coordination: () => Promise<Coordination> | undefined
  onDemand: boolean
  source?: SyncConfigLike
  onPersistenceError?: (error: Error, state: PersistenceState) => void
}

type Waiting = { resolve: () => void; reject: (error: unknown) => void }

export class Runtime {
  state: PersistenceState = { status: `ok`, unsaved: 0 }
  leads = false
  private front: Front | undefined
  private rows: CollectionRows
  private source: Source | undefined
  private sourceResult: SyncResult | undefined
  private subsets: Subsets | undefined
  private hydrated: Promise<void> | undefined
  private closed = false
  private gone: Error | undefined // why nothing is carried out any more
  private localReady = false
  private remoteReady = false
  private hasContents = false
  private isShared = false
  private savedUpTo = 0
  private readonly asked = new Set<LoadSubsetLike>() // of the source
  private readonly ends: Array<(() => void) | undefined> = []
  private readonly opening: Promise<Front>
  private readonly mutations = new Map<number, Waiting>()
  private readonly saves = new Map<number, Waiting>()

  /** `before` is the end of the run before this one. */
  constructor(
    private readonly params: SyncParams,
    private readonly options: RuntimeOptions,
    before: Promise<void>,
  ) {
    this.rows = new CollectionRows(params)
    this.opening = before.then(() => this.open())
    this.opening.catch((error) => this.fail(error))
  }

  /** True where its rows are in the collection already. */
  loadSubset(options: LoadSubsetLike): true | Promise<void> {
    if (this.closed || this.gone || !this.subsets?.has(options)) return this.load(options)
    this.load(options).catch((error) => this.report(error))
    return true
  }

  private async load(options: LoadSubsetLike): Promise<void> {
    await this.opening
    if (this.closed) return
    if (this.gone) throw this.gone
    await this.subsets!.load(options)
  }

  unloadSubset(options: LoadSubsetLike): void {
    void this.opening.then(() => this.subsets?.unload(options), () => {})
    if (this.asked.delete(options)) this.sourceResult?.unloadSubset?.(options)
  }

  async reloadSubset(options: LoadSubsetLike): Promise<void> {
    await this.opening
    await this.subsets!.reload(options)
  }

  /** Resolves when the mutations are as durable as the collection promises, and rejects where they
   *  are not accepted: then none of them is. */
  async mutate(mutations: ReadonlyArray<PendingMutationLike>): Promise<void> {
    const front = await this.opening
    if (this.gone) throw this.gone
    const event = front.send({
      kind: EventKind.Mutate,
      id: randomId(),
      mutationIds: mutations.map((mutation) => mutation.mutationId),
      batch: oneBatch(mutations),
    })
    await this.waitFor(this.mutations, event)
  }

  retry(): void {
    this.front?.send({ kind: EventKind.Retry })
  }

  /** Ends the run. What the source has committed is saved first. */
  async close(): Promise<void> {
    this.closed = true
    this.endSource()
    const front = await this.opening.catch(() => undefined)
    for (const end of this.ends.splice(0)) end?.()
    await front?.close()
    this.subsets?.close()
    this.giveUp(new Error(`the collection "${this.options.collectionId}" was cleaned up before this was durable`))
  }

  // Nobody shall wait for what does not come any more.
  private giveUp(reason: Error): void {
    this.gone ??= reason
    for (const { reject } of [...this.mutations.values(), ...this.saves.values()]) reject(reason)
    this.mutations.clear()
    this.saves.clear()
  }

  private async open(): Promise<Front> {
    const { adapter, collectionId, source, onDemand } = this.options
    const collection = await adapter.collection(collectionId)
    const coordination = await this.options.coordination()
    this.isShared = coordination !== undefined
    const replica = await collection.openReplica(coordination?.coordinator ?? null, replicaOptions({
      onDemand,
      source: source !== undefined,
      fullUpdates: source?.rowUpdateMode === `full`,
      batchRows: BATCH_ROWS,
    }))
    this.front = new Front(replica, {
      effect: (effect) => this.take(effect),
      failed: (error) => this.fail(error),
    })
    this.subsets = new Subsets(this.front, source !== undefined)
    this.ends.push(coordination?.listen(() => this.front?.wake()))
    if (onDemand) this.ends.push(this.followIndexes())
    this.front.start()
    return this.front
  }

  private followIndexes(): () => void {
    const { adapter, collectionId } = this.options
    const failed = (error: unknown) => this.report(error instanceof Error ? error : new Error(String(error)))
    return followIndexes(this.params.collection, adapter, collectionId, failed)
  }

  // --- effects ---

  private async take(effect: ReplicaEffect): Promise<void> {
    await this.source?.idle()
    if (this.closed) return
    const seen = Number(effect.seen())
    switch (effect.kind()) {
      case EffectKind.Started:
        return this.started(effect)
      case EffectKind.Rows:
      case EffectKind.Changes:
      case EffectKind.Replace:
        return this.putRows(effect, seen)
      case EffectKind.Ready:
        return this.ready(Number(effect.subsetId()), effect.remote())
      case EffectKind.EnsureRemoteSubset:
        return this.ensureRemote(effect)
      case EffectKind.Question:
        this.front!.send({
          kind: EventKind.Answer,
          effect: Number(effect.number()),
          payload: answerQuestion(effect.payloadArray()!),
        })
        return
      case EffectKind.Confirm:
        return this.settle(this.mutations, seen, undefined)
      case EffectKind.Reject:
        return this.settle(this.mutations, seen, errorOf(effect))
      case EffectKind.Saved:
        return this.saved(seen)
      case EffectKind.Leadership:
        return this.leadership(effect.leads())
      case EffectKind.Error:
        return this.error(effect)
      case EffectKind.Recovered:
        this.state = { status: `ok`, unsaved: 0 }
        return
      case EffectKind.RestartSource:
        return this.restartSource(effect)
    }
  }

  private started(effect: ReplicaEffect): void {
    const metadata = readMetadata(effect)
    this.hasContents = (effect.position()?.rowVersion() ?? 0n) > 0n
    this.rows.replaceMetadata(metadata)
    // Where there is no other instance this one leads at once: then its writes count from the first.
    if (this.options.onDemand && this.isShared) this.startSource()
  }

  private leadership(leads: boolean): void {
    this.leads = leads
    // Another instance saves what is waited for.
    if (!leads) this.saved(Number.MAX_SAFE_INTEGER, false)
    else if (this.options.onDemand) this.startSource()
  }

  private async putRows(effect: ReplicaEffect, seen: number): Promise<void> {
    const isOlder = (key: StorageKey) => this.front!.isOlder(key, seen)
    const replaces = effect.kind() === EffectKind.Replace
    if (replaces && effect.first()) this.rows.beginReplace()
    this.rows.put(effect.batchArray(), readMetadata(effect), isOlder)
    if (replaces && effect.last()) this.rows.endReplace(isOlder)
    // The app shall run between two large batches, also where all of them are there already.
    if (effect.batchLength() >= LARGE_BATCH) await macrotask()
  }

  private ready(subsetId: number, remote: boolean): void {
    if (subsetId !== 0) return this.subsets!.ready(subsetId, remote)
    if (remote) return
    this.localReady = true
    if (!this.options.source) return this.params.markReady()
    // A source that compares with what is there has to find all of it.
    if (!this.options.onDemand) this.startSource()
    this.readyIfKnown()
  }

  // What was synced before is usable without the network; nothing at all is not.
  private readyIfKnown(): void {
    if (this.localReady && (this.remoteReady || this.hasContents)) this.params.markReady()
  }

  private ensureRemote(effect: ReplicaEffect): void {
    const number = Number(effect.number())
    const id = Number(effect.subsetId())
    const options = id === 0 ? readSubset(effect.subsetArray()!) : this.subsets!.optionsOf(id)
    // It may take as long as the network does: the effects that follow do not wait for it.
    void this.askSource(id, options).then(
      () => this.answer({ kind: EventKind.EffectDone, effect: number }),
      (error) => {
        this.answer({ kind: EventKind.EffectFailed, effect: number, message: String(error) })
        // What is on the disk is there: the source says itself what it could not bring.
        this.subsets!.ready(id, true)
      },
    )
  }

  private async askSource(id: number, options: LoadSubsetLike | undefined): Promise<void> {
    // It was let go of meanwhile, or the source has no part in it.
    if (!options || this.subsets!.isLocal(id)) return
    this.asked.add(options)
    await this.sourceResult?.loadSubset?.(options)
  }

  // After the end of the run the replica takes no answers.
  private answer(event: EventLike): void {
    if (!this.closed) this.front!.send(event)
  }

  private waitFor(waiting: Map<number, Waiting>, event: number): Promise<void> {
    this.front?.keepAlive(true)
    return new Promise((resolve, reject) => waiting.set(event, { resolve, reject }))
  }

  private settle(waiting: Map<number, Waiting>, event: number, error: Error | undefined): void {
    const one = waiting.get(event)
    waiting.delete(event)
    if (error) one?.reject(error)
    else one?.resolve()
    this.front?.keepAlive(this.mutations.size + this.saves.size > 0)
  }

  private saved(upTo: number, isSaved = true): void {
    if (isSaved) this.savedUpTo = upTo
    for (const event of [...this.saves.keys()]) {
      if (event <= upTo) this.settle(this.saves, event, undefined)
    }
  }

  private error(effect: ReplicaEffect): void {
    const error = errorOf(effect)
    const subsetId = Number(effect.subsetId())
    if (subsetId !== 0) return this.subsets!.failed(subsetId, error)
    this.state = { status: `error`, error, retryable: effect.retryable(), unsaved: Number(effect.unsaved()) }
    this.report(error)
  }

  private fail(error: unknown): void {
    const reason = error instanceof Error ? error : new Error(String(error))
    this.giveUp(reason)
    this.subsets?.close(reason)
    this.refuse(reason)
    this.params.markError?.(reason)
  }

  // An error that does not pass by itself.
  private refuse(reason: Error): void {
    this.state = { status: `error`, error: reason, retryable: false, unsaved: this.state.unsaved }
    this.report(reason)
  }

  private report(error: Error): void {
    if (this.options.onPersistenceError) return this.options.onPersistenceError(error, this.state)
    console.error(`The collection "${this.options.collectionId}" cannot be persisted:`, error)
  }

  // --- the source ---

  private startSource(): void {
    const { source } = this.options
    if (!source || this.sourceResult) return
    this.source = new Source({
      params: this.params,
      rows: this.rows,
      front: () => this.front!,
      saved: (event) => this.whenSaved(event),
      unsavable: (error) => this.refuse(error),
      sourceReady: () => {
        this.remoteReady = true
        this.front!.send({ kind: EventKind.SourceReady })
        this.readyIfKnown()
      },
      sourceFailed: (error) => {
        this.front!.send({ kind: EventKind.SourceError, message: String(error) })
        if (!this.hasContents) this.params.markError?.(error)
      },
      scanPersisted: (options) => this.options.adapter.scanRows(this.options.collectionId, options),
      whenHydrated: () => this.whenHydrated(),
      isWhole: !this.options.onDemand,
    })
    this.sourceResult = syncResultOf(source.sync(this.source.params()))
    // It may have had the collection cleaned up meanwhile.
    if (this.closed) this.sourceResult.cleanup?.()
  }

  // In eager mode the source starts when that is so.
  private whenHydrated(): Promise<void> {
    if (!this.options.onDemand) return Promise.resolve()
    return (this.hydrated ??= this.subsets!.load({}, false))
  }

  private endSource(): void {
    this.source?.end()
    this.sourceResult?.cleanup?.()
    this.sourceResult = undefined
  }

  private restartSource(effect: ReplicaEffect): void {
    this.endSource()
    this.rows.replaceMetadata(readMetadata(effect))
    this.front!.send({ kind: EventKind.EffectDone, effect: Number(effect.number()) })
    this.startSource()
  }

  private whenSaved(event: number): Promise<void> {
    // Alone this instance leads, also before it was told so.
    if (event <= this.savedUpTo || (this.isShared && !this.leads)) return Promise.resolve()
    if (this.gone) return Promise.reject(this.gone)
    return this.waitFor(this.saves, event)
  }
}

const OPS = { insert: Op.Insert, update: Op.Update, delete: Op.Delete } as const

function oneBatch(mutations: ReadonlyArray<PendingMutationLike>): Uint8Array {
  const rows = mutations.map((mutation) => ({
    key: mutation.key as StorageKey,
    // The whole row: a field that it has lost must not stay.
    op: mutation.type === `update` ? Op.Insert : OPS[mutation.type],
    value: mutation.type === `delete` ? undefined : (mutation.modified as RowValue),
  }))
  return encodeRows(rows)
}

function errorOf(effect: ReplicaEffect): CairnError {
  const message = effect.message() ?? ``
  return new CairnError(message, { status: effect.status(), retryable: effect.retryable() })
}
