// Collections of Electric (@tanstack/electric-db-collection) whose rows are on disk, against a server of
// its protocol. Between two steps the program ends and starts again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCollection } from '@tanstack/db'
import { electricCollectionOptions } from '@tanstack/electric-db-collection'
import { persistedCollectionOptions } from '@cairn-db/node'
import { Program, scratchFile } from './support/files.js'
import { ShapeServer } from './support/shape_server.js'
import type { Item } from './support/http_server.js'

// The client notes down its answers a minute later: the tests need not live on for that.
const { setTimeout: later } = globalThis
globalThis.setTimeout = Object.assign((...args: Parameters<typeof later>) => {
  const timer = later(...args)
  return (args[1] ?? 0) > 30_000 ? timer.unref() : timer
}, later)

/** The program from its start to its end. */
class App {
  private constructor(
    private readonly program: Program,
    readonly items: ReturnType<typeof make>,
  ) {}

  static async run(
    path: string,
    server: ShapeServer,
    body: (app: App) => Promise<void>,
    syncMode: `eager` | `progressive` = `eager`,
  ): Promise<void> {
    const program = await Program.start(path)
    const errors: Array<Error> = []
    const app = new App(program, make(program, server, syncMode, (error) => errors.push(error)))
    server.requests.length = 0
    try {
      if (syncMode === `eager`) await app.items.preload()
      else app.items.startSyncImmediate()
      await body(app)
    } finally {
      await app.items.cleanup()
      await program.end()
    }
    assert.deepEqual(errors, [])
  }

  /** The rows that the file has. */
  async disk(): Promise<Array<Item>> {
    const { adapter } = this.program.persistence().resolvePersistenceForMode!(`sync-present`)
    return (await adapter.loadSubset(`items`, {})).map((row) => row.value as Item)
  }

  /** Resolves when the file has exactly these rows. */
  async keeps(...rows: Array<Item>): Promise<void> {
    await until(async () => same(await this.disk(), rows))
  }

  /** Resolves when the collection has exactly these rows, and the file as well. */
  async becomes(...rows: Array<Item>): Promise<void> {
    await until(() => same(plain(this.items.values()), rows))
    await this.keeps(...rows)
  }
}

function make(
  program: Program,
  server: ShapeServer,
  syncMode: `eager` | `progressive`,
  onPersistenceError: (error: Error) => void,
) {
  return createCollection(
    persistedCollectionOptions({
      ...electricCollectionOptions({
        id: `items`,
        syncMode,
        getKey: (item: Item) => item.id,
        shapeOptions: {
          url: server.url,
          params: { table: `items` },
          backoffOptions: { initialDelay: 5, maxDelay: 5, multiplier: 1 },
        },
      }),
      persistence: program.persistence(),
      schemaVersion: 1,
      onPersistenceError,
    }),
  )
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

const a: Item = { id: `a`, n: 1, title: `one` }
const b: Item = { id: `b`, n: 2, title: `two` }
const c: Item = { id: `c`, n: 3, title: `three` }

test(`the rows of a shape are there after a restart, and it resumes where it was`, async (t) => {
  const path = scratchFile(t)
  const server = await ShapeServer.start(t, a, b)
  await App.run(path, server, async (app) => {
    assert.equal(server.requests[0]!.offset, `-1`)
    await app.becomes(a, b)
    server.change(`insert`, c)
    server.change(`update`, { id: `a`, n: 10 })
    server.change(`delete`, { id: `b` })
    await app.becomes({ ...a, n: 10 }, c)
  })
  const { offset, handle } = server
  server.change(`update`, { id: `c`, title: `while it was off` })
  server.change(`delete`, { id: `a` })
  await App.run(path, server, async (app) => {
    await app.becomes({ ...c, title: `while it was off` })
    assert.deepEqual([server.requests[0]!.offset, server.requests[0]!.handle], [offset, handle])
    assert.ok(!server.requests.some((request) => request.offset === `-1`))
  })
})

test(`the rows of a shape are there without the network, and follow it when it is back`, async (t) => {
  const path = scratchFile(t)
  const server = await ShapeServer.start(t, a, b)
  await App.run(path, server, (app) => app.becomes(a, b))
  await server.offline()
  await App.run(path, server, async (app) => {
    assert.ok(same(plain(app.items.values()), [a, b]))
    assert.equal(app.items.status, `ready`)
    server.change(`delete`, { id: `a` })
    await server.online()
    await app.becomes(b)
  })
  await server.offline()
  await App.run(path, server, (app) => app.becomes(b))
})

test(`a shape that must be fetched anew replaces its rows`, async (t) => {
  const path = scratchFile(t)
  const server = await ShapeServer.start(t, a, b)
  await App.run(path, server, async (app) => {
    await app.becomes(a, b)
    server.rotate(b, c)
    await app.becomes(b, c)
  })
  server.rotate(a)
  await App.run(path, server, async (app) => {
    await app.becomes(a)
    assert.equal(server.requests[0]!.offset, `2_0`)
    assert.ok(server.requests.some((request) => request.offset === `-1`))
  })
  await server.offline()
  await App.run(path, server, (app) => app.becomes(a))
})

test(`a shape that must be fetched anew amid its snapshot`, async (t) => {
  const path = scratchFile(t)
  const server = await ShapeServer.start(t, a, b)
  server.chunk = 1
  server.onRequest = ({ offset }) => {
    if (offset !== `1_0`) return
    server.onRequest = () => {}
    server.rotate(b, c)
  }
  await App.run(path, server, async (app) => {
    await app.becomes(b, c)
    server.change(`delete`, { id: `b` })
    await app.becomes(c)
  })
  await server.offline()
  await App.run(path, server, (app) => app.becomes(c))
})

test(`in progressive mode a shape resumes as well, with all of its rows`, async (t) => {
  const path = scratchFile(t)
  const server = await ShapeServer.start(t, a, b)
  await App.run(path, server, (app) => app.becomes(a, b), `progressive`)
  const { offset } = server
  server.change(`update`, { id: `b`, title: `changed` })
  await App.run(path, server, async (app) => {
    await app.becomes(a, { ...b, title: `changed` })
    assert.equal(server.requests[0]!.offset, offset)
    assert.equal(app.items.status, `ready`)
  }, `progressive`)
})
