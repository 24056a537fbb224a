// Splits the rows of a large transaction into several batches, so that neither side ever needs the
// memory of all of them at once. Sizes are estimates, made before anything is encoded.
import { encodeRows } from './encode.js'
import { MAX_DEPTH } from './layout.js'
import type { EncodableRow, EncodeOptions } from './encode.js'

export interface SplitOptions extends EncodeOptions {
  /** About how large a batch may become; a larger row gets a batch of its own. 256 KiB, if not given. */
  maxBytes?: number
  /** 1,024, if not given. */
  maxRows?: number
}

// Small enough that an engine soon has the first batch to write.
const MAX_BYTES = 256 * 1024
const MAX_ROWS = 1024

// About how much a value adds to a batch; more than `budget` need not be exact. The depth is that of
// a value that contains itself: the encoder will refuse it.
function sizeOf(value: unknown, budget: number, depth: number): number {
  if (typeof value === `string`) return value.length + 4
  if (typeof value !== `object` || value === null) return 8
  if (value instanceof Date) return 8
  if (value instanceof Uint8Array) return value.length + 4
  if (depth > MAX_DEPTH) return budget
  return Array.isArray(value) ? sizeOfItems(value, budget, depth) : sizeOfFields(value, budget, depth)
}

function sizeOfItems(items: Array<unknown>, budget: number, depth: number): number {
  let size = 4
  for (let i = 0; i < items.length && size < budget; i++) {
    size += sizeOf(items[i], budget - size, depth + 1)
  }
  return size
}

function sizeOfFields(value: object, budget: number, depth: number): number {
  const object = value as Record<string, unknown>
  let size = 4
  for (const name in object) {
    size += sizeOf(object[name], budget - size, depth + 1)
    if (size >= budget) break
  }
  return size
}

function sizeOfRow(row: EncodableRow, budget: number): number {
  return sizeOf(row.key, budget, 0) + sizeOf(row.value, budget, 0) + sizeOf(row.metadata, budget, 0)
}

// Where the batch that begins at `start` ends: with at least one row.
function endOfBatch(rows: ReadonlyArray<EncodableRow>, start: number, options: SplitOptions): number {
  const { maxBytes = MAX_BYTES, maxRows = MAX_ROWS } = options
  const most = Math.min(rows.length, start + Math.max(1, maxRows))
  let end = start + 1
  let size = most > end ? sizeOfRow(rows[start], maxBytes) : 0
  for (; end < most; end++) {
    size += sizeOfRow(rows[end], maxBytes)
    if (size > maxBytes) break
  }
  return end
}

/** Row batches of all rows, in their order, each made when it is asked for; none where there are no
 *  rows. */
export function* encodeBatches(
  rows: ReadonlyArray<EncodableRow>,
  options: SplitOptions = {},
): Generator<Uint8Array, void> {
  for (let start = 0; start < rows.length; ) {
    const end = endOfBatch(rows, start, options)
    const whole = start === 0 && end === rows.length
    yield encodeRows(whole ? rows : rows.slice(start, end), options)
    start = end
  }
}
