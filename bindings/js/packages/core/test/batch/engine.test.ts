// The whole way: JavaScript objects, encoded as row batches, applied to a database through the C
// API, read back from the reopened file as row batches, and decoded, in all four pairs of text
// encodings. The helper cairn_bench_batches is looked for in CAIRN_BENCH_BIN, then in
// build/release/bin.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { decodeRows, encodeBatches, encodeRows, Encoding, Op } from '../../src/batch/index.js'
import { readBatchFile, writeBatchFile } from './support/batch_file.js'
import { corpus, nested, randomRows, shapeRows } from './support/corpus.js'
import { assertSame, countValues, keyText } from './support/same.js'
import { TEXT_IOS, withTextIo } from './support/text_ios.js'
import { todoRows } from './support/todo.js'
import type { Row } from './support/corpus.js'
import type { DecodedRow, EncodableRow } from '../../src/batch/index.js'

const folder = process.env.CAIRN_BENCH_BIN ??
  fileURLToPath(new URL(`../../../../../../build/release/bin`, import.meta.url))
const helper = join(folder, `cairn_bench_batches`)
const skip = existsSync(helper) ? false : `no ${helper}; set CAIRN_BENCH_BIN to its folder`

type Found = Map<string, DecodedRow>

// Applies batches to a new database and gives its rows, decoded in every way, by key.
function throughEngine(batches: Array<Uint8Array>, readEncoding: string): Array<Found> {
  const scratch = mkdtempSync(join(tmpdir(), `cairn-batch-`))
  try {
    const [database, written, read] = [`db.sqlite`, `in`, `out`].map((name) => join(scratch, name))
    writeBatchFile(written, batches)
    execFileSync(helper, [`apply`, database, written, readEncoding, read])
    const files = readBatchFile(read)
    return TEXT_IOS.flatMap(([, io]) => [true, false].map((compile) => withTextIo(io, () => {
      const rows = files.flatMap((bytes) => decodeRows(bytes, { compile }))
      return new Map(rows.map((row) => [keyText(row.key), row]))
    })))
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

function assertRows(found: Found, expected: Array<Row>): void {
  assert.equal(found.size, expected.length, `number of rows`)
  for (const { key, value, metadata } of expected) {
    const row = found.get(keyText(key))
    assert.ok(row, `${keyText(key)} is missing`)
    assertSame(row.key, key)
    assertSame(row.value, value, keyText(key))
    assertSame(row.metadata, metadata, keyText(key))
    assert.ok(row.version! > 0n, `a row version`)
  }
}

for (const [written, encoding] of Object.entries(Encoding)) {
  for (const read of Object.keys(Encoding)) {
    test(`every kind of value survives the engine, ${written} in and ${read} out`, { skip }, (t) => {
      const sets = corpus().map((set) => set.rows)
      for (let seed = 1; seed <= 20; seed++) sets.push(randomRows(seed, 60))
      const batches = sets.map((rows) => encodeRows(rows, { encoding }))
      for (const found of throughEngine(batches, read)) assertRows(found, sets.flat())
      const values = sets.flat().reduce((sum, row) => sum + countValues(row.value), 0)
      t.diagnostic(`${sets.length} batches, ${sets.flat().length} rows, ${values} values`)
    })
  }
}

// Merges shallowly; undefined removes the field, as the engine does.
function merged(stored: object, change: object): Record<string, unknown> {
  const all = { ...stored, ...change }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

test(`updates merge, deletes remove and metadata is kept`, { skip }, (t) => {
  const { rows } = corpus().find((set) => set.name === `repeated texts, generated code`)!
  const metadata = (i: number) => ({ etag: `é${i}`, seen: i % 2 === 0 ? null : [new Date(i), -0, 5n] })
  const inserts: Array<Row> = rows.map((row, i) => (i % 3 === 0 ? { ...row, metadata: metadata(i) } : row))
  const change = (i: number) =>
    ({ number: undefined, word: `now ${i}`, [`added${i % 4}`]: [i, { x: -0 }] })
  const updates = rows.slice(0, 500)
    .map((row, i): EncodableRow => ({ key: row.key, op: Op.Update, value: change(i) }))
  const deletes = rows.slice(900).map((row): EncodableRow => ({ key: row.key, op: Op.Delete }))
  const touches = rows.slice(600, 700).map((row, i): EncodableRow =>
    ({ key: row.key, op: Op.Touch, ...(i % 2 === 0 ? { metadata: `touched` } : { removeMetadata: true }) }))
  const expected = inserts.slice(0, 900).map((row, i) => {
    const result = { ...row, value: i < 500 ? merged(row.value, change(i)) : row.value }
    if (i >= 600 && i < 700) result.metadata = i % 2 === 0 ? `touched` : undefined
    return result
  })
  const batches = [encodeRows(inserts), encodeRows([...updates, ...deletes, ...touches])]
  for (const found of throughEngine(batches, `Utf16`)) assertRows(found, expected)
  t.diagnostic(`${updates.length} updates, ${deletes.length} deletes, ${touches.length} touches`)
})

test(`updates whose shape has no group remove fields`, { skip }, () => {
  const inserts = shapeRows(300).map((row, i): Row => ({ key: row.key, value: { [`f${i}`]: i, kept: i } }))
  const updates = inserts.map((row, i): EncodableRow =>
    ({ key: row.key, op: Op.Update, value: { [`f${i}`]: undefined, more: i } }))
  const expected = inserts.map((row, i): Row => ({ key: row.key, value: { kept: i, more: i } }))
  const batches = [encodeRows(inserts), encodeRows(updates)]
  for (const found of throughEngine(batches, `Utf16`)) assertRows(found, expected)
})

test(`split transactions, written without the methods of Buffer`, { skip }, () => {
  const rows = todoRows(6000)
  const [, portable] = TEXT_IOS[1]
  const batches = withTextIo(portable, () => [...encodeBatches(rows, { maxBytes: 100_000 })])
  assert.ok(batches.length > 5)
  for (const found of throughEngine(batches, `Utf16`)) assertRows(found, rows)
})

test(`the engine's limits of depth are the encoder's`, { skip }, () => {
  for (const wrap of [(value: unknown) => [value], (value: unknown) => ({ a: value })]) {
    const rows: Array<Row> = [
      { key: 1, value: { deep: nested(127, wrap, `end`) }, metadata: nested(126, wrap, `end`) },
      { key: 2, value: { deep: 1 }, metadata: 1 },
    ]
    for (const batch of [rows, rows.slice(0, 1)]) {
      for (const found of throughEngine([encodeRows(batch)], `Utf16`)) assertRows(found, batch)
    }
    const deeper = [{ key: 1, value: {}, metadata: nested(127, wrap, `end`) }]
    assert.throws(() => encodeRows(deeper), /^TypeError: row 1: metadata.*: nested more than 128 deep$/)
  }
})
