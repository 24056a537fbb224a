// persistedCollectionOptions: the options of a TanStack DB collection, with its rows on disk.
import { CairnPersistenceAdapter } from './adapter.js'
import { SingleProcessCoordinator, randomId, validatePersistedCollectionCoordinator } from './coordinator.js'
import {
  InvalidPersistedCollectionConfigError,
  InvalidPersistenceAdapterError,
  InvalidSyncConfigError,
} from './errors.js'
import { Runtime } from './replica/runtime.js'
import { withCollectionConfigFactory } from '@tanstack/db'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type {
  CollectionConfig,
  InferSchemaOutput,
  LoadSubsetOptions,
  PendingMutation,
  SyncConfig,
  UtilsRecord,
} from '@tanstack/db'
import type { PersistedCollectionCoordinator } from './coordinator.js'
import type { Coordination } from './coordination.js'
import type { PersistedCollectionPersistence } from './persistence.js'
import type { PersistenceState } from './replica/runtime.js'
import type { PendingMutationLike, SyncConfigLike, SyncParams } from './replica/tanstack.js'
import type { PersistedCollectionMode } from './types.js'

export type PersistedCollectionLeadershipState = { nodeId: string; isLeader: boolean }

export interface PersistedCollectionUtils extends UtilsRecord {
  /** Makes a manual transaction's mutations of this collection durable. */
  acceptMutations: (transaction: {
    mutations: Array<PendingMutation<Record<string, unknown>>>
  }) => Promise<void>
  getLeadershipState: () => PersistedCollectionLeadershipState
  /** Reads a subset from the disk again. */
  forceReloadSubset: (options: LoadSubsetOptions) => Promise<void>
  getPersistenceState: () => PersistenceState
  /** Tries at once what has failed to be saved. */
  retryPersistence: () => void
}

type PersistedOptions = {
  persistence: PersistedCollectionPersistence
  /** Raise it when the shape of rows changes: 1 by default. */
  schemaVersion?: number
  /** Told of each failure to save or to read. Nothing is lost by one: what waits is tried again. */
  onPersistenceError?: (error: Error, state: PersistenceState) => void
}

export type PersistedSyncWrappedOptions<
  T extends object,
  TKey extends string | number,
  TSchema extends StandardSchemaV1 = never,
  TUtils extends UtilsRecord = UtilsRecord,
> = CollectionConfig<T, TKey, TSchema, TUtils> & { sync: SyncConfig<T, TKey> } & PersistedOptions

export type PersistedLocalOnlyOptions<
  T extends object,
  TKey extends string | number,
  TSchema extends StandardSchemaV1 = never,
  TUtils extends UtilsRecord = UtilsRecord,
> = Omit<CollectionConfig<T, TKey, TSchema, TUtils>, `sync`> & PersistedOptions

type PersistedResult<
  T extends object,
  TKey extends string | number,
  TSchema extends StandardSchemaV1,
  TUtils extends UtilsRecord,
> = CollectionConfig<T, TKey, TSchema, TUtils & PersistedCollectionUtils> & {
  id: string
  persistence: PersistedCollectionPersistence
  utils: TUtils & PersistedCollectionUtils
}

/** The method of a coordinator that brings the engine's own, by which replicas are told of others. */
export const COORDINATION = Symbol.for(`@cairn-db/coordination`)

type Resolved = {
  persistence: PersistedCollectionPersistence
  adapter: CairnPersistenceAdapter
  coordinator: PersistedCollectionCoordinator & { [COORDINATION]?: () => Promise<Coordination> }
}

function resolve(
  persistence: PersistedCollectionPersistence,
  request: { collectionId: string; mode: PersistedCollectionMode; schemaVersion?: number },
): Resolved {
  const chosen =
    persistence.resolvePersistenceForCollection?.(request) ??
    persistence.resolvePersistenceForMode?.(request.mode) ??
    persistence
  if (!(chosen.adapter instanceof CairnPersistenceAdapter)) {
    if (typeof chosen.adapter?.loadSubset !== `function`) throw new InvalidPersistenceAdapterError(`loadSubset`)
    throw new InvalidPersistedCollectionConfigError(
      `this persistedCollectionOptions needs a persistence of Cairn's, such as createNodeSQLitePersistence of @cairn-db/node gives`,
    )
  }
  const coordinator = chosen.coordinator ?? persistence.coordinator ?? new SingleProcessCoordinator()
  validatePersistedCollectionCoordinator(coordinator)
  return { persistence: chosen, adapter: chosen.adapter, coordinator }
}

// The runs of one collection: TanStack DB starts and cleans up any number of them, one at a time.
class Runs {
  private current: Runtime | undefined
  private end: Promise<void> = Promise.resolve()

  constructor(
    private readonly id: string,
    private readonly resolved: Resolved,
    private readonly config: {
      source?: SyncConfigLike
      onDemand: boolean
      onPersistenceError?: PersistedOptions[`onPersistenceError`]
    },
  ) {}

  start(params: SyncParams) {
    const run = new Runtime(
      params,
      {
        ...this.config,
        collectionId: this.id,
        adapter: this.resolved.adapter,
        coordination: () => this.resolved.coordinator[COORDINATION]?.(),
      },
      this.end,
    )
    this.current = run
    return {
      cleanup: () => {
        if (this.current === run) this.current = undefined
        this.end = run.close()
      },
      loadSubset: (options: LoadSubsetOptions) => run.loadSubset(options),
      unloadSubset: (options: LoadSubsetOptions) => run.unloadSubset(options),
    }
  }

  async mutate(mutations: ReadonlyArray<unknown>): Promise<void> {
    if (mutations.length > 0) await this.run().mutate(mutations as ReadonlyArray<PendingMutationLike>)
  }

  utils(): PersistedCollectionUtils {
    return {
      acceptMutations: ({ mutations }) =>
        this.mutate(mutations.filter((mutation) => mutation.collection.id === this.id)),
      getLeadershipState: () => ({
        nodeId: this.resolved.coordinator.getNodeId(),
        isLeader: this.current?.leads ?? false,
      }),
      forceReloadSubset: (options) => this.run().reloadSubset(options),
      getPersistenceState: () => this.current?.state ?? { status: `ok`, unsaved: 0 },
      retryPersistence: () => this.current?.retry(),
    }
  }

  private run(): Runtime {
    if (this.current) return this.current
    throw new Error(`the collection "${this.id}" is not started: preload or subscribe to it first`)
  }
}

// With a schema its output is the rows.
export function persistedCollectionOptions<
  TSchema extends StandardSchemaV1,
  TKey extends string | number,
  TUtils extends UtilsRecord,
>(
  options: PersistedSyncWrappedOptions<InferSchemaOutput<TSchema>, TKey, TSchema, TUtils> & { schema: TSchema },
): PersistedResult<InferSchemaOutput<TSchema>, TKey, TSchema, TUtils> & { schema: TSchema }

// The schema is told by type arguments alone: a source's `schema?: never` would be taken for any schema.
export function persistedCollectionOptions<
  T extends object,
  TKey extends string | number,
  TSchema extends StandardSchemaV1 = never,
  TUtils extends UtilsRecord = UtilsRecord,
>(
  options: PersistedSyncWrappedOptions<T, TKey, NoInfer<TSchema>, TUtils>,
): PersistedResult<T, TKey, TSchema, TUtils>

export function persistedCollectionOptions<
  TSchema extends StandardSchemaV1,
  TKey extends string | number,
  TUtils extends UtilsRecord,
>(
  options: PersistedLocalOnlyOptions<InferSchemaOutput<TSchema>, TKey, TSchema, TUtils> & { schema: TSchema },
): PersistedResult<InferSchemaOutput<TSchema>, TKey, TSchema, TUtils> & { schema: TSchema }

export function persistedCollectionOptions<
  T extends object,
  TKey extends string | number,
  TSchema extends StandardSchemaV1 = never,
  TUtils extends UtilsRecord = UtilsRecord,
>(
  options: PersistedLocalOnlyOptions<T, TKey, NoInfer<TSchema>, TUtils>,
): PersistedResult<T, TKey, TSchema, TUtils>

export function persistedCollectionOptions(options: any): any {
  if (typeof options.persistence !== `object` || options.persistence === null) {
    throw new InvalidPersistedCollectionConfigError(`persistedCollectionOptions requires a persistence`)
  }
  const result = Object.hasOwn(options, `sync`) ? syncedOptions(options) : localOptions(options)
  // A descriptor may be made into a collection more than once, each with runs of its own.
  return withCollectionConfigFactory(result as never, () =>
    persistedCollectionOptions({ ...options, id: result.id } as never) as never,
  )
}

// The implementation serves all types of rows and keys.
type AnyOptions = Record<string, any> & PersistedOptions & { id?: string; sync?: SyncConfigLike }

function syncedOptions({ schemaVersion, onPersistenceError, ...options }: AnyOptions) {
  if (typeof options.sync?.sync !== `function`) throw new InvalidSyncConfigError()
  const id = options.id ?? anonymous()
  const resolved = resolve(options.persistence, { collectionId: id, mode: `sync-present`, schemaVersion })
  const runs = new Runs(id, resolved, {
    source: options.sync,
    onDemand: options.syncMode === `on-demand`,
    onPersistenceError,
  })
  return {
    ...options,
    id,
    persistence: resolved.persistence,
    sync: { ...options.sync, sync: (params: SyncParams) => runs.start(params) },
    utils: withUtils(options.utils, runs.utils()),
  }
}

// A source's utilities may be getters of a class, which a spread would lose; its own names go first.
function withUtils(source: object | undefined, own: PersistedCollectionUtils): object {
  const merged = Object.create(source ?? Object.prototype) as Record<string, unknown>
  for (const [name, value] of Object.entries(own)) if (!(name in merged)) merged[name] = value
  return merged
}

function anonymous(): string {
  console.warn(`A persisted collection without an id is not found again at the next start: give it one.`)
  return `persisted-collection:${randomId()}`
}

function localOptions({ schemaVersion, onPersistenceError, ...options }: AnyOptions) {
  const id = options.id
  if (id === undefined) {
    throw new InvalidPersistedCollectionConfigError(
      `a local-only persisted collection needs an id: under a random one its rows would be lost at the next start`,
    )
  }
  const resolved = resolve(options.persistence, { collectionId: id, mode: `sync-absent`, schemaVersion })
  const runs = new Runs(id, resolved, { onDemand: options.syncMode === `on-demand`, onPersistenceError })
  const durable = (name: `onInsert` | `onUpdate` | `onDelete`) => async (params: MutationParams) => {
    const result = await options[name]?.(params)
    await runs.mutate(params.transaction.mutations)
    return result ?? {}
  }
  return {
    ...options,
    id,
    persistence: resolved.persistence,
    sync: {
      sync: (params: SyncParams) => runs.start(params),
      rowUpdateMode: `full`,
      getSyncMetadata: () => ({ source: `cairn-local-only` }),
    },
    onInsert: durable(`onInsert`),
    onUpdate: durable(`onUpdate`),
    onDelete: durable(`onDelete`),
    utils: { ...options.utils, ...runs.utils() },
    startSync: true,
    gcTime: options.gcTime ?? 0,
  }
}

type MutationParams = { transaction: { mutations: Array<unknown> } }
