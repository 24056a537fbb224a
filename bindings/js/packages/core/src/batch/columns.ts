// Encodes columns of values. A column is tried as the kind of its first value that is not null, in
// one pass that gives up at the first value of another kind; then the column becomes Tagged, whose
// portable values are of any kind. Values are read from where they stand, every `stride`-th of a list.
import { ShapeGroups, anyValues } from './groups.js'
import { Kind, MAX_COLUMN_DEPTH } from './layout.js'
import { PortableWriter } from './portable_writer.js'
import { ColumnParts, TableWriter } from './table_writer.js'
import { TextHeap } from './text_heap.js'
import { ObjectClass, Unkeepable, classOfObject, nestsTooDeep } from './values.js'
import type { Offset } from 'flatbuffers'
import type { LooseObject, ShapeGroup } from './groups.js'
import type { Encoding } from './layout.js'
import type { Fields } from './values.js'

/** Where the values of a column stand: `list[start + i * stride]` for each i below `count`. */
export interface Slots {
  list: Array<unknown>
  start: number
  stride: number
  count: number
}

export function slotsOf(list: Array<unknown>): Slots {
  return { list, start: 0, stride: 1, count: list.length }
}

// A column of fewer texts is not worth a dictionary, nor is one of which fewer than half repeat.
const MIN_DICTIONARY = 8
const MAX_DICTIONARY = 65535
// An object that contains itself would grow without end from column to column, so the depth of what
// reaches this one is checked first.
const CHECKED_DEPTH = 4
// What the scratch memory may keep for the next batch.
const KEPT = 1024 * 1024

// One piece of memory under all kinds of typed arrays; each use ends with a vector being written.
class Scratch {
  u8!: Uint8Array
  u16!: Uint16Array
  u32!: Uint32Array
  i32!: Int32Array
  f64!: Float64Array

  constructor() {
    this.allocate(1024)
  }

  /** Makes room for `count` elements of any kind. */
  reserve(count: number): void {
    if (count > this.f64.length) this.allocate(Math.max(count, 2 * this.f64.length))
  }

  reset(): void {
    if (this.u8.length > KEPT) this.allocate(1024)
  }

  private allocate(count: number): void {
    const buffer = new ArrayBuffer(8 * count)
    this.u8 = new Uint8Array(buffer)
    this.u16 = new Uint16Array(buffer)
    this.u32 = new Uint32Array(buffer)
    this.i32 = new Int32Array(buffer)
    this.f64 = new Float64Array(buffer)
  }
}

function firstValue({ list, start, stride, count }: Slots): unknown {
  for (let i = 0, at = start; i < count; i++, at += stride) {
    if (list[at] !== null) return list[at]
  }
  return null
}

function checkDepth({ list, start, stride, count }: Slots, depth: number): void {
  for (let i = 0, at = start; i < count; i++, at += stride) {
    if (nestsTooDeep(list[at], depth)) throw new Unkeepable()
  }
}

export class ColumnEncoder {
  readonly tables = new TableWriter()
  readonly heap = new TextHeap()
  private readonly scratch = new Scratch()
  private readonly names = new PortableWriter(false)

  reset(encoding: Encoding): void {
    this.tables.reset()
    this.heap.reset(encoding)
    this.scratch.reset()
  }

  /** A column of values that have `depth` containers around them. Only a field of an update may be
   *  undefined: `undefined` of an insert has been left out, and of an array cannot be kept. */
  column(slots: Slots, depth: number, mayBeUndefined = false): Offset {
    const first = firstValue(slots)
    if (first === null) return this.tables.column(new ColumnParts(Kind.Null, slots.count))
    this.scratch.reserve(slots.count)
    const parts = this.typed(first, slots, depth) ?? this.tagged(slots, depth, mayBeUndefined)
    return this.tables.column(parts)
  }

  /** The same without looking for a kind that serves all of the values. */
  mixedColumn(slots: Slots, depth: number): Offset {
    this.scratch.reserve(slots.count)
    return this.tables.column(this.tagged(slots, depth))
  }

  // Null where the column has to be Tagged.
  private typed(first: unknown, slots: Slots, depth: number): ColumnParts | null {
    switch (typeof first) {
      case `string`: return this.dictionary(slots) ?? this.texts(slots)
      case `number`: return this.ints(slots) ?? this.doubles(slots)
      case `boolean`: return this.bools(slots)
      case `object`: return this.typedObjects(classOfObject(first!), slots, depth)
    }
    return null
  }

  private typedObjects(first: ObjectClass, slots: Slots, depth: number): ColumnParts | null {
    if (first === ObjectClass.Date) return this.dates(slots)
    if (first === ObjectClass.Bytes) return this.byteStrings(slots)
    if (first === ObjectClass.None || depth >= MAX_COLUMN_DEPTH) return null
    if (depth === CHECKED_DEPTH) checkDepth(slots, depth)
    return first === ObjectClass.Array ? this.lists(slots, depth) : this.nested(slots, depth)
  }

  // A vector of what stands in the scratch memory.
  private fromScratch(size: number, count: number): Offset {
    return this.tables.vector(this.scratch.u8, size, count)
  }

  private parts(kind: Kind, slots: Slots, nulls: number): ColumnParts {
    const parts = new ColumnParts(kind, slots.count)
    if (nulls > 0) parts.nulls = this.nullBits(slots)
    return parts
  }

  private nullBits({ list, start, stride, count }: Slots): Offset {
    const size = (count + 7) >> 3
    const bits = this.scratch.u8
    bits.fill(0, 0, size)
    for (let i = 0, at = start; i < count; i++, at += stride) {
      if (list[at] === null) bits[i >> 3] |= 1 << (i & 7)
    }
    return this.tables.vector(bits, 1, size)
  }

  private bools(slots: Slots): ColumnParts | null {
    const { list, start, stride, count } = slots
    const out = this.scratch.u8
    let nulls = 0
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const value = list[at]
      if (value === null) nulls++
      else if (typeof value !== `boolean`) return null
      out[i] = value === true ? 1 : 0
    }
    const data = this.tables.vector(out, 1, count)
    const parts = this.parts(Kind.Bool, slots, nulls)
    parts.data = data
    return parts
  }

  private ints(slots: Slots): ColumnParts | null {
    const { list, start, stride, count } = slots
    const out = this.scratch.i32
    let nulls = 0
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const value = list[at]
      if (typeof value === `number`) {
        const int = value | 0
        if (!Object.is(int, value)) return null
        out[i] = int
      } else if (value === null) {
        nulls++
        out[i] = 0
      } else {
        return null
      }
    }
    const ints = this.fromScratch(4, count)
    const parts = this.parts(Kind.Int32, slots, nulls)
    parts.ints = ints
    return parts
  }

  private doubles(slots: Slots): ColumnParts | null {
    const { list, start, stride, count } = slots
    const out = this.scratch.f64
    let nulls = 0
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const value = list[at]
      if (typeof value === `number`) {
        out[i] = value
      } else if (value === null) {
        nulls++
        out[i] = 0
      } else {
        return null
      }
    }
    const doubles = this.fromScratch(8, count)
    const parts = this.parts(Kind.Float64, slots, nulls)
    parts.doubles = doubles
    return parts
  }

  private dates(slots: Slots): ColumnParts | null {
    const { list, start, stride, count } = slots
    const out = this.scratch.f64
    let nulls = 0
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const value = list[at]
      if (value === null) {
        nulls++
        out[i] = 0
      } else if (typeof value === `object` && classOfObject(value) === ObjectClass.Date) {
        const ms = (value as Date).getTime()
        if (ms !== ms) throw new Unkeepable()
        out[i] = ms
      } else {
        return null
      }
    }
    const doubles = this.fromScratch(8, count)
    const parts = this.parts(Kind.Date, slots, nulls)
    parts.doubles = doubles
    return parts
  }

  private texts(slots: Slots): ColumnParts | null {
    const { list, start, stride, count } = slots
    const { heap } = this
    const mark = heap.mark()
    const out = this.scratch.u32
    let nulls = 0
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const value = list[at]
      if (typeof value === `string`) {
        out[i] = heap.add(value)
      } else if (value === null) {
        nulls++
        out[i] = heap.end()
      } else {
        heap.rewind(mark)
        return null
      }
    }
    const ends = this.fromScratch(4, count)
    const parts = this.parts(Kind.Text, slots, nulls)
    parts.ends = ends
    parts.narrowStart = mark.narrow
    parts.wideStart = mark.wide
    return parts
  }

  // Null where too few texts repeat, or where some values are no texts.
  private dictionary(slots: Slots): ColumnParts | null {
    const { list, start, stride, count } = slots
    if (count < MIN_DICTIONARY) return null
    const distinct = new Map<string, number>()
    const out = this.scratch.u16
    let nulls = 0
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const value = list[at]
      if (typeof value === `string`) {
        let code = distinct.get(value)
        if (code === undefined) {
          code = distinct.size
          // Most texts are new: a plain column is smaller and written faster.
          if (code >= MAX_DICTIONARY || code > 48 + i / 3) return null
          distinct.set(value, code)
        }
        out[i] = code
      } else if (value === null) {
        nulls++
        out[i] = 0
      } else {
        return null
      }
    }
    return distinct.size > (count - nulls) / 2 ? null : this.coded(slots, distinct, nulls)
  }

  // The column of a dictionary, whose codes stand in the scratch memory.
  private coded(slots: Slots, distinct: Map<string, number>, nulls: number): ColumnParts {
    const { u8, u16 } = this.scratch
    const wide = distinct.size > 256
    if (!wide) for (let i = 0; i < slots.count; i++) u8[i] = u16[i]
    const codes = this.fromScratch(wide ? 2 : 1, slots.count)
    const parts = this.parts(Kind.TextDict, slots, nulls)
    if (wide) parts.codes16 = codes
    else parts.codes = codes
    const texts = anyValues()
    for (const text of distinct.keys()) texts.push(text)
    parts.child = this.tables.column(this.texts(slotsOf(texts))!)
    return parts
  }

  private byteStrings(slots: Slots): ColumnParts | null {
    const { list, start, stride, count } = slots
    const out = this.scratch.u32
    let end = 0
    let nulls = 0
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const value = list[at]
      if (value === null) nulls++
      else if (typeof value !== `object` || classOfObject(value) !== ObjectClass.Bytes) return null
      else end += (value as Uint8Array).length
      out[i] = end
    }
    const ends = this.fromScratch(4, count)
    const parts = this.parts(Kind.Bytes, slots, nulls)
    parts.ends = ends
    parts.data = this.concatenated(slots, end)
    return parts
  }

  private concatenated({ list, start, stride, count }: Slots, size: number): Offset {
    const data = new Uint8Array(size)
    let end = 0
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const bytes = list[at] as Uint8Array | null
      if (bytes === null) continue
      data.set(bytes, end)
      end += bytes.length
    }
    return this.tables.vector(data, 1, size)
  }

  private lists(slots: Slots, depth: number): ColumnParts | null {
    const { list, start, stride, count } = slots
    const out = this.scratch.u32
    const items = anyValues()
    let nulls = 0
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const value = list[at]
      if (value === null) nulls++
      else if (!Array.isArray(value)) return null
      else for (let k = 0; k < value.length; k++) items.push(value[k])
      out[i] = items.length
    }
    const ends = this.fromScratch(4, count)
    const parts = this.parts(Kind.List, slots, nulls)
    parts.ends = ends
    parts.child = this.column(slotsOf(items), depth + 1)
    return parts
  }

  private nested(slots: Slots, depth: number): ColumnParts | null {
    const { list, start, stride, count } = slots
    const groups = new ShapeGroups()
    let nulls = 0
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const value = list[at]
      if (value === null) nulls++
      else if (typeof value !== `object` || classOfObject(value) !== ObjectClass.Plain) return null
      else groups.add(value as Fields, false)
    }
    const parts = this.parts(Kind.Object, slots, nulls)
    parts.objects = this.objects(groups, depth + 1)
    return parts
  }

  private tagged(slots: Slots, depth: number, mayBeUndefined = false): ColumnParts {
    const { list, start, stride, count } = slots
    const out = this.scratch.u32
    const writer = new PortableWriter(false)
    for (let i = 0, at = start; i < count; i++, at += stride) {
      const value = list[at]
      if (value === undefined && !mayBeUndefined) throw new Unkeepable()
      writer.value(value, depth)
      out[i] = writer.at
    }
    const parts = new ColumnParts(Kind.Tagged, count)
    parts.ends = this.fromScratch(4, count)
    parts.data = this.tables.vector(writer.bytes, 1, writer.at)
    parts.nulls = this.nullBitsIfAny(slots)
    return parts
  }

  private nullBitsIfAny(slots: Slots): Offset {
    const { list, start, stride, count } = slots
    for (let i = 0, at = start; i < count; i++, at += stride) {
      if (list[at] === null) return this.nullBits(slots)
    }
    return 0
  }

  /** Objects whose fields have `depth` containers around them. */
  objects(groups: ShapeGroups, depth: number, mayBeUndefined = false): Offset {
    const { loose, groupOf } = groups
    const tables = groups.groups.map((group) => this.group(group, depth, mayBeUndefined))
    const uniform = tables.length === 1 && loose.length === 0
    return this.tables.objects(
      groupOf.length,
      tables,
      uniform ? 0 : this.groupVector(groupOf),
      loose.length === 0 ? 0 : this.looseColumn(loose, depth - 1),
    )
  }

  private groupVector(groupOf: Array<number>): Offset {
    this.scratch.reserve(groupOf.length)
    const { u16 } = this.scratch
    for (let i = 0; i < groupOf.length; i++) u16[i] = groupOf[i]
    return this.fromScratch(2, groupOf.length)
  }

  private looseColumn(loose: Array<LooseObject>, depth: number): Offset {
    const { length } = loose
    this.scratch.reserve(length)
    const out = this.scratch.u32
    const writer = new PortableWriter(false)
    for (let i = 0; i < length; i++) {
      writer.fields(loose[i].object, depth, loose[i].keepUndefined)
      out[i] = writer.at
    }
    const parts = new ColumnParts(Kind.Tagged, length)
    parts.ends = this.fromScratch(4, length)
    parts.data = this.tables.vector(writer.bytes, 1, writer.at)
    return this.tables.column(parts)
  }

  private group({ names, count, values }: ShapeGroup, depth: number, mayBeUndefined: boolean): Offset {
    const stride = names.length
    const columns = names.map((_, start) =>
      this.column({ list: values, start, stride, count }, depth, mayBeUndefined))
    this.names.at = 0
    this.names.value(names, 0)
    return this.tables.group(this.tables.vector(this.names.bytes, 1, this.names.at), count, columns)
  }
}
