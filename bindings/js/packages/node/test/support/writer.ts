// Another process on a file: inserts rows into a local-only collection, one mutation after another,
// and says when each of them is confirmed.
import { createCollection } from '@tanstack/db'
import {
  createNodeSQLitePersistence, NodeProcessCoordinator, openNodeSQLiteDatabase, persistedCollectionOptions,
} from '@cairn-db/node'

const [path, name, count] = process.argv.slice(2)
const database = await openNodeSQLiteDatabase({ path: path!, busyTimeoutMs: 60_000 })
const coordinator = new NodeProcessCoordinator({ database })
const persistence = createNodeSQLitePersistence({ database, coordinator })
const rows = createCollection(
  persistedCollectionOptions<{ id: string; n: number }, string>({ id: `rows`, getKey: (row) => row.id, persistence }),
)
await rows.preload()
for (let n = 0; n < Number(count); n++) {
  await rows.insert({ id: `${name}-${n}`, n }).isPersisted.promise
  process.stdout.write(`${name}-${n}\n`)
}
await rows.cleanup()
await coordinator.dispose()
await database.close()
