// Encodes rows as a row batch: rows of one shape become a group of columns, texts go into the two
// heaps. What cannot be kept is found without knowing where; then the rows are walked once more to
// name the row and the path.
import { ColumnEncoder, slotsOf } from './columns.js'
import { ShapeGroups, anyValues } from './groups.js'
import { BATCH_SLOTS, BatchSlot, Encoding, MetadataOp, Op } from './layout.js'
import { ObjectClass, Unkeepable, classOfObject, explain } from './values.js'
import type { Offset } from 'flatbuffers'
import type { Fields } from './values.js'

export interface EncodableRow {
  /** A text or a finite number. */
  key: string | number
  /** An object, where the op is Insert or Update. Undefined fields of an update remove the stored
   *  field; all others are absent. */
  value?: unknown
  /** Insert, if not given. */
  op?: Op
  /** Sets the row's metadata; undefined leaves it as it is. */
  metadata?: unknown
  removeMetadata?: boolean
}

export interface EncodeOptions {
  /** Utf16, if not given, which JavaScript writes and reads fastest. */
  encoding?: Encoding
}

function isKey(key: unknown): boolean {
  return typeof key === `string` || (typeof key === `number` && Number.isFinite(key))
}

function isRowValue(value: unknown): value is Fields {
  return typeof value === `object` && value !== null && classOfObject(value) === ObjectClass.Plain
}

function hasValue(row: EncodableRow): boolean {
  return row.op === undefined || row.op === Op.Insert || row.op === Op.Update
}

function metadataOpOf(row: EncodableRow): MetadataOp {
  if (row.removeMetadata) return MetadataOp.Remove
  return row.metadata === undefined ? MetadataOp.Keep : MetadataOp.Set
}

// The columns of a group cost more than so many rows gain by them.
const FEW_ROWS = 4

// The rows of a batch, taken apart.
class RowParts {
  readonly areFew: boolean
  readonly keys = anyValues()
  readonly values: ShapeGroups
  readonly metadata = anyValues()
  private ops = false
  private metadataOps = false

  constructor(private readonly rows: ReadonlyArray<EncodableRow>) {
    this.areFew = rows.length < FEW_ROWS
    this.values = new ShapeGroups(this.areFew)
    for (let i = 0; i < rows.length; i++) this.add(rows[i])
  }

  private add(row: EncodableRow): void {
    const { key, value, op = Op.Insert } = row
    if (!isKey(key)) throw new Unkeepable()
    this.keys.push(key)
    if (op <= Op.Update) {
      if (!isRowValue(value)) throw new Unkeepable()
      this.values.add(value, op === Op.Update)
    }
    if (op !== Op.Insert) this.ops = true
    const metadataOp = metadataOpOf(row)
    if (metadataOp === MetadataOp.Set) this.metadata.push(row.metadata)
    if (metadataOp !== MetadataOp.Keep) this.metadataOps = true
  }

  /** Null where all are inserts. */
  opBytes(): Uint8Array | null {
    return this.ops ? Uint8Array.from(this.rows, (row) => row.op ?? Op.Insert) : null
  }

  /** Null where no metadata changes. */
  metadataOpBytes(): Uint8Array | null {
    return this.metadataOps ? Uint8Array.from(this.rows, metadataOpOf) : null
  }
}

class BatchEncoder {
  private readonly columns = new ColumnEncoder()

  encode(rows: ReadonlyArray<EncodableRow>, encoding: Encoding): Uint8Array {
    const { columns } = this
    columns.reset(encoding)
    const parts = new RowParts(rows)
    const slots = slotsOf(parts.keys)
    const keys = parts.areFew ? columns.mixedColumn(slots, 1) : columns.column(slots, 1)
    const values = columns.objects(parts.values, 1, true)
    const ops = this.optional(parts.opBytes())
    const metadataOps = this.optional(parts.metadataOpBytes())
    // The engine counts a row's metadata as if it stood in a field of the row.
    const metadata = parts.metadata.length === 0 ? 0 : columns.column(slotsOf(parts.metadata), 2)
    const { heap, tables } = columns
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
      builder.addFieldInt32(BatchSlot.count, rows.length, 0)
      builder.addFieldInt8(BatchSlot.encoding, encoding, 0)
    })
  }

  private optional(bytes: Uint8Array | null): Offset {
    return bytes === null ? 0 : this.columns.tables.vector(bytes, 1, bytes.length)
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

/** One row batch of all rows; a TypeError names the row and the path of what cannot be kept. */
export function encodeRows(rows: ReadonlyArray<EncodableRow>, options: EncodeOptions = {}): Uint8Array {
  const encoder = spare ?? new BatchEncoder()
  spare = null
  try {
    const bytes = encoder.encode(rows, options.encoding ?? Encoding.Utf16)
    spare = encoder
    return bytes
  } catch (error) {
    if (!(error instanceof Unkeepable)) throw error
    rows.forEach(explainRow)
    throw new TypeError(`a row holds a value that cannot be kept`)
  }
}
