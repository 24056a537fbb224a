// What cannot be kept throws a TypeError that names the row and the path, and leaves nothing behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { decodeBatch, encodeBatches, encodeRows, Op, writeValue } from '../../src/batch/index.js'
import { nested, shapeRows } from './support/corpus.js'
import type { EncodableRow } from '../../src/batch/index.js'

class Point {
  constructor(readonly x: number) {}
}

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof TypeError, String(error))
    return error.message
  }
  assert.fail(`nothing was thrown`)
}

function refused(value: unknown): string {
  return messageOf(() => encodeRows([{ key: `k0`, value: { fine: 1 } }, { key: `k1`, value }]))
}

test(`what cannot be kept is named with its row and its path`, () => {
  const cases: Array<[unknown, string]> = [
    [{ tags: [new Map()] }, `row "k1": tags[0]: a Map cannot be kept`],
    [{ f: [1, { g: new Set() }] }, `row "k1": f[1].g: a Set cannot be kept`],
    [{ f: () => 1 }, `row "k1": f: a function cannot be kept`],
    [{ f: Symbol(`s`) }, `row "k1": f: a symbol cannot be kept`],
    [{ f: /x/ }, `row "k1": f: a RegExp cannot be kept`],
    [{ f: new Point(1) }, `row "k1": f: a Point cannot be kept`],
    [{ f: new Error(`no`) }, `row "k1": f: an Error cannot be kept`],
    [{ f: new Float64Array(1) }, `row "k1": f: a Float64Array cannot be kept`],
    [{ f: new ArrayBuffer(1) }, `row "k1": f: an ArrayBuffer cannot be kept`],
    [{ f: Object(1) }, `row "k1": f: a Number cannot be kept`],
    [{ f: new Date(NaN) }, `row "k1": f: an invalid date cannot be kept`],
    [{ f: [new Date(1), new Date(NaN)] }, `row "k1": f[1]: an invalid date cannot be kept`],
    [{ 'a b': { '': new Map() } }, `row "k1": ["a b"][""]: a Map cannot be kept`],
    [{ f: [1, undefined] }, `row "k1": f[1]: undefined cannot be kept in an array`],
    // eslint-disable-next-line no-sparse-arrays
    [{ f: [1, , 2] }, `row "k1": f[1]: undefined cannot be kept in an array`],
    [new Point(1), `row "k1": a Point cannot be kept`],
    [[1], `row "k1": a row's value must be an object, not an array`],
    [null, `row "k1": a row's value must be an object, not null`],
    [undefined, `row "k1": a row's value must be an object, not undefined`],
    [`text`, `row "k1": a row's value must be an object, not string`],
    [new Date(1), `row "k1": a row's value must be an object, not a Date`],
  ]
  for (const [value, message] of cases) assert.equal(refused(value), message)
})

test(`whatever else stands in the column, the first bad value is named`, () => {
  for (const good of [`text`, 1, 1.5, true, new Date(1), Uint8Array.of(1), [1], { a: 1 }, 5n, null]) {
    const rows = Array.from({ length: 30 }, (_, i): EncodableRow => ({
      key: i, value: { f: i < 20 ? good : new Map() },
    }))
    assert.equal(messageOf(() => encodeRows(rows)), `row 20: f: a Map cannot be kept`)
    assert.equal(messageOf(() => [...encodeBatches(rows)]), `row 20: f: a Map cannot be kept`)
  }
})

test(`a row without a key that can be kept is named by its place among all rows`, () => {
  const rows = Array.from({ length: 2000 }, (_, key): EncodableRow => ({ key, value: {} }))
  assert.equal(messageOf(() => [...encodeBatches([...rows, { key: NaN, value: {} }])]),
    `row number 2000: a key must be a string or a finite number, not NaN`)
})

test(`a row whose shape has no group is named too`, () => {
  const rows: Array<EncodableRow> = shapeRows(300)
  rows[299] = { key: `last`, value: { only299: [new Map()] } }
  assert.equal(messageOf(() => encodeRows(rows)), `row "last": only299[0]: a Map cannot be kept`)
})

test(`metadata is named`, () => {
  const rows: Array<EncodableRow> = [{ key: `k`, op: Op.Touch, metadata: { a: [new Map()] } }]
  assert.equal(messageOf(() => encodeRows(rows)), `row "k": metadata.a[0]: a Map cannot be kept`)
})

test(`keys are texts and finite numbers`, () => {
  const cases: Array<[unknown, string]> = [
    [NaN, `NaN`], [Infinity, `Infinity`], [null, `null`], [undefined, `undefined`], [1n, `bigint`],
    [new Date(1), `a Date`], [[1], `an array`], [true, `boolean`],
  ]
  for (const [key, what] of cases) {
    const rows = [{ key: 1, value: {} }, { key, value: {} }] as Array<EncodableRow>
    assert.equal(messageOf(() => encodeRows(rows)),
      `row number 1: a key must be a string or a finite number, not ${what}`)
  }
})

test(`long keys are cut`, () => {
  const message = messageOf(() => encodeRows([{ key: `k`.repeat(1000), value: { f: new Map() } }]))
  assert.match(message, /^row "k{79}…: f: a Map cannot be kept$/)
})

test(`values that nest too deep are named with their path`, () => {
  const arrays = refused({ deep: nested(128, (value) => [value], 1) })
  assert.equal(arrays, `row "k1": deep${`[0]`.repeat(127)}: nested more than 128 deep`)
  const objects = refused({ deep: nested(128, (value) => ({ a: value }), 1) })
  assert.equal(objects, `row "k1": deep${`.a`.repeat(127)}: nested more than 128 deep`)
  const mixed = refused({ deep: [1, nested(128, (value) => [value], 1)] })
  assert.match(mixed, /^row "k1": deep\[1\](\[0\])+: nested more than 128 deep$/)
})

test(`a value that contains itself is refused at once, however often it does`, () => {
  const parent: Record<string, unknown> = {}
  parent.children = Array.from({ length: 20 }, () => ({ parent }))
  assert.match(refused(parent), /nested more than 128 deep$/)
  const list: Array<unknown> = []
  for (let i = 0; i < 50; i++) list.push(list)
  assert.match(refused({ list }), /nested more than 128 deep$/)
  assert.match(messageOf(() => [...encodeBatches([{ key: 1, value: parent }, { key: 2, value: {} }])]),
    /nested more than 128 deep$/)
})

test(`an object has at most 65,535 fields`, () => {
  const wide = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]))
  assert.equal(refused(wide(65536)), `row "k1": an object of more than 65535 fields`)
  assert.equal(Object.keys(decodeBatch(encodeRows([{ key: 1, value: wide(65535) }])).values[0]).length, 65535)
})

test(`portable values are named with their path`, () => {
  assert.equal(messageOf(() => writeValue({ a: [new Map()] })), `value.a[0]: a Map cannot be kept`)
  assert.equal(messageOf(() => writeValue(() => 1)), `value: a function cannot be kept`)
  assert.match(messageOf(() => writeValue(nested(129, (value) => [value], 1))), /nested more than 128 deep/)
})

test(`after an error the encoder serves as before`, () => {
  const rows = [{ key: 1, value: { a: `text`, b: [`é`] } }]
  const before = encodeRows(rows)
  refused({ a: `text`, b: [`é`, new Map()] })
  assert.deepEqual(encodeRows(rows), before)
})

test(`values of another realm are kept`, () => {
  const value = runInNewContext(`({ a: [1], d: new Date(5), b: new Uint8Array([1, 2]), o: { n: null } })`)
  assert.deepStrictEqual(decodeBatch(encodeRows([{ key: 1, value }])).values,
    [{ a: [1], d: new Date(5), b: Uint8Array.of(1, 2), o: { n: null } }])
  assert.equal(refused({ f: runInNewContext(`new Map()`) }), `row "k1": f: a Map cannot be kept`)
})
