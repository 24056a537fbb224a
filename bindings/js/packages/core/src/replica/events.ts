// Events into a replica, as the bytes of schemas/replica.fbs.
import { EventKind, ReplicaEvent, ReplicaOptions, SyncMode, TextEncoding } from '../schemas/index.js'
import { buildTable, putMetadata, putString, putStrings } from '../tables.js'
import type { MetadataChange } from '../tables.js'

export { EventKind }

export type EventLike = {
  kind: EventKind
  number?: number
  subsetId?: number
  subset?: Uint8Array
  batch?: Uint8Array
  id?: string
  mutationIds?: ReadonlyArray<string>
  metadata?: ReadonlyArray<MetadataChange>
  payload?: Uint8Array
  effect?: number
  message?: string
  nowMs?: number
}

export function replicaEvent(event: EventLike): Uint8Array {
  return buildTable((builder) => {
    const subset = event.subset ? builder.createByteVector(event.subset) : 0
    const batch = event.batch ? builder.createByteVector(event.batch) : 0
    const payload = event.payload ? builder.createByteVector(event.payload) : 0
    const id = putString(builder, event.id)
    const message = putString(builder, event.message)
    const mutationIds = event.mutationIds ? putStrings(builder, event.mutationIds) : 0
    const metadata = event.metadata?.length ? putMetadata(builder, event.metadata) : 0
    ReplicaEvent.startReplicaEvent(builder)
    ReplicaEvent.addKind(builder, event.kind)
    ReplicaEvent.addNumber(builder, BigInt(event.number ?? 0))
    ReplicaEvent.addSubsetId(builder, BigInt(event.subsetId ?? 0))
    ReplicaEvent.addSubset(builder, subset)
    ReplicaEvent.addBatch(builder, batch)
    ReplicaEvent.addId(builder, id)
    ReplicaEvent.addMutationIds(builder, mutationIds)
    ReplicaEvent.addMetadata(builder, metadata)
    ReplicaEvent.addPayload(builder, payload)
    ReplicaEvent.addEffect(builder, BigInt(event.effect ?? 0))
    ReplicaEvent.addMessage(builder, message)
    ReplicaEvent.addNowMs(builder, BigInt(event.nowMs ?? 0))
    return ReplicaEvent.endReplicaEvent(builder)
  })
}

export type ReplicaOptionsLike = {
  onDemand: boolean
  source: boolean
  fullUpdates: boolean
  batchRows: number
}

export function replicaOptions(options: ReplicaOptionsLike): Uint8Array {
  return buildTable((builder) => {
    ReplicaOptions.startReplicaOptions(builder)
    ReplicaOptions.addMode(builder, options.onDemand ? SyncMode.OnDemand : SyncMode.Eager)
    ReplicaOptions.addSource(builder, options.source)
    ReplicaOptions.addFullUpdates(builder, options.fullUpdates)
    ReplicaOptions.addHost(builder, true)
    ReplicaOptions.addMetadata(builder, true)
    ReplicaOptions.addEncoding(builder, TextEncoding.Utf16)
    ReplicaOptions.addBatchRows(builder, options.batchRows)
    return ReplicaOptions.endReplicaOptions(builder)
  })
}
