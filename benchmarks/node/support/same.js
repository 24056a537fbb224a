// Equality as Cairn promises it: kinds, numbers bit by bit (-0, NaN), bytes, dates, and the order
// of fields at every depth, which deepStrictEqual does not look at.
import assert from 'node:assert/strict';

function orderOf(value) {
  if (Array.isArray(value)) return value.map(orderOf);
  const plain = typeof value === 'object' && value !== null && !(value instanceof Date) &&
      !(value instanceof Uint8Array);
  return plain ? Object.keys(value).map((name) => [name, orderOf(value[name])]) : 0;
}

export function assertSame(actual, expected, message) {
  assert.deepStrictEqual(actual, expected, message);
  assert.deepStrictEqual(orderOf(actual), orderOf(expected), message);
}

// A text per key: 1 and "1" differ, and so do 0 and -0.
export function keyText(key) {
  if (typeof key === 'string') return `text ${key}`;
  return Object.is(key, -0) ? 'number -0' : `number ${key}`;
}

// How many values there are in a value, itself included.
export function countValues(value) {
  if (Array.isArray(value)) return value.reduce((sum, item) => sum + countValues(item), 1);
  if (typeof value !== 'object' || value === null || value instanceof Date ||
      value instanceof Uint8Array) {
    return 1;
  }
  return Object.values(value).reduce((sum, field) => sum + countValues(field), 1);
}
