// Collections over a better-sqlite3 handle of the app's: in one file with the app's own tables.
// Skipped where better-sqlite3 has no binary.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { createCollection } from '@tanstack/db'
import { createNodeSQLitePersistence, persistedCollectionOptions } from '@cairn-db/node'
import { scratchFile } from './support/files.js'
import type { BetterSqlite3Database } from '@cairn-db/node'
import type { Todo } from './support/source.js'

type Handle = Omit<BetterSqlite3Database, `prepare`> & {
  close: () => void
  prepare: (sql: string) => { get: () => unknown; run: () => void }
}

function loaded(): (new (path: string) => Handle) | undefined {
  try {
    const Database = createRequire(import.meta.url)(process.env.CAIRN_BETTER_SQLITE3 ?? `better-sqlite3`)
    new Database(`:memory:`).close()
    return Database
  } catch {
    return undefined
  }
}

const Database = loaded()
const options = { skip: Database ? false : `better-sqlite3 has no binary here` }

function make(database: Handle) {
  return createCollection(
    persistedCollectionOptions<Todo, string>({
      id: `todos`, getKey: (row) => row.id, persistence: createNodeSQLitePersistence({ database }),
    }),
  )
}

test(`a better-sqlite3 handle keeps collections beside the app's tables`, options, async (t) => {
  const path = scratchFile(t)
  for (let i = 0; i < 3; i++) {
    const database = new Database!(path)
    database.exec(`CREATE TABLE IF NOT EXISTS mine (n)`)
    const todos = make(database)
    await todos.preload()
    assert.equal(todos.size, i)
    await todos.insert({ id: `row${i}`, n: i, bytes: new Uint8Array([i]) }).isPersisted.promise
    database.prepare(`INSERT INTO mine VALUES (1)`).run()
    await todos.cleanup()
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.deepEqual(database.prepare(`SELECT count(*) AS n FROM mine`).get(), { n: i + 1 })
    database.close()
  }
})

test(`while the app has a transaction open a mutation says that it cannot be saved`, options, async (t) => {
  const database = new Database!(scratchFile(t))
  const todos = make(database)
  await todos.preload()
  database.exec(`BEGIN`)
  await assert.rejects(todos.insert({ id: `a` }).isPersisted.promise, { code: `CAIRN_BUSY` })
  database.exec(`COMMIT`)
  await todos.insert({ id: `a` }).isPersisted.promise
  assert.deepEqual([...todos.keys()], [`a`])
  await todos.cleanup()
  await new Promise((resolve) => setTimeout(resolve, 20))
  database.close()
})
