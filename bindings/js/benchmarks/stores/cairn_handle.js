// @cairn-db/node over a better-sqlite3 handle of the app's, on the main thread.
import { createNodeSQLitePersistence } from '@cairn-db/node'
import Database from 'better-sqlite3'
import { adapterStore } from './adapter.js'

export async function open(path, synced) {
  const database = new Database(`${path}.db`)
  const pragmas = [`journal_mode = WAL`, `synchronous = ${synced ? `FULL` : `NORMAL`}`]
  return adapterStore(createNodeSQLitePersistence({ database, pragmas }), () => database.close())
}
