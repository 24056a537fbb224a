// Where the values of a column stand, and the loops over them: one a kind, each with nothing else in it.
// So each is small and compiled soon, and its compilation takes little of the other cores.
import { ObjectClass, Unkeepable, classOfObject, nestsTooDeep } from './values.js'
import type { ShapeGroups } from './groups.js'
import type { TextHeap } from './text_heap.js'
import type { Fields } from './values.js'

/** `list[start + i * stride]` for each i below `count`. */
export interface Slots {
  list: Array<unknown>
  start: number
  stride: number
  count: number
}

export function slotsOf(list: Array<unknown>, count: number): Slots {
  return { list, start: 0, stride: 1, count }
}

/** What a loop gives that met a value which is not of its kind; the others give the number of nulls. */
export const OTHER_KIND = -1

// So many texts may be new before most of them have to be known.
const FREE_CODES = 48
const MAX_CODES = 65535
// Texts that are written in one piece, unless that would be a large one.
const MAX_PIECE = 16 * 1024
export const TEXTS_AT_ONCE = 32

/** The first that is not null; null where all are. */
export function firstValue({ list, start, stride, count }: Slots): unknown {
  for (let i = 0, at = start; i < count; i++, at += stride) {
    if (list[at] !== null) return list[at]
  }
  return null
}

export function checkDepth({ list, start, stride, count }: Slots, depth: number): void {
  for (let i = 0, at = start; i < count; i++, at += stride) {
    if (nestsTooDeep(list[at], depth)) throw new Unkeepable()
  }
}

/** Bits of zero become one where a value is null. */
export function fillNullBits({ list, start, stride, count }: Slots, out: Uint8Array): void {
  for (let i = 0, at = start; i < count; i++, at += stride) {
    if (list[at] === null) out[i >> 3] |= 1 << (i & 7)
  }
}

export function fillBools({ list, start, stride, count }: Slots, out: Uint8Array): number {
  let nulls = 0
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const value = list[at]
    if (value === null) nulls++
    else if (typeof value !== `boolean`) return OTHER_KIND
    out[i] = value === true ? 1 : 0
  }
  return nulls
}

export function fillInts({ list, start, stride, count }: Slots, out: Int32Array): number {
  let nulls = 0
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const value = list[at]
    if (typeof value === `number`) {
      const int = value | 0
      if (!Object.is(int, value)) return OTHER_KIND
      out[i] = int
    } else if (value === null) {
      nulls++
      out[i] = 0
    } else {
      return OTHER_KIND
    }
  }
  return nulls
}

export function fillDoubles({ list, start, stride, count }: Slots, out: Float64Array): number {
  let nulls = 0
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const value = list[at]
    if (typeof value === `number`) {
      out[i] = value
    } else if (value === null) {
      nulls++
      out[i] = 0
    } else {
      return OTHER_KIND
    }
  }
  return nulls
}

export function fillDates({ list, start, stride, count }: Slots, out: Float64Array): number {
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
      return OTHER_KIND
    }
  }
  return nulls
}

/** The number of each text in a dictionary, which grows by what is new. Gives up where most texts are
 *  new: a plain column is smaller and written faster. */
export function fillCodes(
  { list, start, stride, count }: Slots,
  dictionary: Map<string, number>,
  out: Uint16Array,
): number {
  let nulls = 0
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const value = list[at]
    if (typeof value === `string`) {
      let code = dictionary.get(value)
      if (code === undefined) {
        code = dictionary.size
        if (code >= MAX_CODES || 3 * (code - FREE_CODES) > i) return OTHER_KIND
        dictionary.set(value, code)
      }
      out[i] = code
    } else if (value === null) {
      nulls++
      out[i] = 0
    } else {
      return OTHER_KIND
    }
  }
  return nulls
}

/** Adds texts to the heap, and their entries of `ends` to `out`: some at a time in one piece, where they
 *  are ASCII. `some` is an array of TEXTS_AT_ONCE to work with. */
export function fillTexts(
  { list, start, stride, count }: Slots,
  heap: TextHeap,
  some: Array<unknown>,
  out: Uint32Array,
): number {
  let nulls = 0
  for (let first = 0, at = start; first < count; first += TEXTS_AT_ONCE) {
    const size = Math.min(TEXTS_AT_ONCE, count - first)
    const begin = heap.narrowSize
    let end = begin
    for (let i = 0; i < size; i++, at += stride) {
      const value = list[at]
      if (typeof value === `string`) end += value.length
      else if (value === null) nulls++
      else return OTHER_KIND
      some[i] = value
      out[first + i] = 2 * end
    }
    if (size < TEXTS_AT_ONCE) some.fill(``, size)
    const isSmall = end - begin <= MAX_PIECE
    if (!isSmall || !heap.addAscii(some.join(``))) addEach(some, size, heap, out, first)
  }
  return nulls
}

function addEach(texts: Array<unknown>, count: number, heap: TextHeap, out: Uint32Array, first: number): void {
  for (let i = 0; i < count; i++) {
    const text = texts[i] as string | null
    out[first + i] = text === null ? heap.end() : heap.add(text)
  }
}

/** Where byte strings end that stand one behind the other. */
export function fillByteEnds({ list, start, stride, count }: Slots, out: Uint32Array): number {
  let nulls = 0
  let end = 0
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const value = list[at]
    if (value === null) nulls++
    else if (typeof value !== `object` || classOfObject(value) !== ObjectClass.Bytes) return OTHER_KIND
    else end += (value as Uint8Array).length
    out[i] = end
  }
  return nulls
}

export function fillBytes({ list, start, stride, count }: Slots, out: Uint8Array): void {
  let end = 0
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const bytes = list[at] as Uint8Array | null
    if (bytes === null) continue
    out.set(bytes, end)
    end += bytes.length
  }
}

/** The items of lists one behind the other, and where each list ends. */
export function fillItems({ list, start, stride, count }: Slots, items: Array<unknown>, out: Uint32Array): number {
  let nulls = 0
  let end = 0
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const value = list[at]
    if (value === null) nulls++
    else if (!Array.isArray(value)) return OTHER_KIND
    else for (let k = 0; k < value.length; k++) items[end++] = value[k]
    out[i] = end
  }
  return nulls
}

export function fillGroups({ list, start, stride, count }: Slots, groups: ShapeGroups): number {
  let nulls = 0
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const value = list[at]
    if (value === null) nulls++
    else if (typeof value !== `object` || classOfObject(value) !== ObjectClass.Plain) return OTHER_KIND
    else groups.add(value as Fields, false)
  }
  return nulls
}
