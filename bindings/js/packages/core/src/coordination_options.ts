// Options of the engine's coordinators as the bytes of their table (schemas/coordination.fbs).
import { CoordinatorKind, CoordinatorOptions } from './schemas/index.js'
import { buildTable, putString } from './tables.js'

export type CoordinatorOptionsLike = { kind: `native` | `single`; node?: string; heartbeatMs?: number }

export function coordinatorOptions(options: CoordinatorOptionsLike): Uint8Array {
  return buildTable((builder) => {
    const node = putString(builder, options.node)
    CoordinatorOptions.startCoordinatorOptions(builder)
    CoordinatorOptions.addKind(builder, options.kind === `native` ? CoordinatorKind.Native : CoordinatorKind.Single)
    CoordinatorOptions.addNode(builder, node)
    if (options.heartbeatMs !== undefined) CoordinatorOptions.addHeartbeatMs(builder, options.heartbeatMs)
    return CoordinatorOptions.endCoordinatorOptions(builder)
  })
}
