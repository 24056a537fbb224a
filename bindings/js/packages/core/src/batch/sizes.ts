// About how many bytes a value adds to a batch, found before it is encoded.
import { MAX_DEPTH } from './layout.js'

const NUMBER = 8
const HEAD = 4

/** Of what is no object. */
export function sizeOfPlain(value: unknown): number {
  return typeof value === `string` ? value.length + HEAD : NUMBER
}

/** More than `budget` need not be exact. Where the depth is that of a value that contains itself, it
 *  counts as the budget: the encoder will refuse it. */
export function sizeOf(value: unknown, budget: number, depth = 0): number {
  if (typeof value !== `object` || value === null) return sizeOfPlain(value)
  if (value instanceof Date) return NUMBER
  if (value instanceof Uint8Array) return value.length + HEAD
  if (depth > MAX_DEPTH) return budget
  return Array.isArray(value) ? sizeOfItems(value, budget, depth) : sizeOfFields(value, budget, depth)
}

function sizeOfItems(items: Array<unknown>, budget: number, depth: number): number {
  let size = HEAD
  for (let i = 0; i < items.length && size < budget; i++) {
    size += sizeOf(items[i], budget - size, depth + 1)
  }
  return size
}

function sizeOfFields(value: object, budget: number, depth: number): number {
  const object = value as Record<string, unknown>
  let size = HEAD
  for (const name in object) {
    size += sizeOf(object[name], budget - size, depth + 1)
    if (size >= budget) break
  }
  return size
}
