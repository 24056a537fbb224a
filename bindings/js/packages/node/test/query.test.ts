// Collections of TanStack Query (@tanstack/query-db-collection) whose rows are on disk, against a web
// service that goes away and comes back. Between two steps the program ends and starts again.
import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { createCollection, createLiveQueryCollection, eq, parseLoadSubsetOptions } from '@tanstack/db'
import { QueryClient } from '@tanstack/query-core'
import { queryCollectionOptions } from '@tanstack/query-db-collection'
import { persistedCollectionOptions } from '@cairn-db/node'
import { Program, scratchFile } from './support/files.js'
import { ItemServer } from './support/http_server.js'
import type { Item } from './support/http_server.js'
import type { LoadSubsetOptions } from '@tanstack/db'

// The query collection logs each fetch that fails; `failed` below looks at them.
mock.method(console, `error`, () => {})

type Options = { syncMode?: `eager` | `on-demand`; rowUpdateMode?: `partial` | `full` }

/** The program from its start to its end. */
class App {
  private constructor(
    private readonly program: Program,
    private readonly client: QueryClient,
    readonly items: ReturnType<typeof make>,
  ) {}

  static async run(path: string, server: ItemServer, body: (app: App) => Promise<void>, options: Options = {}) {
    const program = await Program.start(path)
    const client = new QueryClient()
    const errors: Array<Error> = []
    const app = new App(program, client, make(program, client, server, options, (error) => errors.push(error)))
    try {
      if (options.syncMode !== `on-demand`) await app.items.preload()
      await body(app)
    } finally {
      await app.items.cleanup()
      client.clear()
      await program.end()
    }
    assert.deepEqual(errors, [])
  }

  /** The rows that the file has. */
  async disk(): Promise<Array<Item>> {
    const { adapter } = this.program.persistence().resolvePersistenceForMode!(`sync-present`)
    return (await adapter.loadSubset(`items`, {})).map((row) => row.value as Item)
  }

  /** Resolves when the collection has exactly these rows, and the file as well. */
  async becomes(...rows: Array<Item>): Promise<void> {
    await until(() => same(plain(this.items.values()), rows))
    await until(async () => same(await this.disk(), rows))
  }

  /** Resolves when the query has failed; its rows are no part of that. */
  async failed(): Promise<void> {
    await until(() => this.client.getQueryCache().getAll().some((query) => query.state.status === `error`))
  }
}

function make(
  program: Program,
  queryClient: QueryClient,
  server: ItemServer,
  options: Options,
  onPersistenceError: (error: Error) => void,
) {
  const source = queryCollectionOptions({
    id: `items`,
    queryKey: [`items`],
    queryClient,
    retry: false,
    syncMode: options.syncMode,
    getKey: (item: Item) => item.id,
    queryFn: ({ meta }): Promise<Array<Item>> => server.fetch(filterOf(meta?.loadSubsetOptions as LoadSubsetOptions)),
    onInsert: async ({ transaction }) => {
      for (const { modified } of transaction.mutations) await server.post(modified)
    },
  })
  return createCollection(
    persistedCollectionOptions({
      ...source,
      sync: { ...source.sync, rowUpdateMode: options.rowUpdateMode },
      persistence: program.persistence(),
      schemaVersion: 1,
      onPersistenceError,
    }),
  )
}

function filterOf(options: LoadSubsetOptions): Record<string, string> {
  const { filters } = parseLoadSubsetOptions(options)
  return Object.fromEntries(filters.map(({ field, value }) => [field.join(`.`), String(value)]))
}

const plain = (rows: Iterable<Item>): Array<Item> =>
  Array.from(rows, (row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith(`$`))) as Item)

function same(found: Array<Item>, rows: Array<Item>): boolean {
  const sorted = (all: Array<Item>) => [...all].sort((a, b) => (a.id < b.id ? -1 : 1))
  try {
    assert.deepEqual(sorted(found), sorted(rows))
    return true
  } catch {
    return false
  }
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await what()); tries++) {
    assert.ok(tries < 10_000, `it did not become so: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const a: Item = { id: `a`, list: `home` }
const b: Item = { id: `b`, list: `home` }
const c: Item = { id: `c`, list: `home` }

test(`rows that were fetched are there without the network`, async (t) => {
  const path = scratchFile(t)
  const server = await ItemServer.start(t, a, b)
  await App.run(path, server, (app) => app.becomes(a, b))
  await server.offline()
  await App.run(path, server, async (app) => {
    assert.equal(app.items.status, `ready`)
    assert.deepEqual(plain(app.items.values()), [a, b])
    await app.failed()
    assert.equal(app.items.status, `ready`)
    await app.becomes(a, b)
  })
  await App.run(path, server, (app) => app.becomes(a, b))
})

test(`what changed on the server while it was away arrives when it is back`, async (t) => {
  const path = scratchFile(t)
  const server = await ItemServer.start(t, a, b)
  await App.run(path, server, (app) => app.becomes(a, b))
  await server.offline()
  await App.run(path, server, async (app) => {
    await app.failed()
    server.put({ ...a, title: `changed` }, c)
    server.items.delete(`b`)
    await server.online()
    await app.items.utils.refetch()
    await app.becomes({ ...a, title: `changed` }, c)
  })
  await server.offline()
  await App.run(path, server, (app) => app.becomes({ ...a, title: `changed` }, c))
})

test(`a row that was deleted on the server while the app was off vanishes`, async (t) => {
  const path = scratchFile(t)
  const server = await ItemServer.start(t, a, b)
  await App.run(path, server, (app) => app.becomes(a, b))
  server.items.delete(`a`)
  await App.run(path, server, (app) => app.becomes(b))
  await server.offline()
  await App.run(path, server, (app) => app.becomes(b))
})

for (const rowUpdateMode of [`full`, `partial`] as const) {
  // In partial mode, which is the query collection's own, TanStack DB merges what is fetched.
  const kept: Item = rowUpdateMode === `full` ? a : { ...a, title: `x` }
  test(`a field that was removed on the server, under ${rowUpdateMode} updates`, async (t) => {
    const path = scratchFile(t)
    const server = await ItemServer.start(t, { ...a, title: `x` })
    await App.run(path, server, (app) => app.becomes({ ...a, title: `x` }), { rowUpdateMode })
    server.put({ ...a, done: true })
    await App.run(path, server, (app) => app.becomes({ ...kept, done: true }), { rowUpdateMode })
    await server.offline()
    await App.run(path, server, (app) => app.becomes({ ...kept, done: true }), { rowUpdateMode })
  })
}

test(`a row that the app inserts is posted, and is on the disk when the server has it`, async (t) => {
  const path = scratchFile(t)
  const server = await ItemServer.start(t, a)
  await App.run(path, server, async (app) => {
    await app.items.insert(b).isPersisted.promise
    assert.deepEqual(server.items.get(`b`), b)
    await app.becomes(a, b)
  })
  await server.offline()
  await App.run(path, server, async (app) => {
    await assert.rejects(app.items.insert(c).isPersisted.promise)
    await app.becomes(a, b)
  })
  await App.run(path, server, (app) => app.becomes(a, b))
})

test(`subsets that were asked for once are there without the network`, async (t) => {
  const path = scratchFile(t)
  const work: Item = { id: `w`, list: `work` }
  const server = await ItemServer.start(t, a, b, work)
  const options: Options = { syncMode: `on-demand` }
  const home = (app: App) =>
    createLiveQueryCollection((q) => q.from({ item: app.items }).where(({ item }) => eq(item.list, `home`)))

  await App.run(path, server, async (app) => {
    const live = home(app)
    await live.preload()
    assert.deepEqual(server.requests, [`GET /items?list=home`])
    assert.ok(same(plain(live.values()), [a, b]))
    await app.becomes(a, b)
    await live.cleanup()
  }, options)

  await server.offline()
  await App.run(path, server, async (app) => {
    const live = home(app)
    await live.preload()
    await app.failed()
    assert.ok(same(plain(live.values()), [a, b]))
    await app.becomes(a, b)
    await live.cleanup()
  }, options)

  server.items.delete(`a`)
  server.put({ ...b, title: `changed` }, c)
  await server.online()
  await App.run(path, server, async (app) => {
    const live = home(app)
    await live.preload()
    await app.becomes({ ...b, title: `changed` }, c)
    await live.cleanup()
  }, options)

  await server.offline()
  await App.run(path, server, async (app) => {
    const live = home(app)
    await live.preload()
    assert.ok(same(plain(live.values()), [{ ...b, title: `changed` }, c]))
    await live.cleanup()
  }, options)
})

test(`the query's own utilities are all there`, async (t) => {
  const server = await ItemServer.start(t, a)
  await App.run(scratchFile(t), server, async ({ items }) => {
    assert.equal(items.utils.isError, false)
    await server.offline()
    await items.utils.refetch()
    assert.deepEqual([items.utils.isError, items.utils.errorCount], [true, 1])
    await server.online()
    await items.utils.clearError()
    assert.equal(items.utils.isError, false)
  })
})
