// Todos of a web service that are there without it: node offline.js plays a day of an app whose server
// comes and goes. The app starts anew each time, over the same file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCollection } from '@tanstack/db'
import { QueryClient } from '@tanstack/query-core'
import { queryCollectionOptions } from '@tanstack/query-db-collection'
import { createNodeSQLitePersistence, openNodeSQLiteDatabase, persistedCollectionOptions } from '@cairn-db/node'
import { TodoServer } from './server.js'

const folder = mkdtempSync(join(tmpdir(), `todos-`))
const server = new TodoServer()

// The query collection logs each fetch that fails, at length.
console.error = () => {}

function show(title, todos) {
  console.log(`   ${title}: ${Array.from(todos.values(), (todo) => todo.text).join(`, `) || `nothing`}`)
}

// Resolves when the collection has the row that the server has stored.
function arrival(todos, id) {
  return new Promise((resolve) => {
    const look = () => todos.get(id)?.$synced && resolve()
    todos.subscribeChanges(look)
    look()
  })
}

// The app, from its start to its end.
async function app(body) {
  const database = await openNodeSQLiteDatabase({ path: join(folder, `todos.db`) })
  const queryClient = new QueryClient()
  const todos = createCollection(
    persistedCollectionOptions({
      ...queryCollectionOptions({
        id: `todos`,
        queryKey: [`todos`],
        queryClient,
        retry: false,
        queryFn: async () => (await fetch(server.url)).json(),
        getKey: (todo) => todo.id,
        onInsert: async ({ transaction }) => {
          for (const { modified } of transaction.mutations) {
            await fetch(server.url, { method: `POST`, body: JSON.stringify(modified) })
          }
        },
      }),
      persistence: createNodeSQLitePersistence({ database }),
      schemaVersion: 1,
    }),
  )
  await todos.preload()
  show(`at the start`, todos)
  await body(todos)
  await todos.cleanup()
  queryClient.clear()
  await database.close()
}

server.put({ id: 1, text: `water the plants` })
server.put({ id: 2, text: `feed the cat` })
await server.start()

console.log(`1. Online, for the first time`)
await app(async (todos) => {
  await todos.insert({ id: 3, text: `post a letter` }).isPersisted.promise
  await arrival(todos, 3)
  show(`with one that the server has now as well`, todos)
})

await server.stop()
console.log(`2. The server has stopped`)
await app(async (todos) => {
  const [{ status }] = await todos.utils.refetch()
  show(`after a fetch, of which came ${status}`, todos)
  const inserted = todos.insert({ id: 4, text: `lost` })
  show(`while an insert is tried`, todos)
  await inserted.isPersisted.promise.catch(() => console.log(`   the insert is taken back`))
  show(`in the end`, todos)
})

server.todos.delete(2)
server.put({ id: 5, text: `call the vet` })
await server.start()
console.log(`3. Online again: meanwhile somebody has fed the cat`)
await app(async (todos) => {
  await arrival(todos, 5)
  show(`as the server has it`, todos)
})

await server.stop()
console.log(`4. Offline once more`)
await app(async () => {})
rmSync(folder, { recursive: true })
