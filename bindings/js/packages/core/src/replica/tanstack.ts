// What is used of TanStack DB's collections and sync functions, by structure: the same code serves
// every version that has it.
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
    scanPersisted?: (options?: { metadataOnly?: boolean }) => Promise<Array<unknown>>
    whenHydrated?: () => Promise<void>
  }
  collection: {
    get: (key: string) => unknown
    set: (key: string, value: unknown) => void
    delete: (key: string) => void
    list: (prefix?: string) => ReadonlyArray<{ key: string; value: unknown }>
  }
}

export type SyncParams = {
  collection: CollectionLike
  begin: (options?: { immediate?: boolean }) => void
  write: (message: SyncMessage) => void
  commit: (signal?: AbortSignal) => true | Promise<void> | void
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

export function syncResultOf(result: ReturnType<SyncFunction>): SyncResult {
  if (typeof result === `function`) return { cleanup: result }
  return result ?? {}
}
