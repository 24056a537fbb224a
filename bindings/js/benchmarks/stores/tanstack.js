// TanStack DB's own persistence for Node.
import { createNodeSQLitePersistence } from '@tanstack/node-db-sqlite-persistence'
import Database from 'better-sqlite3'
import { adapterStore } from './adapter.js'

export async function open(path) {
  const database = new Database(`${path}.db`)
  return adapterStore(createNodeSQLitePersistence({ database }), () => database.close())
}
