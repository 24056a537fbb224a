// What is used of TanStack DB's collections and sync functions, by structure: the same code serves
// every version that has it.
import * as tanstack from '@tanstack/db'
import type { LoadSubsetLike } from '../subset.js'
import type { StorageKey } from '../types.js'

export type RowValue = Record<string, unknown>

export type SyncMessage =
  | { type: `insert` | `update`; value: RowValue; metadata?: Record<string, unknown> }
  | { type: `delete`; key: StorageKey }
  | { type: `delete`; value: RowValue }

export type SyncMetadata = {
  row: {
    get: (key: StorageKey) => unknown
    set: (key: StorageKey, metadata: unknown) => void
    delete: (key: StorageKey) => void
    scanPersisted?: Scan
    whenHydrated?: () => Promise<void>
  }
  collection: {
    get: (key: string) => unknown
    set: (key: string, value: unknown) => void
    delete: (key: string) => void
    list: (prefix?: string) => ReadonlyArray<{ key: string; value: unknown }>
  }
  /** Newer versions have it: null without persistence. */
  persistence?: SyncPersistence | null
}

type Scan = (options?: { metadataOnly?: boolean }) => Promise<Array<unknown>>

/** What newer sources ask of a persistence: version 1 of TanStack DB's protocol for it. */
export type SyncPersistence = {
  protocol: `@tanstack/db/sync-persistence`
  version: 1
  hydrateBaseline: () => Promise<void>
  reserveCommitTurn: () => void
  scanPersistedRows: Scan
  resumeSnapshot: {
    certify: () => Promise<void>
    getKeySetEvidence: () => { status: `unknown` | `consistent` | `incompatible` } | undefined
    expectCurrentCommit: () => void
  }
}

/** `isWhole`: the source is started only when the collection has every row that is on the disk, and
 *  so each key that its cursor speaks of. Hydration never overwrites what a source has written, so no
 *  commit needs a turn of its own, and rows and cursor are saved in one. */
export function syncPersistence(scanPersistedRows: Scan, whenHydrated: () => Promise<void>, isWhole: boolean): SyncPersistence {
  return {
    protocol: `@tanstack/db/sync-persistence`,
    version: 1,
    hydrateBaseline: whenHydrated,
    reserveCommitTurn: () => {},
    scanPersistedRows,
    resumeSnapshot: {
      certify: whenHydrated,
      getKeySetEvidence: () => ({ status: isWhole ? `consistent` : `unknown` }),
      expectCurrentCommit: () => {},
    },
  }
}

export type SyncParams = {
  collection: CollectionLike
  begin: (options?: { immediate?: boolean }) => void
  write: (message: SyncMessage) => void
  commit: (signal?: AbortSignal) => Receipt
  markReady: () => void
  markError?: (error?: unknown) => void
  truncate: (options?: { markReady?: boolean }) => void
  metadata?: SyncMetadata
}

export type SyncResult = {
  cleanup?: () => void
  loadSubset?: (options: LoadSubsetLike) => true | Promise<void>
  unloadSubset?: (options: LoadSubsetLike) => void
}

export type SyncFunction = (params: SyncParams) => void | (() => void) | SyncResult

export type SyncConfigLike = {
  sync: SyncFunction
  rowUpdateMode?: `partial` | `full`
  getSyncMetadata?: () => Record<string, unknown>
}

export type IndexMetadataLike = { signature: string; expression: unknown }

export type CollectionLike = {
  id: string
  getKeyFromItem: (value: RowValue) => StorageKey
  getIndexMetadata?: () => Array<IndexMetadataLike>
  on?: (event: `index:added` | `index:removed`, listener: (event: { index: IndexMetadataLike }) => void) => () => void
}

export type PendingMutationLike = {
  mutationId: string
  type: `insert` | `update` | `delete`
  key: unknown
  modified: unknown
  original: unknown
  collection: { id: string }
}

/** What a commit says of its transaction: true, or a promise of when the app sees it. */
export type Receipt = true | Promise<void> | void

// Newer versions tell apart when a transaction is accepted and when it is seen: an optimistic
// transaction whose handler waits for the first holds up the second.
const receipts = tanstack as {
  whenSyncAccepted?: (receipt: Receipt) => Receipt
  withAcceptedReceipt?: (visible: Promise<void>, accepted: Receipt) => Promise<void>
}

/** The receipt of a transaction that counts when it is saved as well. */
export function savedReceipt(applied: Receipt, saved: Promise<void>): Promise<void> {
  const andSaved = (receipt: Receipt) => caught(Promise.resolve(receipt).then(() => saved))
  const visible = andSaved(applied)
  const { whenSyncAccepted, withAcceptedReceipt } = receipts
  if (!whenSyncAccepted || !withAcceptedReceipt) return visible
  const accepted = whenSyncAccepted(applied ?? true)
  return withAcceptedReceipt(visible, andSaved(accepted))
}

/** A source need not look at what becomes of a promise. */
export function caught<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

export function syncResultOf(result: ReturnType<SyncFunction>): SyncResult {
  if (typeof result === `function`) return { cleanup: result }
  return result ?? {}
}
