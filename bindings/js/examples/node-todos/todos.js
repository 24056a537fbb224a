// A list of todos on the command line, kept in a file: node todos.js [add TEXT | done ID | list].
import { createCollection } from '@tanstack/db'
import { createNodeSQLitePersistence, openNodeSQLiteDatabase, persistedCollectionOptions } from '@cairn-db/node'

const database = await openNodeSQLiteDatabase({ path: process.env.TODOS ?? `todos.db` })
const todos = createCollection(
  persistedCollectionOptions({
    id: `todos`,
    getKey: (todo) => todo.id,
    persistence: createNodeSQLitePersistence({ database }),
    schemaVersion: 1,
  }),
)
await todos.preload()

const [command = `list`, ...words] = process.argv.slice(2)
switch (command) {
  case `add`: {
    const id = 1 + Math.max(0, ...todos.keys())
    // When this has resolved the row is on the disk.
    await todos.insert({ id, text: words.join(` `), done: false, since: new Date() }).isPersisted.promise
    break
  }
  case `done`:
    await todos.update(Number(words[0]), (todo) => { todo.done = true }).isPersisted.promise
    break
}
for (const { id, text, done, since } of todos.values()) {
  console.log(`${done ? `x` : ` `} ${id} ${text} (${since.toISOString().slice(0, 10)})`)
}
await todos.cleanup()
await database.close()
