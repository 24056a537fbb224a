// Decodes row batches into plain objects. `compile: false` generates no code, as under a content
// security policy without `unsafe-eval`; both ways give the same values.
import { columnValues } from './column_values.js'
import { generatedObjects } from './generate.js'
import { readHeaps } from './heaps.js'
import { LOOSE, MetadataOp, Op } from './layout.js'
import { isUniform, readBatch } from './tables.js'
import { roomFor } from './value_lists.js'
import type { Heaps } from './heaps.js'
import type { Column, Group, Objects } from './tables.js'
import { setField } from './values.js'
import type { Fields } from './values.js'

export interface DecodeOptions {
  /** Whether code may be generated; the default is to find out. */
  compile?: boolean
  /** Whether the keys are wanted. */
  keys?: boolean
}

export interface DecodedBatch {
  count: number
  /** Null where the batch has none, or they are not wanted. */
  keys: Array<string | number> | null
  /** One object per row whose op is Insert or Update, in order. */
  values: Array<Fields>
  /** An Op a row; null where every row is an insert. */
  ops: Uint8Array | null
  versions: BigUint64Array | null
  /** A MetadataOp a row; null where no row changes its metadata. */
  metadataOps: Uint8Array | null
  /** One value per row whose metadata op is Set, in order. */
  metadata: Array<unknown> | null
}

export interface DecodedRow {
  key: string | number
  op: Op
  /** Absent where the op is Delete or Touch. */
  value?: Fields
  version?: bigint
  metadata?: unknown
}

// Compiling costs about as much as building a few dozen objects without.
const MIN_COMPILED = 32

class Builder {
  constructor(
    private readonly heaps: Heaps,
    private readonly compile: boolean,
  ) {}

  readonly values = (column: Column): Array<unknown> => columnValues(column, this.heaps, this.objects)

  // Objects of one or many groups, in their order.
  readonly objects = (objects: Objects): Array<Fields> => {
    if (isUniform(objects)) return this.group(objects.groups[0])
    const groups = objects.groups.map((group) => this.group(group))
    const loose = objects.loose === null ? [] : (this.values(objects.loose) as Array<Fields>)
    return objects.groupOf === null ? [] : inOrder(objects.groupOf, groups, loose)
  }

  private group(group: Group): Array<Fields> {
    const byCode = group.count >= MIN_COMPILED && this.compile ? generatedObjects(group, this.values) : null
    return byCode ?? this.groupWithoutCode(group)
  }

  private groupWithoutCode({ fields, columns, count }: Group): Array<Fields> {
    const values = columns.map(this.values)
    const objects = roomFor(count) as Array<Fields>
    for (let i = 0; i < count; i++) {
      const object: Fields = {}
      for (let k = 0; k < values.length; k++) setField(object, fields[k], values[k][i])
      objects[i] = object
    }
    return objects
  }
}

function inOrder(groupOf: Uint16Array, groups: Array<Array<Fields>>, loose: Array<Fields>): Array<Fields> {
  const lists = [...groups, loose]
  const next = new Uint32Array(lists.length)
  const all = roomFor(groupOf.length) as Array<Fields>
  for (let i = 0; i < groupOf.length; i++) {
    const list = groupOf[i] === LOOSE ? groups.length : groupOf[i]
    all[i] = lists[list][next[list]++]
  }
  return all
}

export function decodeBatch(bytes: Uint8Array, options: DecodeOptions = {}): DecodedBatch {
  const { compile = true, keys = true } = options
  const batch = readBatch(bytes)
  const builder = new Builder(readHeaps(batch), compile)
  return {
    count: batch.count,
    keys: keys && batch.keys !== null ? (builder.values(batch.keys) as Array<string | number>) : null,
    values: batch.values === null ? [] : builder.objects(batch.values),
    ops: batch.ops,
    versions: batch.versions,
    metadataOps: batch.metadataOps,
    metadata: batch.metadata === null ? null : builder.values(batch.metadata),
  }
}

/** The rows of a batch, absent parts left out. */
export function decodeRows(
  bytes: Uint8Array,
  options: Pick<DecodeOptions, `compile`> = {},
): Array<DecodedRow> {
  const batch = decodeBatch(bytes, { compile: options.compile })
  let value = 0
  let metadata = 0
  return Array.from({ length: batch.count }, (_, i) => {
    const op = (batch.ops === null ? Op.Insert : batch.ops[i]) as Op
    const row: DecodedRow = { key: batch.keys![i], op }
    if (op <= Op.Update) row.value = batch.values[value++]
    if (batch.versions !== null) row.version = batch.versions[i]
    if (batch.metadataOps?.[i] === MetadataOp.Set) row.metadata = batch.metadata![metadata++]
    return row
  })
}
