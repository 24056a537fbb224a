// Equality as Cairn promises it: kinds, numbers bit by bit (-0, NaN), bytes, dates, prototypes, and
// the order of fields at every depth, which deepStrictEqual does not look at.
import assert from 'node:assert/strict'

function orderOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(orderOf)
  if (typeof value !== `object` || value === null) return 0
  if (value instanceof Date || value instanceof Uint8Array) return 0
  return Object.entries(value).map(([name, field]) => [name, orderOf(field)])
}

export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  assert.deepStrictEqual(actual, expected, message)
  assert.deepStrictEqual(orderOf(actual), orderOf(expected), message)
}

/** A text per key: 1 and "1" differ, and so do 0 and -0. */
export function keyText(key: string | number): string {
  if (typeof key === `string`) return `text ${key}`
  return Object.is(key, -0) ? `number -0` : `number ${key}`
}

/** How many values there are in a value, itself included. */
export function countValues(value: unknown): number {
  if (typeof value !== `object` || value === null) return 1
  if (value instanceof Date || value instanceof Uint8Array) return 1
  return Object.values(value).reduce((sum: number, inner) => sum + countValues(inner), 1)
}
