// The interfaces between TanStack DB's persistence, our own persistedCollectionOptions and a
// platform's package, under today's names. They are structural: either side can be swapped.
import type { LoadSubsetLike } from './subset.js'

export type StorageKey = string | number

export type PersistedCollectionMode = `sync-present` | `sync-absent`

export type PersistedRowMetadataMutation<TKey extends StorageKey = StorageKey> =
  | { type: `set`; key: TKey; value: unknown }
  | { type: `delete`; key: TKey }

export type PersistedCollectionMetadataMutation =
  | { type: `set`; key: string; value: unknown }
  | { type: `delete`; key: string }

export type PersistedRow<T extends object = Record<string, unknown>, TKey extends StorageKey = StorageKey> = {
  key: TKey
  value: T
  metadata?: unknown
}

export type PersistedScannedRow<
  T extends object = Record<string, unknown>,
  TKey extends StorageKey = StorageKey,
> = PersistedRow<T, TKey>

export type PersistedRowScanOptions = { metadataOnly?: boolean }

/** `expressionSql` has serialized expressions, or JSON paths such as json_extract(value, '$.a'). */
export interface PersistedIndexSpec {
  readonly expressionSql: ReadonlyArray<string>
  readonly whereSql?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

type ValueMutation<T, TKey> = {
  key: TKey
  value: T
  /** Replaces the row's metadata where `metadataChanged` is set; undefined removes it. */
  metadata?: unknown
  metadataChanged?: boolean
}

/** A transaction with a position of its own: whole or nothing, and once. */
export type PersistedTx<T extends object = Record<string, unknown>, TKey extends StorageKey = StorageKey> = {
  txId: string
  term: number
  seq: number
  rowVersion: number
  truncate?: boolean
  mutations: Array<
    | ({ type: `insert` } & ValueMutation<T, TKey>)
    | ({ type: `update` } & ValueMutation<T, TKey>)
    | { type: `delete`; key: TKey; value: T }
  >
  rowMetadataMutations?: Array<PersistedRowMetadataMutation<TKey>>
  collectionMetadataMutations?: Array<PersistedCollectionMetadataMutation>
}

export type ReplayableTxDelta<
  T extends object = Record<string, unknown>,
  TKey extends StorageKey = StorageKey,
> = {
  txId: string
  latestRowVersion: number
  changedRows: Array<{ key: TKey; value: T }>
  deletedKeys: Array<TKey>
  rowMetadataMutations: Array<PersistedRowMetadataMutation<TKey>>
  collectionMetadataMutations: Array<PersistedCollectionMetadataMutation>
}

export type StreamPosition = { latestTerm: number; latestSeq: number; latestRowVersion: number }

export type PullSinceResult<TKey extends StorageKey = StorageKey> =
  | { latestRowVersion: number; requiresFullReload: true }
  | {
      latestRowVersion: number
      requiresFullReload: false
      changedKeys: Array<TKey>
      deletedKeys: Array<TKey>
      /** One delta with the current rows, however many transactions it spans; none if nothing changed. */
      deltas: Array<ReplayableTxDelta<Record<string, unknown>, TKey>>
    }

export interface PersistenceAdapter {
  loadSubset: (
    collectionId: string,
    options: LoadSubsetLike,
    ctx?: { requiredIndexSignatures?: ReadonlyArray<string> },
  ) => Promise<Array<PersistedRow>>
  applyCommittedTx: (collectionId: string, tx: PersistedTx) => Promise<void>
  loadCollectionMetadata: (collectionId: string) => Promise<Array<{ key: string; value: unknown }>>
  scanRows: (collectionId: string, options?: PersistedRowScanOptions) => Promise<Array<PersistedScannedRow>>
  ensureIndex: (collectionId: string, signature: string, spec: PersistedIndexSpec) => Promise<void>
  markIndexRemoved: (collectionId: string, signature: string) => Promise<void>
  getStreamPosition: (collectionId: string) => Promise<StreamPosition>
  pullSince: (collectionId: string, fromRowVersion: number) => Promise<PullSinceResult>
}
