// The JavaScript half alone: what is encoded decodes to the same, with generated code and without, in
// both encodings of texts, with and without the methods of Buffer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { decodeBatch, decodeRows, encodeBatches, encodeRows, Encoding, Op } from '../../src/batch/index.js'
import { Kind } from '../../src/batch/layout.js'
import { readBatch } from '../../src/batch/tables.js'
import { corpus, nested, own, randomRows, repeatedRows, shapeRows } from './support/corpus.js'
import { assertSame, countValues } from './support/same.js'
import { TEXT_IOS, withTextIo } from './support/text_ios.js'
import { todoRows } from './support/todo.js'
import type { Row } from './support/corpus.js'
import type { EncodableRow } from '../../src/batch/index.js'

const ENCODINGS = Object.entries(Encoding)

function assertDecodes(bytes: Uint8Array, rows: Array<Row>): void {
  for (const compile of [true, false]) {
    const decoded = decodeBatch(bytes, { compile })
    assertSame(decoded.keys, rows.map((row) => row.key), `keys`)
    assertSame(decoded.values, rows.map((row) => row.value), compile ? `generated code` : `no generated code`)
  }
}

// The same bytes at an odd address.
function unaligned(bytes: Uint8Array): Uint8Array {
  const moved = new Uint8Array(bytes.length + 3).subarray(3)
  moved.set(bytes)
  return moved
}

for (const [encodingName, encoding] of ENCODINGS) {
  for (const [ioName, io] of TEXT_IOS) {
    test(`every kind of value survives, ${encodingName}, ${ioName}`, (t) => {
      const sets = corpus()
      for (const { rows } of sets) withTextIo(io, () => assertDecodes(encodeRows(rows, { encoding }), rows))
      const values = sets.flatMap((set) => set.rows).map((row) => countValues(row.value))
      t.diagnostic(`${sets.length} sets, ${values.length} rows, ${values.reduce((a, b) => a + b, 0)} values`)
    })

    test(`random rows survive, ${encodingName}, ${ioName}`, () => {
      for (let seed = 1; seed <= 40; seed++) {
        const rows = randomRows(seed, 60)
        withTextIo(io, () => assertDecodes(encodeRows(rows, { encoding }), rows))
      }
    })
  }

  test(`both ways of writing texts give the same bytes, ${encodingName}`, () => {
    const sets = [...corpus().map((set) => set.rows), ...[1, 2, 3].map((seed) => randomRows(seed, 200))]
    for (const rows of sets) {
      const [first, second] = TEXT_IOS.map(([, io]) => withTextIo(io, () => encodeRows(rows, { encoding })))
      assert.ok(Buffer.from(first).equals(second))
    }
  })

  test(`bytes at any address are read, ${encodingName}`, () => {
    for (const { rows } of corpus()) assertDecodes(unaligned(encodeRows(rows, { encoding })), rows)
  })
}

test(`shapes beyond 256 in one batch go to the loose column`, () => {
  const rows = shapeRows(300)
  const bytes = encodeRows(rows)
  const values = readBatch(bytes).values!
  assert.equal(values.groups.length, 256)
  assert.equal(values.loose!.count, 88)
  assertDecodes(bytes, rows)
})

test(`objects that are used as maps do not become groups`, () => {
  const rows = Array.from({ length: 3 }, (_, i) => ({
    key: i, value: own(Array.from({ length: 1025 }, (_, k) => [`${i} ${k}`, k])),
  }))
  const bytes = encodeRows(rows)
  assert.equal(readBatch(bytes).values!.groups.length, 0)
  assertDecodes(bytes, rows)
})

test(`columns take the kind of their values`, () => {
  const kinds = (rows: Array<Row>): Record<string, number> => {
    const [group] = readBatch(encodeRows(rows)).values!.groups
    return Object.fromEntries(group.fields.map((name, i) => [name, group.columns[i].kind]))
  }
  assert.deepEqual(kinds(repeatedRows(1000)), {
    word: Kind.TextDict, maybe: Kind.TextDict, many: Kind.Text, number: Kind.Float64,
    on: Kind.Bool, at: Kind.Date, tags: Kind.List, lists: Kind.List, meta: Kind.Object,
    either: Kind.Object, mixed: Kind.Tagged, raw: Kind.Bytes, nothing: Kind.Null, small: Kind.Int32,
  })
  assert.deepEqual(kinds(todoRows(200)), {
    id: Kind.Text, title: Kind.Text, completed: Kind.Bool, priority: Kind.Int32,
    listId: Kind.TextDict, createdAt: Kind.Date, updatedAt: Kind.Date, tags: Kind.List,
    meta: Kind.Object,
  })
})

test(`dictionaries of 8 and of 16 bits, with nulls, in both heaps`, () => {
  for (const distinct of [4, 256, 257, 5000]) {
    const rows = Array.from({ length: 3 * distinct }, (_, i) => ({
      key: i,
      value: { text: i % 7 === 3 ? null : `${i % distinct % 2 === 0 ? `a` : `é`}${i % distinct}` },
    }))
    const ordered = [...rows].sort((a, b) => (a.key % distinct) - (b.key % distinct))
    const bytes = encodeRows(ordered)
    assert.equal(readBatch(bytes).values!.groups[0].columns[0].kind, Kind.TextDict)
    assertDecodes(bytes, ordered)
  }
})

test(`ops, metadata and undefined fields of updates are kept`, () => {
  const rows: Array<EncodableRow> = [
    { key: `a`, op: Op.Insert, value: { x: 1, gone: undefined }, metadata: { etag: `é` } },
    { key: `b`, op: Op.Update, value: { x: undefined, y: 2n, z: { gone: undefined } } },
    { key: 3, op: Op.Delete },
    { key: `d`, op: Op.Touch, metadata: null },
    { key: `e`, op: Op.Touch, removeMetadata: true },
  ]
  for (const compile of [true, false]) {
    assertSame(decodeRows(encodeRows(rows), { compile }), [
      { key: `a`, op: Op.Insert, value: { x: 1 }, metadata: { etag: `é` } },
      { key: `b`, op: Op.Update, value: { x: undefined, y: 2n, z: {} } },
      { key: 3, op: Op.Delete },
      { key: `d`, op: Op.Touch, metadata: null },
      { key: `e`, op: Op.Touch },
    ])
  }
})

test(`updates whose shape has no group keep their undefined fields`, () => {
  const updates = shapeRows(300).map((row, i) => ({
    key: row.key, op: Op.Update, value: { [`gone${i}`]: undefined, i },
  }))
  assertSame(decodeRows(encodeRows(updates)), updates)
})

test(`inserts do not see what others add to Object.prototype`, () => {
  const prototype = Object.prototype as Record<string, unknown>
  const rows = Array.from({ length: 3 }, (_, i) => ({ key: i, value: { a: i, b: { c: i } } }))
  prototype.inherited = 1
  let bytes
  try {
    bytes = encodeRows(rows)
  } finally {
    delete prototype.inherited
  }
  assertDecodes(bytes, rows)
})

test(`objects without a prototype are kept as plain objects`, () => {
  const value = Object.assign(Object.create(null), { a: Object.assign(Object.create(null), { b: 1 }) })
  assertSame(decodeBatch(encodeRows([{ key: 1, value }])).values, [{ a: { b: 1 } }])
})

test(`a Buffer is kept as bytes`, () => {
  assertSame(decodeBatch(encodeRows([{ key: 1, value: { b: Buffer.from(`abc`) } }])).values,
    [{ b: Uint8Array.of(97, 98, 99) }])
})

test(`a batch may be empty`, () => {
  const decoded = decodeBatch(encodeRows([]))
  assert.equal(decoded.count, 0)
  assert.deepEqual(decoded.values, [])
  assert.deepEqual(decodeRows(encodeRows([])), [])
})

test(`keys are left out where they are not wanted`, () => {
  assert.equal(decodeBatch(encodeRows(todoRows(3)), { keys: false }).keys, null)
})

test(`what is decoded stays when the bytes are overwritten`, () => {
  const rows = repeatedRows(100)
  const bytes = encodeRows(rows)
  const decoded = decodeBatch(bytes)
  bytes.fill(0xff)
  assertSame(decoded.values, rows.map((row) => row.value))
})

test(`a getter may encode rows while rows are encoded`, () => {
  const inner = todoRows(50)
  const outer = [{ key: 1, value: { a: `x`, get inside() { return encodeRows(inner) }, b: `y` } }]
  const [value] = decodeBatch(encodeRows(outer)).values
  assertDecodes(value.inside as Uint8Array, inner)
  assert.deepEqual(Object.keys(value), [`a`, `inside`, `b`])
})

test(`what was encoded can be collected, though the encoder keeps its memory`, async () => {
  setFlagsFromString(`--expose-gc`)
  const collect = runInNewContext(`gc`) as () => void
  const shapes = [(date: Date) => ({ date }), (date: Date) => ({ other: 1, inner: { date }, list: [date, date] })]
  const encoded = (): Array<WeakRef<Date>> => {
    const dates = Array.from({ length: 50 }, (_, i) => new Date(i))
    encodeRows(dates.map((date, i) => ({ key: i, value: shapes[i % 2](date) })))
    return dates.map((date) => new WeakRef(date))
  }
  const dates = encoded()
  // What a WeakRef gave or was made of stays until the job ends.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  assert.deepEqual(dates.filter((date) => date.deref() !== undefined), [])
})

test(`large transactions are split by rows and by size`, () => {
  const rows = todoRows(10000)
  const batches = [...encodeBatches(rows)]
  assert.equal(batches.length, 10)
  assertSame(batches.flatMap((bytes) => decodeBatch(bytes).values), rows.map((row) => row.value))
  const counts = (...of: Parameters<typeof encodeBatches>) =>
    Array.from(encodeBatches(...of), (bytes) => decodeBatch(bytes).count)
  const large = Array.from({ length: 10 }, (_, i) => ({ key: i, value: { text: `x`.repeat(75_000) } }))
  assert.deepEqual(counts(large), [4, 4, 2])
  assert.deepEqual(counts(large, { maxBytes: 1 }), Array(10).fill(1))
  assert.deepEqual(counts(large.slice(0, 5), { maxRows: 2, maxBytes: 1e9 }), [2, 2, 1])
  assert.deepEqual(counts(large, { maxBytes: 0 }), Array(10).fill(1))
  assert.deepEqual(counts([]), [])
})

test(`a row that fills a batch alone is split off from the small ones before it`, () => {
  const large = { key: `large`, value: { text: `x`.repeat(64 * 1024 * 1024 - 20_000) } }
  const rows = [...todoRows(500), large, ...todoRows(3)]
  const decoded = Array.from(encodeBatches(rows), (bytes) => decodeBatch(bytes))
  assertSame(decoded.flatMap(({ keys }) => keys), rows.map((row) => row.key))
  assertSame(decoded.flatMap(({ values }) => values), rows.map((row) => row.value))
})

test(`a batch above 64 MiB is refused, and the next one is not affected`, () => {
  const text = `é`.repeat(20 * 1024 * 1024)
  const rows = [1, 2].map((key) => ({ key, value: { text } }))
  assert.throws(() => encodeRows(rows), RangeError)
  assertDecodes(encodeRows(todoRows(3)), todoRows(3))
})

test(`127 containers may stand in a row, on every way of encoding`, () => {
  for (const wrap of [(value: unknown) => [value], (value: unknown) => ({ a: value })]) {
    const value = { deep: nested(127, wrap, `end`) }
    for (const rows of [[{ key: 1, value }], [{ key: 1, value }, { key: 2, value: { deep: 1 } }]]) {
      assertDecodes(encodeRows(rows), rows)
    }
  }
})
