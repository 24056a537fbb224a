// The coordinator that a persistence has, under TanStack DB's names, and the one for a single
// process. Coordinators between processes are a platform's: they sit on the engine's own.
import { InvalidPersistedCollectionCoordinatorError } from './errors.js'
import type { LoadSubsetLike } from './subset.js'
import type { PersistedIndexSpec, ReplayableTxDelta, StorageKey } from './types.js'

export type ProtocolEnvelope<TPayload> = {
  v: 1
  dbName: string
  collectionId: string
  senderId: string
  ts: number
  payload: TPayload
}

export type PersistedMutationEnvelope = {
  mutationId: string
  type: `insert` | `update` | `delete`
  key: StorageKey
  value: Record<string, unknown>
}

export type ApplyLocalMutationsResponse =
  | {
      type: `rpc:applyLocalMutations:res`
      rpcId: string
      ok: true
      term: number
      seq: number
      latestRowVersion: number
      acceptedMutationIds: Array<string>
    }
  | {
      type: `rpc:applyLocalMutations:res`
      rpcId: string
      ok: false
      code: `NOT_LEADER` | `VALIDATION_ERROR` | `CONFLICT` | `TIMEOUT`
      error: string
    }

type PullSinceHead = {
  type: `rpc:pullSince:res`
  rpcId: string
  ok: true
  latestTerm: number
  latestSeq: number
  latestRowVersion: number
}

export type PullSinceResponse =
  | (PullSinceHead & { requiresFullReload: true })
  | (PullSinceHead & {
      requiresFullReload: false
      changedKeys: Array<StorageKey>
      deletedKeys: Array<StorageKey>
      deltas?: Array<ReplayableTxDelta>
    })
  | { type: `rpc:pullSince:res`; rpcId: string; ok: false; error: string }

export interface PersistedCollectionCoordinator {
  getNodeId: () => string
  subscribe: (
    collectionId: string,
    onMessage: (message: ProtocolEnvelope<unknown>) => void,
  ) => () => void
  publish: (collectionId: string, message: ProtocolEnvelope<unknown>) => void
  isLeader: (collectionId: string) => boolean
  ensureLeadership: (collectionId: string) => Promise<void>
  requestEnsureRemoteSubset?: (collectionId: string, options: LoadSubsetLike) => Promise<void>
  requestEnsurePersistedIndex: (
    collectionId: string,
    signature: string,
    spec: PersistedIndexSpec,
  ) => Promise<void>
  requestApplyLocalMutations?: (
    collectionId: string,
    mutations: Array<PersistedMutationEnvelope>,
  ) => Promise<ApplyLocalMutationsResponse>
  pullSince?: (collectionId: string, fromRowVersion: number) => Promise<PullSinceResponse>
}

const REQUIRED = [
  `getNodeId`,
  `subscribe`,
  `publish`,
  `isLeader`,
  `ensureLeadership`,
  `requestEnsurePersistedIndex`,
] as const

export function validatePersistedCollectionCoordinator(coordinator: PersistedCollectionCoordinator): void {
  for (const method of REQUIRED) {
    if (typeof coordinator[method] !== `function`) {
      throw new InvalidPersistedCollectionCoordinatorError(method)
    }
  }
}

export function randomId(): string {
  if (typeof globalThis.crypto?.randomUUID === `function`) return globalThis.crypto.randomUUID()
  // Pages that are not secure have no randomUUID, but random bytes.
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, `0`)).join(``)
}

/** There is no other instance: it always leads, and has nobody to tell. */
export class SingleProcessCoordinator implements PersistedCollectionCoordinator {
  constructor(private readonly nodeId: string = randomId()) {}

  getNodeId(): string {
    return this.nodeId
  }

  subscribe(): () => void {
    return () => {}
  }

  publish(): void {}

  isLeader(): boolean {
    return true
  }

  async ensureLeadership(): Promise<void> {}

  async requestEnsureRemoteSubset(): Promise<void> {}

  async requestEnsurePersistedIndex(): Promise<void> {}

  // A reload is always right; an empty delta would hide what another connection has written.
  async pullSince(): Promise<PullSinceResponse> {
    return {
      type: `rpc:pullSince:res`,
      rpcId: randomId(),
      ok: true,
      latestTerm: 1,
      latestSeq: 0,
      latestRowVersion: 0,
      requiresFullReload: true,
    }
  }
}
