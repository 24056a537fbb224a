// End to end, with TanStack DB's collections: node collections.js STEP WHICH FOLDER COUNT, a line of
// JSON as result. WHICH names the options and what is below them.
import { performance } from 'node:perf_hooks'
import { createCollection } from '@tanstack/db'
import { persistedCollectionOptions as theirs } from '@tanstack/db-sqlite-persistence-core'
import { createNodeSQLitePersistence as today } from '@tanstack/node-db-sqlite-persistence'
import { createNodeSQLitePersistence, openNodeSQLiteDatabase, persistedCollectionOptions as ours } from '@cairn-db/node'
import Database from 'better-sqlite3'
import { todo } from './data.js'

const [step, which, folder, count] = process.argv.slice(2)
const COUNT = Number(count)

// Rows that are objects already: what no adapter can be faster than.
function readyObjects() {
  const rows = Array.from({ length: COUNT }, (_, i) => todo(i)).map((value) => ({ key: value.id, value, metadata: undefined }))
  const adapter = {
    loadSubset: async () => rows,
    applyCommittedTx: async () => {},
    ensureIndex: async () => {},
    loadCollectionMetadata: async () => [],
    getStreamPosition: async () => ({ latestTerm: 1, latestSeq: 1, latestRowVersion: 1 }),
  }
  return { persistence: { adapter }, close: async () => {} }
}

async function cairn(durability) {
  const database = await openNodeSQLiteDatabase({ path: `${folder}/cairn-todo.db` })
  return { persistence: createNodeSQLitePersistence({ database, durability }), close: () => database.close() }
}

function tanstack(synchronous) {
  const database = new Database(`${folder}/tanstack-todo.db`)
  const pragmas = [`journal_mode = WAL`, `synchronous = ${synchronous}`]
  return { persistence: today({ database, pragmas }), close: async () => database.close() }
}

const WHICH = {
  'ours': async () => ({ options: ours, ...(await cairn()) }),
  'ours, os': async () => ({ options: ours, ...(await cairn(`os`)) }),
  'theirs over cairn': async () => ({ options: theirs, ...(await cairn()) }),
  'theirs over objects': async () => ({ options: theirs, ...readyObjects() }),
  'today': async () => ({ options: theirs, ...tanstack(`NORMAL`) }),
  'today, synced': async () => ({ options: theirs, ...tanstack(`FULL`) }),
}

const source = { sync: ({ markReady }) => void markReady() }

async function preload({ options, persistence }) {
  const start = performance.now()
  const rows = createCollection(options({ id: `rows`, getKey: (row) => row.id, persistence, sync: source }))
  let first
  rows.subscribeChanges(() => (first ??= performance.now() - start), { includeInitialState: true })
  await rows.preload()
  return { all: performance.now() - start, first, rows: rows.size }
}

async function mutation({ options, persistence }) {
  const rows = createCollection(options({ id: `local`, getKey: (row) => row.id, persistence }))
  await rows.preload()
  const times = []
  for (let i = 0; i < 120; i++) {
    const start = performance.now()
    await rows.insert({ ...todo(i), id: `${Date.now()}-${i}` }).isPersisted.promise
    times.push(performance.now() - start)
  }
  const warm = times.slice(20).sort((a, b) => a - b)
  return { confirmed: warm[50] }
}

const opened = await WHICH[which]()
console.log(JSON.stringify(await { preload, mutation }[step](opened)))
await opened.close().catch(() => {})
process.exit(0)
