// @cairn-db/node, through the adapter that TanStack DB calls.
import { createNodeSQLitePersistence, openNodeSQLiteDatabase } from '@cairn-db/node'
import { adapterStore } from './adapter.js'

export async function open(path, synced) {
  const database = await openNodeSQLiteDatabase({ path: `${path}.db` })
  const persistence = createNodeSQLitePersistence({ database, durability: synced ? `disk` : `os` })
  return adapterStore(persistence, () => database.close())
}
