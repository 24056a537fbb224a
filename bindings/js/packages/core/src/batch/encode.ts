// Encodes rows as row batches: rows of one shape become a group of columns, texts go into the two
// heaps. What cannot be kept is found without knowing where; then the rows are walked once more to
// name the row and the path.
import { ColumnEncoder } from './columns.js'
import { BATCH_SLOTS, BatchSlot, Encoding, MetadataOp } from './layout.js'
import { NO_LIMITS, RowParts, hasValue, isKey, isRowValue, metadataOpOf } from './row_parts.js'
import { slotsOf } from './slots.js'
import { Unkeepable, explain } from './values.js'
import type { Offset } from 'flatbuffers'
import type { BatchLimits, EncodableRow } from './row_parts.js'
import type { TableWriter } from './table_writer.js'

export interface EncodeOptions {
  /** Utf16, if not given, which JavaScript writes and reads fastest. */
  encoding?: Encoding
}

export type SplitOptions = EncodeOptions & Partial<BatchLimits>

// Small enough that an engine soon has the first batch to write.
const MAX_BYTES = 256 * 1024
const MAX_ROWS = 1024

interface Batch {
  bytes: Uint8Array
  count: number
}

function optional(tables: TableWriter, bytes: Uint8Array | null): Offset {
  return bytes === null ? 0 : tables.vector(bytes, 1, bytes.length)
}

class BatchEncoder {
  private readonly columns = new ColumnEncoder()

  /** A batch of rows from `start` on, as many as the limits allow. */
  encode(rows: ReadonlyArray<EncodableRow>, start: number, limits: BatchLimits, encoding: Encoding): Batch {
    this.columns.reset(encoding)
    const parts = new RowParts(rows, start, limits, this.columns.spare)
    const bytes = this.write(parts, encoding)
    parts.end()
    return { bytes, count: parts.count }
  }

  private write(parts: RowParts, encoding: Encoding): Uint8Array {
    const { columns } = this
    const { heap, tables } = columns
    const slots = slotsOf(parts.keys, parts.count)
    const keys = parts.areFew ? columns.mixedColumn(slots, 1) : columns.column(slots, 1)
    const values = columns.objects(parts.values, 1, true)
    const ops = optional(tables, parts.opBytes())
    const metadataOps = optional(tables, parts.metadataOpBytes())
    // The engine counts a row's metadata as if it stood in a field of the row.
    const metadata = parts.metadata.length === 0 ? 0 : columns.column(slotsOf(parts.metadata, parts.metadata.length), 2)
    const narrow = tables.vector(heap.narrow, 1, heap.narrowSize)
    const wide = tables.vector(heap.wideBytes, 2, heap.wideSize)
    return tables.finish(BATCH_SLOTS, (builder) => {
      builder.addFieldOffset(BatchSlot.wide, wide, 0)
      builder.addFieldOffset(BatchSlot.narrow, narrow, 0)
      builder.addFieldOffset(BatchSlot.metadata, metadata, 0)
      builder.addFieldOffset(BatchSlot.metadataOps, metadataOps, 0)
      builder.addFieldOffset(BatchSlot.values, values, 0)
      builder.addFieldOffset(BatchSlot.ops, ops, 0)
      builder.addFieldOffset(BatchSlot.keys, keys, 0)
      builder.addFieldInt32(BatchSlot.count, parts.count, 0)
      builder.addFieldInt8(BatchSlot.encoding, encoding, 0)
    })
  }
}

// --- naming what cannot be kept ---

const LONGEST_KEY = 80

function nameOfRow(key: string | number): string {
  const text = typeof key === `string` ? JSON.stringify(key) : String(key)
  return `row ${text.length > LONGEST_KEY ? `${text.slice(0, LONGEST_KEY)}…` : text}: `
}

function kindOf(value: unknown): string {
  if (value === null || typeof value !== `object`) return String(value === null ? null : typeof value)
  return Array.isArray(value) ? `an array` : `a ${value.constructor?.name}`
}

function explainRow(row: EncodableRow, i: number): void {
  if (!isKey(row.key)) {
    const what = typeof row.key === `number` ? String(row.key) : kindOf(row.key)
    throw new TypeError(`row number ${i}: a key must be a string or a finite number, not ${what}`)
  }
  const how = { where: nameOfRow(row.key), undefinedInArrays: false }
  if (hasValue(row)) {
    explain(row.value, ``, 0, how)
    if (!isRowValue(row.value)) {
      throw new TypeError(`${how.where}a row's value must be an object, not ${kindOf(row.value)}`)
    }
  }
  if (metadataOpOf(row) === MetadataOp.Set) explain(row.metadata, `metadata`, 2, how)
}

// --- the encoder ---

// Its memory serves batch after batch. It is taken away while in use, so that a getter of a row may
// encode rows of its own, and left to be collected where a batch failed half-way.
let spare: BatchEncoder | null = null

function encodeFrom(
  rows: ReadonlyArray<EncodableRow>,
  start: number,
  limits: BatchLimits,
  encoding: Encoding = Encoding.Utf16,
): Batch {
  const encoder = spare ?? new BatchEncoder()
  spare = null
  try {
    const batch = encoder.encode(rows, start, limits, encoding)
    spare = encoder
    return batch
  } catch (error) {
    // A row that is nearly as large as a batch may be has none before it.
    const maxRows = Math.min(limits.maxRows, rows.length - start) >> 1
    if (error instanceof RangeError && limits !== NO_LIMITS && maxRows > 0) {
      return encodeFrom(rows, start, { ...limits, maxRows }, encoding)
    }
    if (!(error instanceof Unkeepable)) throw error
    for (let i = start; i < rows.length; i++) explainRow(rows[i], i)
    throw new TypeError(`a row holds a value that cannot be kept`)
  }
}

/** One row batch of all rows; a TypeError names the row and the path of what cannot be kept. */
export function encodeRows(rows: ReadonlyArray<EncodableRow>, options: EncodeOptions = {}): Uint8Array {
  return encodeFrom(rows, 0, NO_LIMITS, options.encoding).bytes
}

/** Row batches of all rows, in their order, each made when it is asked for; none where there are no
 *  rows. Neither side then needs the memory of all of them at once. A batch has at most 1,024 rows and
 *  about 256 KiB, if not given otherwise; a large row is the last one of its batch. */
export function* encodeBatches(
  rows: ReadonlyArray<EncodableRow>,
  { maxRows = MAX_ROWS, maxBytes = MAX_BYTES, encoding }: SplitOptions = {},
): Generator<Uint8Array, void> {
  for (let start = 0; start < rows.length; ) {
    const { bytes, count } = encodeFrom(rows, start, { maxRows, maxBytes }, encoding)
    yield bytes
    start += count
  }
}
