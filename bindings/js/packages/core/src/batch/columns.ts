// Encodes columns of values. A column is tried as the kind of its first value that is not null, in
// one pass that gives up at the first value of another kind; then the column becomes Tagged, whose
// portable values are of any kind.
import { ShapeGroups } from './groups.js'
import { Kind, MAX_COLUMN_DEPTH } from './layout.js'
import { PortableWriter } from './portable_writer.js'
import { Scratch } from './scratch.js'
import {
  OTHER_KIND, TEXTS_AT_ONCE, checkDepth, fillBools, fillByteEnds, fillBytes, fillCodes, fillDates, fillDoubles,
  fillGroups, fillInts, fillItems, fillNullBits, fillTexts, firstValue, slotsOf,
} from './slots.js'
import { ColumnParts, TableWriter } from './table_writer.js'
import { TextHeap } from './text_heap.js'
import { ValueLists, roomFor } from './value_lists.js'
import { ObjectClass, Unkeepable, classOfObject } from './values.js'
import type { Offset } from 'flatbuffers'
import type { LooseObject, ShapeGroup } from './groups.js'
import type { Encoding } from './layout.js'
import type { Slots } from './slots.js'

// A column of fewer texts is not worth a dictionary, nor is one of which fewer than half repeat.
const MIN_DICTIONARY = 8
// An object that contains itself would grow without end from column to column, so the depth of what
// reaches this one is checked first.
const CHECKED_DEPTH = 4

function narrow(from: Uint16Array, to: Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) to[i] = from[i]
}

export class ColumnEncoder {
  readonly tables = new TableWriter()
  readonly heap = new TextHeap()
  readonly spare = new ValueLists()
  private readonly scratch = new Scratch()
  private readonly names = new PortableWriter(false)
  private readonly some = roomFor(TEXTS_AT_ONCE)

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
      case `number`: return this.ints(slots) ?? this.doubles(Kind.Float64, slots, fillDoubles)
      case `boolean`: return this.bools(slots)
      case `object`: return this.typedObjects(classOfObject(first!), slots, depth)
    }
    return null
  }

  private typedObjects(first: ObjectClass, slots: Slots, depth: number): ColumnParts | null {
    if (first === ObjectClass.Date) return this.doubles(Kind.Date, slots, fillDates)
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

  private nullBits(slots: Slots): Offset {
    const size = (slots.count + 7) >> 3
    const bits = this.scratch.u8.fill(0, 0, size)
    fillNullBits(slots, bits)
    return this.tables.vector(bits, 1, size)
  }

  private bools(slots: Slots): ColumnParts | null {
    const nulls = fillBools(slots, this.scratch.u8)
    if (nulls === OTHER_KIND) return null
    const data = this.fromScratch(1, slots.count)
    const parts = this.parts(Kind.Bool, slots, nulls)
    parts.data = data
    return parts
  }

  private ints(slots: Slots): ColumnParts | null {
    const nulls = fillInts(slots, this.scratch.i32)
    if (nulls === OTHER_KIND) return null
    const ints = this.fromScratch(4, slots.count)
    const parts = this.parts(Kind.Int32, slots, nulls)
    parts.ints = ints
    return parts
  }

  // Numbers, or dates as such.
  private doubles(kind: Kind, slots: Slots, fill: typeof fillDoubles): ColumnParts | null {
    const nulls = fill(slots, this.scratch.f64)
    if (nulls === OTHER_KIND) return null
    const doubles = this.fromScratch(8, slots.count)
    const parts = this.parts(kind, slots, nulls)
    parts.doubles = doubles
    return parts
  }

  private texts(slots: Slots): ColumnParts | null {
    const { heap, scratch, some } = this
    const mark = heap.mark()
    const nulls = fillTexts(slots, heap, some, scratch.u32)
    some.fill(``)
    if (nulls === OTHER_KIND) {
      heap.rewind(mark)
      return null
    }
    const ends = this.fromScratch(4, slots.count)
    const parts = this.parts(Kind.Text, slots, nulls)
    parts.ends = ends
    parts.narrowStart = mark.narrow
    parts.wideStart = mark.wide
    return parts
  }

  // Null where too few texts repeat, or where some values are no texts.
  private dictionary(slots: Slots): ColumnParts | null {
    if (slots.count < MIN_DICTIONARY) return null
    const distinct = new Map<string, number>()
    const nulls = fillCodes(slots, distinct, this.scratch.u16)
    if (nulls === OTHER_KIND || distinct.size > (slots.count - nulls) / 2) return null
    return this.coded(slots, distinct, nulls)
  }

  // The column of a dictionary, whose codes stand in the scratch memory.
  private coded(slots: Slots, distinct: Map<string, number>, nulls: number): ColumnParts {
    const { u8, u16 } = this.scratch
    const wide = distinct.size > 256
    if (!wide) narrow(u16, u8, slots.count)
    const codes = this.fromScratch(wide ? 2 : 1, slots.count)
    const parts = this.parts(Kind.TextDict, slots, nulls)
    if (wide) parts.codes16 = codes
    else parts.codes = codes
    const texts = Array.from<unknown>(distinct.keys())
    parts.child = this.tables.column(this.texts(slotsOf(texts, texts.length))!)
    return parts
  }

  private byteStrings(slots: Slots): ColumnParts | null {
    const { u32 } = this.scratch
    const nulls = fillByteEnds(slots, u32)
    if (nulls === OTHER_KIND) return null
    const bytes = new Uint8Array(u32[slots.count - 1])
    fillBytes(slots, bytes)
    const ends = this.fromScratch(4, slots.count)
    const parts = this.parts(Kind.Bytes, slots, nulls)
    parts.ends = ends
    parts.data = this.tables.vector(bytes, 1, bytes.length)
    return parts
  }

  private lists(slots: Slots, depth: number): ColumnParts | null {
    const items = this.spare.take()
    const { u32 } = this.scratch
    const nulls = fillItems(slots, items, u32)
    if (nulls === OTHER_KIND) return null
    const count = u32[slots.count - 1]
    const ends = this.fromScratch(4, slots.count)
    const parts = this.parts(Kind.List, slots, nulls)
    parts.ends = ends
    parts.child = this.column(slotsOf(items, count), depth + 1)
    this.spare.give(items, count)
    return parts
  }

  private nested(slots: Slots, depth: number): ColumnParts | null {
    const groups = new ShapeGroups(this.spare)
    const nulls = fillGroups(slots, groups)
    if (nulls === OTHER_KIND) return null
    const parts = this.parts(Kind.Object, slots, nulls)
    parts.objects = this.objects(groups, depth + 1)
    groups.end()
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
  objects({ groups, loose, groupOf, length }: ShapeGroups, depth: number, mayBeUndefined = false): Offset {
    const tables = groups.map((group) => this.group(group, depth, mayBeUndefined))
    const ofEach = groupOf === null && tables.length > 0 ? 0 : this.groupVector(groupOf ?? [])
    return this.tables.objects(length, tables, ofEach, loose.length === 0 ? 0 : this.looseColumn(loose, depth - 1))
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
