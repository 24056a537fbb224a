// The PersistenceAdapter that TanStack DB's own persistedCollectionOptions calls, over an engine:
// one schema version and mismatch policy for any number of collections of one database.
import { decodeBatch, encodeBatches, MetadataOp, Op } from './batch/index.js'
import { answerQuestion } from './host.js'
import { LoadRequests } from './load_requests.js'
import { macrotask } from './macrotask.js'
import { InvalidPersistedCollectionConfigError, InvalidPersistedStorageKeyError } from './errors.js'
import { collectionOptions, deltaRequest, indexRequest, transactionOptions } from './requests.js'
import { CollectionInfo, CursorHead, IndexInfo, MetadataReport } from './schemas/index.js'
import { subsetsOf } from './subset.js'
import { readEntry, readMetadata, tableOf } from './tables.js'
import type { DecodedBatch, EncodableRow } from './batch/index.js'
import type { EngineCollection, EngineCursor, EngineDatabase } from './engine.js'
import type { CollectionOptionsLike } from './requests.js'
import type { LoadSubsetLike } from './subset.js'
import type { MetadataChange } from './tables.js'
import type {
  PersistedCollectionMetadataMutation,
  PersistedIndexSpec,
  PersistedRow,
  PersistedRowMetadataMutation,
  PersistedRowScanOptions,
  PersistedTx,
  PersistenceAdapter,
  PullSinceResult,
  StorageKey,
  StreamPosition,
} from './types.js'

// So many rows take two or three milliseconds to decode: with a collection of garbage on top, still less than
// what a frame of an app lasts on most machines.
const BATCH_ROWS = 1024
const INDEXED_AT_ONCE = 20_000

export type AdapterOptions = {
  /** Of every collection that it opens. */
  collection: CollectionOptionsLike
  /** Deltas with more keys and metadata than this are answered by a reload. */
  pullSinceReloadThreshold: number
  /** Names who writes, where a transaction brings its own position. */
  writer: string
}

type Opened = { collection: EngineCollection; resetEpoch: bigint }

export class CairnPersistenceAdapter implements PersistenceAdapter {
  private readonly opened = new Map<string, Promise<Opened>>()
  private readonly requests = new LoadRequests({ host: true, metadata: true, batchRows: BATCH_ROWS })

  constructor(
    private readonly database: () => Promise<EngineDatabase>,
    private readonly options: AdapterOptions,
  ) {}

  async loadSubset(collectionId: string, options: LoadSubsetLike): Promise<Array<PersistedRow>> {
    const { collection } = await this.open(collectionId)
    const subsets = subsetsOf(options)
    const rows = await loadRows(collection, this.requests.of(subsets[0]!))
    for (const subset of subsets.slice(1)) {
      const keys = new Set(rows.map((row) => row.key))
      for (const row of await loadRows(collection, this.requests.of(subset))) if (!keys.has(row.key)) rows.push(row)
    }
    return rows
  }

  async applyCommittedTx(collectionId: string, tx: PersistedTx): Promise<void> {
    const { collection } = await this.open(collectionId)
    const options = transactionOptions({
      id: tx.txId,
      writer: this.options.writer,
      term: tx.term,
      seq: tx.seq,
      rowVersion: tx.rowVersion,
      truncate: tx.truncate,
      metadata: tx.collectionMetadataMutations?.map(metadataChange),
    })
    await collection.apply(options, encodeBatches(rowsOf(tx)))
  }

  async loadCollectionMetadata(collectionId: string): Promise<Array<MetadataChange>> {
    const { collection } = await this.open(collectionId)
    const report = MetadataReport.getRootAsMetadataReport(tableOf(await collection.metadata()))
    return Array.from({ length: report.entriesLength() }, (_, i) => readEntry(report.entries(i)!))
  }

  async scanRows(
    collectionId: string,
    options?: PersistedRowScanOptions,
  ): Promise<Array<PersistedRow>> {
    const { collection } = await this.open(collectionId)
    const rows = await loadRows(collection, this.requests.of({}))
    return options?.metadataOnly ? rows.filter((row) => row.metadata !== undefined) : rows
  }

  async ensureIndex(collectionId: string, signature: string, spec: PersistedIndexSpec): Promise<void> {
    const { collection } = await this.open(collectionId)
    const request = indexRequest({
      signature,
      expressionTexts: spec.expressionSql,
      whereText: spec.whereSql,
      maxRows: INDEXED_AT_ONCE,
    })
    for (let ready = false; !ready; ) {
      const info = await collection.ensureIndex(request)
      ready = IndexInfo.getRootAsIndexInfo(tableOf(info)).ready()
    }
  }

  async markIndexRemoved(collectionId: string, signature: string): Promise<void> {
    const { collection } = await this.open(collectionId)
    await collection.removeIndex(signature)
  }

  async getStreamPosition(collectionId: string): Promise<StreamPosition> {
    const opened = await this.open(collectionId)
    const position = (await infoOf(opened.collection)).position()!
    opened.resetEpoch = position.resetEpoch()
    return {
      latestTerm: Number(position.term()),
      latestSeq: Number(position.seq()),
      latestRowVersion: Number(position.rowVersion()),
    }
  }

  async pullSince(collectionId: string, fromRowVersion: number): Promise<PullSinceResult> {
    const opened = await this.open(collectionId)
    const cursor = await opened.collection.delta(deltaRequest(fromRowVersion, opened.resetEpoch))
    try {
      const head = CursorHead.getRootAsCursorHead(tableOf(await cursor.head()))
      const position = head.position()!
      const latestRowVersion = Number(position.rowVersion())
      // What comes after a reset cannot be told as changes of what was before it.
      if (opened.resetEpoch !== position.resetEpoch()) opened.resetEpoch = position.resetEpoch()
      const changes = Number(head.changed()) + Number(head.deleted()) + head.metadataLength()
      if (head.reload() || changes > this.options.pullSinceReloadThreshold) {
        return { latestRowVersion, requiresFullReload: true }
      }
      return await readDelta(cursor, head, latestRowVersion)
    } finally {
      cursor.close().catch(() => {})
    }
  }

  /** Closes the collections that it has opened; the database stays open. */
  async close(): Promise<void> {
    const all = [...this.opened.values()]
    this.opened.clear()
    for (const opened of all) await opened.then(({ collection }) => collection.close(), () => {})
  }

  /** The engine's collection, opened with this adapter's options. */
  collection(collectionId: string): Promise<EngineCollection> {
    return this.open(collectionId).then((opened) => opened.collection)
  }

  private open(collectionId: string): Promise<Opened> {
    const known = this.opened.get(collectionId)
    if (known) return known
    const opening = this.openNew(collectionId)
    this.opened.set(collectionId, opening)
    // What failed is tried again by the next call.
    opening.catch(() => this.opened.delete(collectionId))
    return opening
  }

  private async openNew(collectionId: string): Promise<Opened> {
    if (/\p{Surrogate}/u.test(collectionId)) {
      throw new InvalidPersistedCollectionConfigError(`a collection's id must not hold lone surrogates`)
    }
    const database = await this.database()
    const collection = await database.openCollection(collectionId, collectionOptions(this.options.collection))
    const resetEpoch = (await infoOf(collection)).position()!.resetEpoch()
    return { collection, resetEpoch }
  }
}

async function infoOf(collection: EngineCollection): Promise<CollectionInfo> {
  return CollectionInfo.getRootAsCollectionInfo(tableOf(await collection.info()))
}

// --- reading ---

/** Calls `use` with the batches of a cursor; the next one is read while the one before is in use, and the
 *  app's own work comes between two of them. */
async function eachBatch(cursor: EngineCursor, use: (bytes: Uint8Array) => void): Promise<void> {
  try {
    let coming = cursor.next()
    for (let isFirst = true; ; isFirst = false) {
      const step = await coming
      if (step.kind === `done`) return
      if (step.kind === `question`) await cursor.answer(answerQuestion(step.bytes))
      coming = cursor.next()
      Promise.resolve(coming).catch(() => {}) // it is awaited above, if not left behind
      if (step.kind !== `batch`) continue
      if (!isFirst) await macrotask()
      use(step.bytes)
    }
  } finally {
    // Nobody has to wait for it.
    cursor.close().catch(() => {})
  }
}

async function loadRows(collection: EngineCollection, request: Uint8Array): Promise<Array<PersistedRow>> {
  const rows: Array<PersistedRow> = []
  const cursor = await collection.load(request)
  await eachBatch(cursor, (bytes) => addRows(decodeBatch(bytes), rows))
  return rows
}

function addRows({ count, keys, values, metadataOps, metadata }: DecodedBatch, rows: Array<PersistedRow>): void {
  let next = 0
  for (let i = 0; i < count; i++) {
    const row: PersistedRow = {
      key: keys![i] as StorageKey,
      value: values[i] as Record<string, unknown>,
      metadata: undefined,
    }
    if (metadataOps?.[i] === MetadataOp.Set) row.metadata = metadata![next++]
    rows.push(row)
  }
}

async function readDelta(
  cursor: EngineCursor,
  head: CursorHead,
  latestRowVersion: number,
): Promise<PullSinceResult> {
  const changedRows: Array<{ key: StorageKey; value: Record<string, unknown> }> = []
  const deletedKeys: Array<StorageKey> = []
  const rowMetadataMutations: Array<PersistedRowMetadataMutation> = []
  await eachBatch(cursor, (bytes) => {
    const batch = decodeBatch(bytes)
    let value = 0
    let metadata = 0
    for (let i = 0; i < batch.count; i++) {
      const key = batch.keys![i] as StorageKey
      if (batch.ops?.[i] === Op.Delete) {
        deletedKeys.push(key)
        continue
      }
      changedRows.push({ key, value: batch.values[value++] as Record<string, unknown> })
      rowMetadataMutations.push(
        batch.metadataOps?.[i] === MetadataOp.Set
          ? { type: `set`, key, value: batch.metadata![metadata++] }
          : { type: `delete`, key },
      )
    }
  })
  const changed = head.transactionIdsLength()
  const txId = changed === 0 ? `` : (head.transactionIds(changed - 1) as string)
  const collectionMetadataMutations = readMetadata(head).map(metadataMutation)
  const delta = {
    txId, latestRowVersion, changedRows, deletedKeys, rowMetadataMutations, collectionMetadataMutations,
  }
  const isEmpty = changedRows.length + deletedKeys.length + collectionMetadataMutations.length === 0
  return {
    latestRowVersion,
    requiresFullReload: false,
    changedKeys: changedRows.map((row) => row.key),
    deletedKeys,
    deltas: isEmpty ? [] : [delta],
  }
}

// --- writing ---

function metadataChange(mutation: PersistedCollectionMetadataMutation): MetadataChange {
  return { key: mutation.key, value: mutation.type === `set` ? mutation.value : undefined }
}

function metadataMutation({ key, value }: MetadataChange): PersistedCollectionMetadataMutation {
  return value === undefined ? { type: `delete`, key } : { type: `set`, key, value }
}

function checkedKey(key: StorageKey): StorageKey {
  if (typeof key === `number` && !Number.isFinite(key)) throw new InvalidPersistedStorageKeyError(key)
  return key
}

const OPS = { insert: Op.Insert, update: Op.Update, delete: Op.Delete } as const

function rowsOf(tx: PersistedTx): Array<EncodableRow> {
  const rows = tx.mutations.map((mutation): EncodableRow => {
    const row: EncodableRow = { key: checkedKey(mutation.key), op: OPS[mutation.type] }
    if (mutation.type === `delete`) return row
    row.value = mutation.value
    if (mutation.metadataChanged) setMetadata(row, mutation.metadata)
    return row
  })
  for (const mutation of tx.rowMetadataMutations ?? []) {
    const row: EncodableRow = { key: checkedKey(mutation.key), op: Op.Touch }
    rows.push(setMetadata(row, mutation.type === `set` ? mutation.value : undefined))
  }
  return rows
}

function setMetadata(row: EncodableRow, metadata: unknown): EncodableRow {
  if (metadata === undefined) row.removeMetadata = true
  else row.metadata = metadata
  return row
}
