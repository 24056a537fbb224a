// What an app does with the addon, for a build that learns from it (build-native.mjs --trained): rows of
// several shapes and keys are written, loaded, asked for by predicates, orders and pages, changed many at
// once and one at a time, and removed. `npm run build` goes before.
import { createNodeSQLitePersistence, openNodeSQLiteDatabase } from '@cairn-db/node'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROWS = 20_000
const AT_ONCE = 5000
const WORDS = `amber basin cedar delta ember fjord grove haven islet jetty knoll ledge mesa north opal pond`.split(` `)

const word = (i) => WORDS[(i * 7919) % WORDS.length]
const words = (i, count) => Array.from({ length: count }, (_, k) => word(i * 31 + k)).join(` `)
const day = (i) => new Date(1.7e12 + ((i * 2_654_435_761) % 2 ** 32) * 20)

const SHAPES = {
  tasks: {
    key: (i) => `${i.toString(36)}-${(i * 48271).toString(36)}`,
    row: (i, key) => ({
      key, name: words(i, 3 + (i % 5)), done: i % 3 === 0, rank: i % 7, at: day(i), seen: day(i + 1),
      labels: WORDS.slice(i % 5, (i % 5) + (i % 4)), author: { name: word(i), points: i % 90 },
    }),
  },
  places: {
    key: (i) => i,
    row: (i, key) => ({
      key, name: i % 20 === 0 ? `Zürich ${i}` : words(i, 2), lat: (i % 180) - 90.25, long: i / 3, at: i % 400 === 0 ? null : i,
      people: i * 17, done: i % 2 === 0, rank: i % 7,
    }),
  },
  notes: {
    key: (i) => `note ${i}`,
    row: (i, key) => ({ key, at: day(i), done: i % 2 === 0, rank: i % 7, text: words(i, 60), ...(i % 4 && { draft: word(i) }) }),
  },
}

const ref = (...path) => ({ type: `ref`, path })
const val = (value) => ({ type: `val`, value })
const func = (name, ...args) => ({ type: `func`, name, args })
const by = (name, direction) => ({
  expression: ref(name), compareOptions: { direction, nulls: `last`, stringSort: `lexical` },
})

const PREDICATES = [
  func(`eq`, ref(`done`), val(false)),
  func(`and`, func(`gt`, ref(`rank`), val(2)), func(`lt`, ref(`rank`), val(5))),
  func(`or`, func(`in`, ref(`rank`), val([1, 6])), func(`like`, ref(`name`), val(`%cedar%`))),
  func(`not`, func(`eq`, func(`upper`, ref(`author`, `name`)), val(`OPAL`))),
]

async function filter(adapter, name) {
  for (const where of PREDICATES) await adapter.loadSubset(name, { where })
}

async function page(adapter, name) {
  for (const direction of [`asc`, `desc`]) {
    await adapter.loadSubset(name, { where: PREDICATES[0], orderBy: [by(`at`, direction)], limit: 50 })
    await adapter.loadSubset(name, { where: PREDICATES[1], orderBy: [by(`at`, direction)], limit: 50, offset: 100 })
  }
}

async function work(persistence, name) {
  const { adapter } = persistence.resolvePersistenceForCollection({ collectionId: name, mode: `sync-present`, schemaVersion: 1 })
  const { key, row } = SHAPES[name]
  let seq = 0
  const apply = (mutations) => {
    seq++
    return adapter.applyCommittedTx(name, { txId: `${name} ${seq}`, term: 1, seq, rowVersion: seq, mutations })
  }
  const mutation = (type, change) => (i) => ({ type, key: key(i), value: { ...row(i, key(i)), ...change } })
  const range = (start, count) => Array.from({ length: count }, (_, i) => start + i)

  for (let start = 0; start < ROWS; start += AT_ONCE) await apply(range(start, AT_ONCE).map(mutation(`insert`)))
  for (let i = 0; i < 3; i++) await adapter.loadSubset(name, {})
  await filter(adapter, name)
  for (let i = 0; i < 3; i++) await page(adapter, name)
  await adapter.ensureIndex(name, `at`, { expressionSql: [`json_extract(value, '$.at')`] })
  for (let i = 0; i < 100; i++) await page(adapter, name)
  for (let start = 0; start < ROWS; start += AT_ONCE) {
    await apply(range(start, AT_ONCE).map(mutation(`update`, { done: true, at: day(start) })))
    await apply(range(ROWS + start, AT_ONCE / 5).map(mutation(`insert`)))
  }
  for (let i = 0; i < 2000; i++) await apply([mutation(i % 2 ? `update` : `insert`, { rank: i })(2 * ROWS + (i >> 1))])
  await adapter.pullSince(name, seq - 1000)
  await apply(range(0, 500).map((i) => ({ type: `delete`, key: key(i) })))
}

const folder = mkdtempSync(join(tmpdir(), `cairn-train-`))
try {
  const database = await openNodeSQLiteDatabase({ path: join(folder, `train.db`) })
  const persistence = createNodeSQLitePersistence({ database, durability: `os` })
  for (const name of Object.keys(SHAPES)) await work(persistence, name)
  await database.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
