// The values of a column as an array: one loop per kind of column, which serves all columns of that
// kind. So few functions do all the work, and they are compiled early in a process's life.
import { Kind } from './layout.js'
import { PortableReader } from './portable_reader.js'
import { roomFor } from './value_lists.js'
import type { Heaps } from './heaps.js'
import type { Column, Objects } from './tables.js'
import type { Fields } from './values.js'

/** Gives the objects of a column, in their order. */
export type BuildObjects = (objects: Objects) => Array<Fields>

function nothing({ count }: Column): Array<unknown> {
  const values = roomFor(count)
  for (let i = 0; i < count; i++) values[i] = null
  return values
}

function bools({ data, count }: Column): Array<unknown> {
  const values = roomFor(count)
  for (let i = 0; i < count; i++) values[i] = data[i] === 1
  return values
}

function numbers(numbers: Int32Array | Float64Array, count: number): Array<unknown> {
  const values = roomFor(count)
  for (let i = 0; i < count; i++) values[i] = numbers[i]
  return values
}

function dates({ doubles, count }: Column): Array<unknown> {
  const values = roomFor(count)
  for (let i = 0; i < count; i++) values[i] = new Date(doubles![i])
  return values
}

function texts(column: Column, { narrow, wide }: Heaps): Array<unknown> {
  const { count } = column
  const ends = column.ends!
  const values = roomFor(count)
  let { narrowStart, wideStart } = column
  for (let i = 0; i < count; i++) {
    const end = ends[i] >>> 1
    if (ends[i] & 1) {
      values[i] = wide.substring(wideStart, end)
      wideStart = end
    } else {
      values[i] = narrow.substring(narrowStart, end)
      narrowStart = end
    }
  }
  return values
}

function fromDictionary({ codes, count }: Column, dictionary: Array<unknown>): Array<unknown> {
  const values = roomFor(count)
  for (let i = 0; i < count; i++) values[i] = dictionary[codes![i]]
  return values
}

function bytes({ data, ends, count }: Column): Array<unknown> {
  const values = roomFor(count)
  for (let i = 0, start = 0; i < count; i++) values[i] = data.slice(start, (start = ends![i]))
  return values
}

function lists({ ends, count }: Column, items: Array<unknown>): Array<unknown> {
  const values = roomFor(count)
  for (let i = 0, start = 0; i < count; i++) values[i] = items.slice(start, (start = ends![i]))
  return values
}

// Arrays of numbers alone keep them unboxed.
function listsOfNumbers({ ends, count }: Column, numbers: Float64Array): Array<unknown> {
  const values = roomFor(count)
  for (let i = 0, at = 0; i < count; i++) {
    const end = ends![i]
    // Pushing onto an empty array would make room for 17 items in each list.
    const list = new Array<number>(end - at)
    for (let to = 0; at < end; at++, to++) list[to] = numbers[at]
    values[i] = list
  }
  return values
}

function tagged({ data, ends, count }: Column): Array<unknown> {
  const values = roomFor(count)
  const reader = new PortableReader(data)
  for (let i = 0; i < count; i++) {
    reader.at = i === 0 ? 0 : ends![i - 1]
    values[i] = reader.value()
  }
  return values
}

function isNull(nulls: Uint8Array, i: number): boolean {
  return ((nulls[i >> 3] >> (i & 7)) & 1) === 1
}

// Objects alone have no slot where a value is null.
function spread(objects: Array<unknown>, nulls: Uint8Array, count: number): Array<unknown> {
  const values = roomFor(count)
  let next = 0
  for (let i = 0; i < count; i++) values[i] = isNull(nulls, i) ? null : objects[next++]
  return values
}

function putNulls(values: Array<unknown>, nulls: Uint8Array): Array<unknown> {
  for (let i = 0; i < values.length; i++) if (isNull(nulls, i)) values[i] = null
  return values
}

function slotValues(column: Column, heaps: Heaps, build: BuildObjects): Array<unknown> {
  switch (column.kind) {
    case Kind.Null: return nothing(column)
    case Kind.Bool: return bools(column)
    case Kind.Int32: return numbers(column.ints!, column.count)
    case Kind.Float64: return numbers(column.doubles!, column.count)
    case Kind.Date: return dates(column)
    case Kind.Text: return texts(column, heaps)
    case Kind.TextDict: return fromDictionary(column, texts(column.child!, heaps))
    case Kind.Bytes: return bytes(column)
    case Kind.List: return listValues(column, heaps, build)
    case Kind.Tagged: return tagged(column)
  }
  throw new TypeError(`unknown kind of column ${column.kind}`)
}

function listValues(column: Column, heaps: Heaps, build: BuildObjects): Array<unknown> {
  const child = column.child!
  if (child.kind === Kind.Float64 && child.nulls === null) return listsOfNumbers(column, child.doubles!)
  return lists(column, columnValues(child, heaps, build))
}

/** All values of a column, nulls included. */
export function columnValues(column: Column, heaps: Heaps, build: BuildObjects): Array<unknown> {
  const { nulls } = column
  if (column.kind === Kind.Object) {
    const objects = build(column.objects!)
    return nulls === null ? objects : spread(objects, nulls, column.count)
  }
  const values = slotValues(column, heaps, build)
  return nulls === null ? values : putNulls(values, nulls)
}
