// The PersistenceAdapter over the engine, call by call: what TanStack DB's own
// persistedCollectionOptions relies on, and the known wrong answers of today's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IR } from '@tanstack/db'
import { scratchFile, Program } from './support/files.js'
import type { PersistedTx, PersistenceAdapter } from '@cairn-db/node'
import type { TestContext } from 'node:test'

const ref = (...path: Array<string>) => new IR.PropRef(path)
const val = (value: unknown) => new IR.Value(value)
const call = (name: string, ...args: Array<unknown>) => new IR.Func(name, args as never) as never
const by = (name: string, options: object = {}) =>
  [{ expression: ref(name), compareOptions: { direction: `asc`, nulls: `first`, ...options } }] as never

async function withAdapter(t: TestContext, path = scratchFile(t)): Promise<PersistenceAdapter> {
  const program = await Program.start(path)
  t.after(() => program.end())
  return program.persistence().resolvePersistenceForCollection!({ collectionId: `c`, mode: `sync-present` }).adapter
}

function tx(seq: number, mutations: PersistedTx[`mutations`], others: Partial<PersistedTx> = {}): PersistedTx {
  return { txId: `tx-${seq}`, term: 1, seq, rowVersion: seq, mutations, ...others }
}

const insert = (key: string | number, value: Record<string, unknown>) => ({ type: `insert` as const, key, value })

const keysOf = async (adapter: PersistenceAdapter, options = {}) =>
  (await adapter.loadSubset(`c`, options)).map((row) => row.key)

test(`today's names are all there`, async () => {
  const today = Object.keys(await import(`@tanstack/node-db-sqlite-persistence`))
  const ours = await import(`@cairn-db/node`)
  assert.deepEqual(today.filter((name) => !(name in ours)), [])
})

test(`rows come back exactly`, async (t) => {
  const path = scratchFile(t)
  const value = {
    id: `1`, bytes: new Uint8Array([0, 255, 7]), date: new Date(-1), big: 2n ** 70n, nan: NaN, zero: -0,
    infinity: -Infinity, text: `\u0000\ud800 ü`, list: [1, null, { deep: [new Date(5)] }],
    object: { b: 1, a: 2 }, nothing: null,
  }
  const adapter = await withAdapter(t, path)
  await adapter.applyCommittedTx(`c`, tx(1, [insert(`1`, value), insert(1, { id: 1 }), insert(-0, { id: 0 })]))
  const other = await withAdapter(t, path)
  const rows = await other.loadSubset(`c`, {})
  assert.deepStrictEqual(rows.map((row) => row.key), [`1`, 1, -0])
  assert.deepStrictEqual({ ...rows[0]!.value, bytes: [...(rows[0]!.value.bytes as Uint8Array)] }, { ...value, bytes: [0, 255, 7] })
  assert.deepStrictEqual(Object.keys(rows[0]!.value.object as object), [`b`, `a`])
})

test(`an update merges, an insert replaces, a field set to undefined is removed`, async (t) => {
  const adapter = await withAdapter(t)
  await adapter.applyCommittedTx(`c`, tx(1, [insert(`a`, { x: 1, y: 2, z: 3 })]))
  await adapter.applyCommittedTx(`c`, tx(2, [{ type: `update`, key: `a`, value: { y: 5, z: undefined } }]))
  assert.deepStrictEqual((await adapter.loadSubset(`c`, {}))[0]!.value, { x: 1, y: 5 })
  await adapter.applyCommittedTx(`c`, tx(3, [insert(`a`, { w: 1 })]))
  assert.deepStrictEqual((await adapter.loadSubset(`c`, {}))[0]!.value, { w: 1 })
})

test(`a value that cannot be kept rejects the whole transaction, with its key and path`, async (t) => {
  const adapter = await withAdapter(t)
  const bad = tx(1, [insert(`good`, { n: 1 }), insert(`bad`, { tags: [new Map()] })])
  await assert.rejects(adapter.applyCommittedTx(`c`, bad), /bad.*tags.*Map/s)
  await assert.rejects(adapter.applyCommittedTx(`c`, tx(1, [insert(NaN, { n: 1 })])), /numeric keys must be finite/)
  assert.deepEqual(await keysOf(adapter), [])
  await adapter.applyCommittedTx(`c`, tx(1, [insert(`good`, { n: 1 })]))
  assert.deepEqual(await keysOf(adapter), [`good`]) // the position was not taken
})

test(`a position that was applied is ignored, another writer's is not`, async (t) => {
  const path = scratchFile(t)
  const first = await withAdapter(t, path)
  await first.applyCommittedTx(`c`, tx(1, [insert(`a`, { n: 1 })]))
  await first.applyCommittedTx(`c`, tx(1, [insert(`b`, { n: 1 })], { txId: `other` }))
  assert.deepEqual(await keysOf(first), [`a`])
  const second = await withAdapter(t, path)
  await second.applyCommittedTx(`c`, tx(1, [insert(`c`, { n: 1 })], { txId: `another` }))
  assert.deepEqual(await keysOf(first), [`a`, `c`])
})

test(`where, order, limit and offset are the engine's`, async (t) => {
  const adapter = await withAdapter(t)
  const names = [`b`, `A`, `ä`, `z`, `C`]
  await adapter.applyCommittedTx(`c`, tx(1, names.map((name, i) => insert(i, { name, n: i, at: new Date(i) }))))
  assert.deepEqual(await keysOf(adapter, { where: call(`gt`, ref(`n`), val(2)) }), [3, 4])
  assert.deepEqual(await keysOf(adapter, { orderBy: by(`name`, { stringSort: `locale` }) }), [1, 2, 0, 4, 3])
  assert.deepEqual(await keysOf(adapter, { orderBy: by(`name`, { stringSort: `lexical` }) }), [1, 4, 0, 3, 2])
  const custom = { stringSort: `custom`, compare: (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0) }
  assert.deepEqual(await keysOf(adapter, { orderBy: by(`name`, custom) }), [2, 3, 0, 4, 1])
  const numeric = { stringSort: `locale`, locale: `en`, localeOptions: { numeric: true } }
  await adapter.applyCommittedTx(`c`, tx(2, [insert(9, { name: `a10` }), insert(8, { name: `a9` })]))
  assert.deepEqual(await keysOf(adapter, { orderBy: by(`name`, numeric), limit: 4, offset: 1 }), [2, 8, 9, 0])
  assert.deepEqual(await keysOf(adapter, { where: call(`eq`, ref(`at`), val(new Date(3))) }), [3])
  assert.deepEqual(await keysOf(adapter, { where: call(`not`, call(`like`, ref(`name`), val(`a%`))) }), [0, 1, 2, 3, 4])
  await assert.rejects(keysOf(adapter, { where: call(`soundex`, ref(`name`)) }), /soundex/)
})

test(`a cursor gives the rows at its boundary and those after it, in the order by locale`, async (t) => {
  const adapter = await withAdapter(t)
  const names = [`a`, `B`, `b`, `C`, null, `d`]
  await adapter.applyCommittedTx(`c`, tx(1, names.map((name, i) => insert(i, { name }))))
  const orderBy = by(`name`, { stringSort: `locale` })
  const page = (value: unknown, limit: number) =>
    keysOf(adapter, {
      orderBy,
      limit,
      cursor: {
        whereFrom: call(`gt`, ref(`name`), val(value)),
        whereCurrent: value === null
          ? call(`or`, call(`isNull`, ref(`name`)), call(`isUndefined`, ref(`name`)))
          : call(`eq`, ref(`name`), val(value)),
      },
    })
  assert.deepEqual(await page(`b`, 2), [2, 1, 3])
  assert.deepEqual(await page(null, 2), [4, 0, 2])
})

test(`metadata of rows and of the collection goes with the transaction`, async (t) => {
  const adapter = await withAdapter(t)
  await adapter.applyCommittedTx(`c`, tx(1, [
    { ...insert(`a`, { n: 1 }), metadata: { owner: 1 }, metadataChanged: true }, insert(`b`, { n: 2 }),
  ], {
    rowMetadataMutations: [{ type: `set`, key: `b`, value: `m` }, { type: `set`, key: `absent`, value: 1 }],
    collectionMetadataMutations: [{ type: `set`, key: `cursor`, value: { offset: 7n } }],
  }))
  const metadata = async () => (await adapter.scanRows(`c`, { metadataOnly: true })).map((row) => [row.key, row.metadata])
  assert.deepEqual(await metadata(), [[`a`, { owner: 1 }], [`b`, `m`]])
  assert.deepEqual(await adapter.loadCollectionMetadata(`c`), [{ key: `cursor`, value: { offset: 7n } }])
  await adapter.applyCommittedTx(`c`, tx(2, [{ type: `update`, key: `a`, value: { n: 3 } }], {
    truncate: false,
    rowMetadataMutations: [{ type: `delete`, key: `b` }],
    collectionMetadataMutations: [{ type: `delete`, key: `cursor` }],
  }))
  assert.deepEqual(await metadata(), [[`a`, { owner: 1 }]])
  assert.deepEqual(await adapter.loadCollectionMetadata(`c`), [])
})

test(`pullSince gives current rows and deleted keys, or asks for a reload`, async (t) => {
  const adapter = await withAdapter(t)
  const rows = Array.from({ length: 200 }, (_, i) => insert(i, { n: i }))
  await adapter.applyCommittedTx(`c`, tx(1, rows))
  await adapter.applyCommittedTx(`c`, tx(2, [insert(1, { n: -1 }), { type: `delete`, key: 2, value: {} }]))
  const { latestRowVersion, latestSeq } = await adapter.getStreamPosition(`c`)
  assert.deepEqual([latestRowVersion, latestSeq], [2, 2])
  const delta = await adapter.pullSince(`c`, 1)
  assert.ok(!delta.requiresFullReload)
  assert.deepEqual([delta.changedKeys, delta.deletedKeys], [[1], [2]])
  assert.deepEqual(delta.deltas[0]!.changedRows, [{ key: 1, value: { n: -1 } }])
  assert.equal(delta.deltas[0]!.txId, `tx-2`)
  assert.equal((await adapter.pullSince(`c`, 0)).requiresFullReload, true) // 200 keys are above 128
  const nothing = await adapter.pullSince(`c`, 2)
  assert.ok(!nothing.requiresFullReload && nothing.deltas.length === 0)
  await adapter.applyCommittedTx(`c`, tx(3, [insert(1, { n: 0 })], { truncate: true }))
  assert.equal((await adapter.pullSince(`c`, 2)).requiresFullReload, true)
  assert.deepEqual(await keysOf(adapter), [1])
})

test(`an index that TanStack DB asks for is built, used and removed`, async (t) => {
  const adapter = await withAdapter(t)
  await adapter.applyCommittedTx(`c`, tx(1, Array.from({ length: 50_000 }, (_, i) => insert(i, { n: i % 1000 }))))
  const spec = { expressionSql: [JSON.stringify({ type: `ref`, path: [`n`] })] }
  await adapter.ensureIndex(`c`, `n`, spec)
  assert.equal((await keysOf(adapter, { where: call(`eq`, ref(`n`), val(7)), limit: 3 })).length, 3)
  await adapter.markIndexRemoved(`c`, `n`)
  await adapter.markIndexRemoved(`c`, `n`)
})

test(`loading 100,000 rows leaves the event loop free`, async (t) => {
  const adapter = await withAdapter(t)
  const rows = Array.from({ length: 100_000 }, (_, i) => insert(i, { id: i, title: `row ${i}`, at: new Date(i) }))
  await adapter.applyCommittedTx(`c`, tx(1, rows))
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  assert.equal((await adapter.loadSubset(`c`, {})).length, 100_000)
  clearInterval(timer)
  assert.ok(turns >= 10, `the loop turned ${turns} times`)
})
