// Writes FlatBuffers tables and vectors by slot, for the encoder of row batches. Typed arrays are
// copied whole; only the containers go through FlatBuffers' builder.
import { Builder } from 'flatbuffers'
import {
  COLUMN_SLOTS, ColumnSlot, GROUP_SLOTS, GroupSlot, MAX_BATCH_BYTES, OBJECTS_SLOTS, ObjectsSlot,
} from './layout.js'
import { TOO_LARGE } from './text_heap.js'
import type { Offset } from 'flatbuffers'
import type { Kind } from './layout.js'

const FIRST_SIZE = 4096
// What a builder may keep for the next batch.
const KEPT = 4 * 1024 * 1024
const SMALL = 128

/** A Column's fields; offsets that are 0 are absent. */
export class ColumnParts {
  nulls: Offset = 0
  data: Offset = 0
  ints: Offset = 0
  doubles: Offset = 0
  ends: Offset = 0
  codes: Offset = 0
  codes16: Offset = 0
  child: Offset = 0
  objects: Offset = 0
  narrowStart = 0
  wideStart = 0

  constructor(
    public kind: Kind,
    readonly count: number,
  ) {}
}

// FlatBuffers' way of adding many bytes at once, which it keeps to itself but for bytes.
interface Position {
  space: number
}

export class TableWriter {
  private builder = new Builder(FIRST_SIZE)

  reset(): void {
    if (this.builder.dataBuffer().capacity() > KEPT) this.builder = new Builder(FIRST_SIZE)
    else this.builder.clear()
  }

  /** A vector of `length` elements of `size` bytes, aligned for them: the first of `bytes`. */
  vector(bytes: Uint8Array, size: number, length: number): Offset {
    const { builder } = this
    const count = length * size
    if (count > MAX_BATCH_BYTES) throw new RangeError(TOO_LARGE)
    builder.startVector(size, length, size)
    const position = builder as unknown as Position
    const start = (position.space -= count)
    const out = builder.dataBuffer().bytes()
    // A view of its own would cost more than copying a few bytes.
    if (count <= SMALL) for (let i = 0; i < count; i++) out[start + i] = bytes[i]
    else out.set(bytes.subarray(0, count), start)
    return builder.endVector()
  }

  offsets(list: ReadonlyArray<Offset>): Offset {
    const { builder } = this
    builder.startVector(4, list.length, 4)
    for (let i = list.length - 1; i >= 0; i--) builder.addOffset(list[i])
    return builder.endVector()
  }

  column(parts: ColumnParts): Offset {
    const { builder } = this
    builder.startObject(COLUMN_SLOTS)
    builder.addFieldInt32(ColumnSlot.count, parts.count, 0)
    builder.addFieldInt32(ColumnSlot.wideStart, parts.wideStart, 0)
    builder.addFieldInt32(ColumnSlot.narrowStart, parts.narrowStart, 0)
    builder.addFieldOffset(ColumnSlot.objects, parts.objects, 0)
    builder.addFieldOffset(ColumnSlot.child, parts.child, 0)
    builder.addFieldOffset(ColumnSlot.codes16, parts.codes16, 0)
    builder.addFieldOffset(ColumnSlot.codes, parts.codes, 0)
    builder.addFieldOffset(ColumnSlot.ends, parts.ends, 0)
    builder.addFieldOffset(ColumnSlot.doubles, parts.doubles, 0)
    builder.addFieldOffset(ColumnSlot.ints, parts.ints, 0)
    builder.addFieldOffset(ColumnSlot.data, parts.data, 0)
    builder.addFieldOffset(ColumnSlot.nulls, parts.nulls, 0)
    builder.addFieldInt8(ColumnSlot.kind, parts.kind, 0)
    return builder.endObject()
  }

  group(fields: Offset, count: number, columns: ReadonlyArray<Offset>): Offset {
    const list = this.offsets(columns)
    const { builder } = this
    builder.startObject(GROUP_SLOTS)
    builder.addFieldOffset(GroupSlot.columns, list, 0)
    builder.addFieldInt32(GroupSlot.count, count, 0)
    builder.addFieldOffset(GroupSlot.fields, fields, 0)
    return builder.endObject()
  }

  objects(count: number, groups: ReadonlyArray<Offset>, groupOf: Offset, loose: Offset): Offset {
    const list = this.offsets(groups)
    const { builder } = this
    builder.startObject(OBJECTS_SLOTS)
    builder.addFieldOffset(ObjectsSlot.loose, loose, 0)
    builder.addFieldOffset(ObjectsSlot.groups, list, 0)
    builder.addFieldOffset(ObjectsSlot.groupOf, groupOf, 0)
    builder.addFieldInt32(ObjectsSlot.count, count, 0)
    return builder.endObject()
  }

  /** Writes the root table by `add` and gives the bytes of the whole, in memory of their own. */
  finish(slots: number, add: (builder: Builder) => void): Uint8Array {
    const { builder } = this
    builder.startObject(slots)
    add(builder)
    builder.finish(builder.endObject())
    if (builder.offset() > MAX_BATCH_BYTES) throw new RangeError(TOO_LARGE)
    return builder.asUint8Array().slice()
  }
}
