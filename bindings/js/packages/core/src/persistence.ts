// A persistence over one database of an engine, for any number of collections: what a platform's
// create function gives, and persistedCollectionOptions takes.
import { CairnPersistenceAdapter } from './adapter.js'
import { SingleProcessCoordinator } from './coordinator.js'
import { InvalidPersistedCollectionConfigError } from './errors.js'
import type { PersistedCollectionCoordinator } from './coordinator.js'
import type { EngineDatabase } from './engine.js'
import type { CollectionOptionsLike, DurabilityName } from './requests.js'
import type { PersistedCollectionMode, PersistenceAdapter } from './types.js'

/** How many transactions the log keeps for deltas. */
export const DEFAULT_APPLIED_TX_PRUNE_MAX_ROWS = 1_000
/** For how many seconds: a day. */
export const DEFAULT_APPLIED_TX_PRUNE_MAX_AGE_SECONDS = 24 * 60 * 60
const DEFAULT_PULL_SINCE_RELOAD_THRESHOLD = 128

/** What to do where the stored schema version is another one: `sync-present-reset` and `reset` drop
 *  the rows, `sync-absent-error` and `throw` refuse. By default it depends on the collection. */
export type SchemaMismatchPolicy = `sync-present-reset` | `sync-absent-error` | `reset` | `throw`

export interface PersistenceOptions {
  coordinator?: PersistedCollectionCoordinator
  schemaMismatchPolicy?: SchemaMismatchPolicy
  /** 0: no limit. */
  appliedTxPruneMaxRows?: number
  /** 0: no limit. */
  appliedTxPruneMaxAgeSeconds?: number
  pullSinceReloadThreshold?: number
  /** Over the default: `disk` for local-only collections, `os` for synced ones. */
  durability?: DurabilityName
}

export interface PersistedCollectionPersistence {
  adapter: PersistenceAdapter
  coordinator?: PersistedCollectionCoordinator
  resolvePersistenceForCollection?: (options: {
    collectionId: string
    mode: PersistedCollectionMode
    schemaVersion?: number
  }) => PersistedCollectionPersistence
  resolvePersistenceForMode?: (mode: PersistedCollectionMode) => PersistedCollectionPersistence
}

function wholeNumber(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0) return value
  throw new InvalidPersistedCollectionConfigError(`${name} must be a non-negative integer, not ${value}`)
}

const MISMATCH = {
  'sync-present-reset': `reset`,
  reset: `reset`,
  'sync-absent-error': `error`,
  throw: `error`,
} as const

function collectionDefaults(options: PersistenceOptions): CollectionOptionsLike {
  const { schemaMismatchPolicy: policy } = options
  if (policy !== undefined && !(policy in MISMATCH)) {
    throw new InvalidPersistedCollectionConfigError(`unknown schemaMismatchPolicy "${String(policy)}"`)
  }
  return {
    mismatch: policy && MISMATCH[policy],
    durability: options.durability,
    logTransactions: wholeNumber(
      `appliedTxPruneMaxRows`,
      options.appliedTxPruneMaxRows ?? DEFAULT_APPLIED_TX_PRUNE_MAX_ROWS,
    ),
    logSeconds: wholeNumber(
      `appliedTxPruneMaxAgeSeconds`,
      options.appliedTxPruneMaxAgeSeconds ?? DEFAULT_APPLIED_TX_PRUNE_MAX_AGE_SECONDS,
    ),
  }
}

/** `database` is called when the first collection is opened. */
export function createPersistence(
  database: () => Promise<EngineDatabase>,
  options: PersistenceOptions,
): PersistedCollectionPersistence {
  const coordinator = options.coordinator ?? new SingleProcessCoordinator()
  const defaults = collectionDefaults(options)
  const pullSinceReloadThreshold = wholeNumber(
    `pullSinceReloadThreshold`,
    options.pullSinceReloadThreshold ?? DEFAULT_PULL_SINCE_RELOAD_THRESHOLD,
  )
  const adapters = new Map<string, CairnPersistenceAdapter>()

  const resolve = (mode: PersistedCollectionMode, schemaVersion = 1): PersistedCollectionPersistence => {
    const name = `${mode} ${wholeNumber(`schemaVersion`, schemaVersion)}`
    let adapter = adapters.get(name)
    if (!adapter) {
      adapter = new CairnPersistenceAdapter(database, {
        collection: { ...defaults, schemaVersion, local: mode === `sync-absent` },
        pullSinceReloadThreshold,
        writer: coordinator.getNodeId(),
      })
      adapters.set(name, adapter)
    }
    return { adapter, coordinator }
  }

  return {
    ...resolve(`sync-absent`),
    resolvePersistenceForCollection: ({ mode, schemaVersion }) => resolve(mode, schemaVersion),
    resolvePersistenceForMode: (mode) => resolve(mode),
  }
}
