// The rows of a batch, taken apart in one walk: keys, values by their shapes, metadata. The walk counts
// about how much they take, so that a batch ends where it is large enough.
import { ShapeGroups } from './groups.js'
import { MetadataOp, Op } from './layout.js'
import { sizeOf, sizeOfPlain } from './sizes.js'
import { anyValues } from './value_lists.js'
import { ObjectClass, Unkeepable, classOfObject } from './values.js'
import type { ValueLists } from './value_lists.js'
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

/** Up to where a batch takes rows. */
export interface BatchLimits {
  maxRows: number
  /** About how many bytes: a batch ends with the row that reaches them. */
  maxBytes: number
}

export const NO_LIMITS: BatchLimits = { maxRows: Infinity, maxBytes: Infinity }

export function isKey(key: unknown): key is string | number {
  return typeof key === `string` || (typeof key === `number` && Number.isFinite(key))
}

export function isRowValue(value: unknown): value is Fields {
  return typeof value === `object` && value !== null && classOfObject(value) === ObjectClass.Plain
}

export function hasValue(row: EncodableRow): boolean {
  return row.op === undefined || row.op === Op.Insert || row.op === Op.Update
}

export function metadataOpOf(row: EncodableRow): MetadataOp {
  if (row.removeMetadata) return MetadataOp.Remove
  return row.metadata === undefined ? MetadataOp.Keep : MetadataOp.Set
}

// The columns of a group cost more than so many rows gain by them.
const FEW_ROWS = 4

export class RowParts {
  readonly areFew: boolean
  /** The keys of `count` rows; what stands behind them is of no use. */
  readonly keys: Array<unknown>
  count = 0
  readonly values: ShapeGroups
  readonly metadata = anyValues()
  private readonly budget: number
  private size = 0
  private ops = false
  private metadataOps = false

  /** Takes rows from `start` on, at least one. */
  constructor(
    private readonly rows: ReadonlyArray<EncodableRow>,
    private readonly start: number,
    { maxRows, maxBytes }: BatchLimits,
    private readonly lists: ValueLists,
  ) {
    const most = Math.min(rows.length - start, Math.max(1, maxRows))
    this.budget = maxBytes === Infinity ? 0 : maxBytes
    this.areFew = most < FEW_ROWS
    this.keys = lists.take()
    this.values = new ShapeGroups(lists, this.budget, this.areFew)
    const isFull = () => this.count > 0 && this.size + this.values.size >= maxBytes
    while (this.count < most && !isFull()) this.add(rows[start + this.count])
  }

  /** Gives its memory back. */
  end(): void {
    this.lists.give(this.keys, this.count)
    this.values.end()
  }

  private add(row: EncodableRow): void {
    const { key, value, op = Op.Insert } = row
    if (!isKey(key)) throw new Unkeepable()
    this.keys[this.count++] = key
    if (op <= Op.Update) {
      if (!isRowValue(value)) throw new Unkeepable()
      this.values.add(value, op === Op.Update)
    }
    if (op !== Op.Insert) this.ops = true
    if (this.budget > 0) this.size += sizeOfPlain(key)
    const metadataOp = metadataOpOf(row)
    if (metadataOp !== MetadataOp.Keep) this.addMetadata(row.metadata, metadataOp)
  }

  private addMetadata(metadata: unknown, op: MetadataOp): void {
    this.metadataOps = true
    if (op !== MetadataOp.Set) return
    this.metadata.push(metadata)
    if (this.budget > 0) this.size += sizeOf(metadata, this.budget)
  }

  /** Null where all are inserts. */
  opBytes(): Uint8Array | null {
    return this.ops ? this.bytes((row) => row.op ?? Op.Insert) : null
  }

  /** Null where no metadata changes. */
  metadataOpBytes(): Uint8Array | null {
    return this.metadataOps ? this.bytes(metadataOpOf) : null
  }

  private bytes(of: (row: EncodableRow) => number): Uint8Array {
    const bytes = new Uint8Array(this.count)
    for (let i = 0; i < bytes.length; i++) bytes[i] = of(this.rows[this.start + i])
    return bytes
  }
}
