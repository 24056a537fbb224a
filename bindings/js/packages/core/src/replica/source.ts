// What a source is given instead of the collection's own sync parameters: its writes reach the
// collection at once, and are noted to be saved with the transaction.
import { encodeBatches, Op } from '../batch/index.js'
import { EventKind, replicaEvent } from './events.js'
import { InvalidPersistedCollectionConfigError } from '../errors.js'
import { RowBatch } from '../schemas/index.js'
import { tableOf } from '../tables.js'
import { caught, savedReceipt, syncPersistence } from './tanstack.js'
import type { EncodableRow } from '../batch/index.js'
import type { MetadataChange } from '../tables.js'
import type { StorageKey } from '../types.js'
import type { Front } from './front.js'
import type { CollectionRows } from './rows.js'
import type { Receipt, RowValue, SyncMessage, SyncMetadata, SyncParams } from './tanstack.js'

class SourceTransaction {
  rows: Array<EncodableRow> = []
  truncates = false
  readonly rowMetadata = new Map<StorageKey, unknown>()
  readonly metadata = new Map<string, unknown>()

  truncate(): void {
    this.rows = []
    this.rowMetadata.clear()
    this.truncates = true
  }
}

export type SourceHost = {
  params: SyncParams
  rows: CollectionRows
  front: () => Front
  /** Resolves when the events up to a number are saved, or at once where this instance saves none. */
  saved: (event: number) => Promise<void>
  /** Told once of a transaction that can never be saved. */
  unsavable: (error: Error) => void
  sourceReady: () => void
  sourceFailed: (error: unknown) => void
  scanPersisted: (options?: { metadataOnly?: boolean }) => Promise<Array<unknown>>
  /** Resolves when the collection has all rows that are on the disk. */
  whenHydrated: () => Promise<void>
  /** It has them already: the source starts after that. */
  isWhole: boolean
}

export class Source {
  // A source may commit a transaction amid another one, as Electric does to drop its cursor at once.
  private open: Array<SourceTransaction> = []
  private closed: Array<() => void> = []
  private ended = false
  private unsavable: Error | undefined

  constructor(private readonly host: SourceHost) {}

  /** Resolves when no transaction of the source is open. */
  idle(): Promise<void> | void {
    if (this.open.length > 0) return new Promise((resolve) => this.closed.push(resolve))
  }

  /** From now on nothing that it says is heard, as TanStack DB has it at a cleanup: there a source of
   *  TanStack Query deletes all of its rows, which are to stay on the disk. */
  end(): void {
    this.ended = true
    this.open = []
    this.release()
  }

  params(): SyncParams {
    const { params, sourceReady, sourceFailed } = this.host
    return {
      ...params,
      begin: this.unlessEnded((options) => this.begin(options)),
      write: this.unlessEnded((message) => this.write(message)),
      commit: (signal) => this.ended || this.commit(signal),
      truncate: this.unlessEnded((options) => this.truncate(options)),
      markReady: this.unlessEnded(sourceReady),
      ...(params.markError && { markError: this.unlessEnded(sourceFailed) }),
      ...(params.metadata && { metadata: this.metadata(params.metadata) }),
    }
  }

  private unlessEnded<Args extends Array<any>, Result>(body: (...args: Args) => Result) {
    return (...args: Args): Result | undefined => (this.ended ? undefined : body(...args))
  }

  private release(): void {
    if (this.open.length > 0) return
    for (const resolve of this.closed.splice(0)) resolve()
  }

  private transaction(what: string): SourceTransaction {
    const open = this.open.at(-1)
    if (open) return open
    throw new InvalidPersistedCollectionConfigError(`${what} must be called within an open sync transaction`)
  }

  private begin(options?: { immediate?: boolean }): void {
    this.host.params.begin(options)
    this.open.push(new SourceTransaction())
  }

  private write(message: SyncMessage): void {
    const open = this.transaction(`write`)
    const { rows, params } = this.host
    if (message.type === `delete`) {
      const key = `key` in message ? message.key : params.collection.getKeyFromItem(message.value)
      rows.remove(key)
      open.rows.push({ key, op: Op.Delete })
      open.rowMetadata.delete(key)
      return
    }
    const { value, metadata } = message
    const key = params.collection.getKeyFromItem(value)
    if (message.type === `insert`) rows.replace(key, value, metadata)
    else this.update(key, value, metadata)
    open.rows.push({ key, value, op: message.type === `insert` ? Op.Insert : Op.Update })
    // A fresh row has no metadata of the row before, unless this transaction has set some.
    if (metadata !== undefined) open.rowMetadata.set(key, metadata)
    else if (message.type === `insert` && !open.rowMetadata.has(key)) open.rowMetadata.set(key, undefined)
  }

  private update(key: StorageKey, value: RowValue, metadata?: Record<string, unknown>): void {
    this.host.rows.keys.add(key)
    this.host.params.write({ type: `update`, value, ...(metadata && { metadata }) })
  }

  private truncate(options?: { markReady?: boolean }): void {
    this.transaction(`truncate`).truncate()
    this.host.rows.keys.clear()
    this.host.params.truncate(options)
  }

  private commit(signal?: AbortSignal): Receipt {
    const open = this.transaction(`commit`)
    this.open.pop()
    try {
      const applied = this.host.params.commit(signal)
      if (signal?.aborted) return applied
      return savedReceipt(applied, this.save(open))
    } finally {
      this.release()
    }
  }

  // A transaction that cannot be encoded is never saved, and none behind it: their cursors would pass
  // what is missing.
  private save(transaction: SourceTransaction): Promise<void> {
    try {
      if (!this.unsavable) return caught(this.host.saved(this.send(transaction)))
    } catch (error) {
      this.unsavable = error as Error
      this.host.unsavable(this.unsavable)
    }
    return caught(Promise.reject(this.unsavable))
  }

  private send(transaction: SourceTransaction): number {
    const front = this.host.front()
    const batches = [...encodeBatches([...transaction.rows, ...metadataRows(transaction)])]
    const metadata: Array<MetadataChange> = [...transaction.metadata].map(([key, value]) => ({ key, value }))
    const commit = { kind: EventKind.SourceCommit, metadata }
    replicaEvent(commit) // what cannot be kept is found before anything is sent
    front.send({ kind: EventKind.SourceBegin })
    if (transaction.truncates) front.sendTruncate()
    let next = 0
    for (const batch of batches) {
      const count = rowCount(batch)
      const keys = transaction.rows.slice(next, (next += count)).map((row) => row.key as StorageKey)
      front.sendWrite({ kind: EventKind.SourceWrite, batch }, keys)
    }
    return front.send(commit)
  }

  private metadata(metadata: SyncMetadata): SyncMetadata {
    const { row, collection } = metadata
    const { scanPersisted, whenHydrated, isWhole } = this.host
    return {
      ...metadata,
      ...(metadata.persistence !== undefined && { persistence: syncPersistence(scanPersisted, whenHydrated, isWhole) }),
      row: {
        ...row,
        scanPersisted,
        whenHydrated,
        set: this.unlessEnded((key, value) => {
          this.transaction(`metadata.row.set`).rowMetadata.set(key, value)
          row.set(key, value)
        }),
        delete: this.unlessEnded((key) => {
          this.transaction(`metadata.row.delete`).rowMetadata.set(key, undefined)
          row.delete(key)
        }),
      },
      collection: {
        ...collection,
        set: this.unlessEnded((key, value) => {
          this.transaction(`metadata.collection.set`).metadata.set(key, value)
          collection.set(key, value)
        }),
        delete: this.unlessEnded((key) => {
          this.transaction(`metadata.collection.delete`).metadata.set(key, undefined)
          collection.delete(key)
        }),
      },
    }
  }
}

function metadataRows({ rowMetadata }: SourceTransaction): Array<EncodableRow> {
  return [...rowMetadata].map(([key, metadata]) =>
    metadata === undefined ? { key, op: Op.Touch, removeMetadata: true } : { key, op: Op.Touch, metadata },
  )
}

function rowCount(batch: Uint8Array): number {
  return RowBatch.getRootAsRowBatch(tableOf(batch)).count()
}
