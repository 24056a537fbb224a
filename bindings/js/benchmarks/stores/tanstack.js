// TanStack DB's own persistence for Node.
import { createNodeSQLitePersistence } from '@tanstack/node-db-sqlite-persistence'
import Database from 'better-sqlite3'
import { adapterStore } from './adapter.js'

export async function open(path, synced) {
  const database = new Database(`${path}.db`)
  const pragmas = [`journal_mode = WAL`, `synchronous = ${synced ? `FULL` : `NORMAL`}`]
  return adapterStore(createNodeSQLitePersistence({ database, pragmas }), () => database.close())
}
