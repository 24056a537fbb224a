// The rows that a replica puts into a TanStack DB collection. Each call is one sync transaction; a
// row replaces the one before, whatever the collection's update mode.
import { decodeBatch, MetadataOp, Op } from '../batch/index.js'
import type { StorageKey } from '../types.js'
import type { MetadataChange } from '../tables.js'
import type { RowValue, SyncParams } from './tanstack.js'

export class CollectionRows {
  /** The keys that the collection has from its source or from the disk. */
  readonly keys = new Set<StorageKey>()
  private mentioned: Set<StorageKey> | undefined

  constructor(private readonly params: SyncParams) {}

  /** Puts the rows of a batch that are not older than what is there, and metadata. */
  put(
    batch: Uint8Array | null,
    metadata: ReadonlyArray<MetadataChange>,
    isOlder: (key: StorageKey) => boolean,
  ): void {
    if (batch === null && metadata.length === 0) return
    this.transaction(() => {
      if (batch !== null) this.putBatch(batch, isOlder)
      for (const change of metadata) this.putMetadata(change)
    })
  }

  /** From now on rows that are put are noted, until `endReplace` drops the others. */
  beginReplace(): void {
    this.mentioned = new Set()
  }

  endReplace(isOlder: (key: StorageKey) => boolean): void {
    const mentioned = this.mentioned
    this.mentioned = undefined
    if (!mentioned) return
    const gone = [...this.keys].filter((key) => !mentioned.has(key) && !isOlder(key))
    if (gone.length > 0) this.transaction(() => gone.forEach((key) => this.remove(key)))
  }

  /** Makes collection metadata exactly these entries. */
  replaceMetadata(entries: ReadonlyArray<MetadataChange>): void {
    const { metadata } = this.params
    if (!metadata) return
    const kept = new Set(entries.map(({ key }) => key))
    const gone = metadata.collection.list().filter(({ key }) => !kept.has(key))
    if (entries.length + gone.length === 0) return
    this.transaction(() => {
      for (const { key } of gone) metadata.collection.delete(key)
      for (const entry of entries) this.putMetadata(entry)
    })
  }

  /** A row, in the transaction that is open. */
  replace(key: StorageKey, value: RowValue, metadata?: unknown): void {
    // An update would merge: what the row has lost would stay.
    if (this.keys.has(key)) this.params.write({ type: `delete`, key })
    this.keys.add(key)
    this.params.write({ type: `insert`, value, ...(metadata !== undefined && { metadata: metadata as RowValue }) })
  }

  remove(key: StorageKey): void {
    if (this.keys.delete(key)) this.params.write({ type: `delete`, key })
  }

  transaction(body: () => void): void {
    this.params.begin({ immediate: true })
    body()
    this.params.commit()
  }

  private putBatch(bytes: Uint8Array, isOlder: (key: StorageKey) => boolean): void {
    const { count, keys, ops, values, metadataOps, metadata } = decodeBatch(bytes)
    let nextValue = 0
    let nextMetadata = 0
    for (let i = 0; i < count; i++) {
      const key = keys![i] as StorageKey
      const isDeleted = ops?.[i] === Op.Delete
      const value = isDeleted ? undefined : (values[nextValue++] as RowValue)
      const rowMetadata = metadataOps?.[i] === MetadataOp.Set ? metadata![nextMetadata++] : undefined
      this.mentioned?.add(key)
      if (isOlder(key)) continue
      if (value === undefined) this.remove(key)
      else this.replace(key, value, rowMetadata)
    }
  }

  private putMetadata({ key, value }: MetadataChange): void {
    if (value === undefined) this.params.metadata?.collection.delete(key)
    else this.params.metadata?.collection.set(key, value)
  }
}
