// What today's persistence loses or gets wrong, one named test each, with persistedCollectionOptions
// of Cairn.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BasicIndex, createCollection, createLiveQueryCollection, eq, gt } from '@tanstack/db'
import { createNodeSQLitePersistence, createPersistence, NodeProcessCoordinator, openNodeSQLiteDatabase, persistedCollectionOptions } from '@cairn-db/node'
import { ByteBuffer } from 'flatbuffers'
import { CollectionInfo } from '../../core/src/schemas/index.js'
import { Program, scratchFile } from './support/files.js'
import { TestSource } from './support/source.js'
import type { CairnPersistenceAdapter, EngineDatabase, PersistenceState } from '@cairn-db/node'
import type { SyncConfig } from '@tanstack/db'
import type { Todo } from './support/source.js'

type Options = {
  id?: string
  sync?: SyncConfig<Todo, string>
  schemaVersion?: number
  syncMode?: `eager` | `on-demand`
  onPersistenceError?: (error: Error, state: PersistenceState) => void
}

function make(program: Program, options: Options = {}) {
  return createCollection(
    persistedCollectionOptions<Todo, string>({
      id: `todos`, getKey: (row: Todo) => row.id, autoIndex: `eager`, defaultIndexType: BasicIndex, ...options, persistence: program.persistence(),
    } as never),
  )
}

const ids = (rows: { values: () => Iterable<{ id: string }> }) => Array.from(rows.values(), (row) => row.id).sort()

async function until(what: () => boolean, milliseconds = 5000): Promise<void> {
  for (const end = Date.now() + milliseconds; !what(); ) {
    assert.ok(Date.now() < end, `it did not become so: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test(`cleanup and restart keeps the rows`, async (t) => {
  const program = await Program.start(scratchFile(t))
  const todos = make(program)
  for (let i = 0; i < 5; i++) {
    await todos.preload()
    assert.equal(todos.size, i)
    await todos.insert({ id: `row${i}` }).isPersisted.promise
    await todos.cleanup()
  }
  await program.end()
})

test(`a source write during hydration is persisted`, async (t) => {
  const path = scratchFile(t)
  const many = Array.from({ length: 5000 }, (_, i) => ({ id: `k${i}`, n: i }))
  const first = await Program.start(path)
  const source = new TestSource()
  const todos = make(first, { sync: source.config() })
  await todos.preload()
  await source.insert(1, ...many)
  await todos.cleanup()
  await first.end()

  const second = await Program.start(path)
  const next = new TestSource()
  const again = make(second, { sync: next.config(), syncMode: `on-demand` })
  const live = createLiveQueryCollection((q) => q.from({ t: again }).where(({ t }) => gt(t.n, -1)))
  const loaded = live.preload()
  await next.running()
  await next.write(2, ({ write }) => {
    write({ type: `update`, value: { id: `k7`, n: 70_000 } })
    write({ type: `delete`, key: `k8` })
    write({ type: `insert`, value: { id: `new`, n: 1 } })
  })
  await loaded
  assert.equal(live.size, 5000)
  assert.equal(live.get(`k7`)?.n, 70_000)
  await live.cleanup()
  await again.cleanup()
  await second.end()

  const third = await Program.start(path)
  const rows = await third.persistence().resolvePersistenceForMode!(`sync-present`).adapter.loadSubset(`todos`, {})
  assert.equal(rows.length, 5000)
  assert.deepEqual(rows.find((row) => row.key === `k7`)?.value, { id: `k7`, n: 70_000 })
  assert.ok(!rows.some((row) => row.key === `k8`) && rows.some((row) => row.key === `new`))
  await third.end()
})

test(`offline start is ready from disk`, async (t) => {
  const path = scratchFile(t)
  const first = await Program.start(path)
  const source = new TestSource()
  const todos = make(first, { sync: source.config() })
  await todos.preload()
  await source.insert(1, { id: `a` }, { id: `b` })
  await todos.cleanup()
  await first.end()

  const second = await Program.start(path)
  const offline = new TestSource()
  offline.online = false
  const again = make(second, { sync: offline.config() })
  await again.preload()
  assert.deepEqual(ids(again), [`a`, `b`])
  await again.cleanup()
  await second.end()
})

test(`a failed write is seen by the app, and is saved when that is possible again`, async (t) => {
  const path = scratchFile(t)
  const database = await openNodeSQLiteDatabase({ path, busyTimeoutMs: 20 })
  const persistence = createNodeSQLitePersistence({ database })
  const source = new TestSource()
  const states: Array<PersistenceState> = []
  const todos = createCollection(
    persistedCollectionOptions<Todo, string>({
      id: `todos`, getKey: (row) => row.id, sync: source.config(), persistence,
      onPersistenceError: (_, state) => states.push(state),
    }),
  )
  await todos.preload()
  const holder = await holdWriteLock(path)
  const saved = source.insert(5, { id: `a` })
  await until(() => states.length > 0)
  assert.equal(states[0]!.status, `error`)
  assert.equal((states[0]!.error as { code?: string }).code, `CAIRN_BUSY`)
  assert.equal(states[0]!.retryable, true)
  assert.equal(todos.utils.getPersistenceState().unsaved, 1)
  assert.deepEqual(ids(todos), [`a`]) // it is shown all the same
  await holder.release()
  await saved
  await until(() => todos.utils.getPersistenceState().status === `ok`)
  await todos.cleanup()
  await database.close()
  const again = await Program.start(path)
  const metadata = await again.persistence().resolvePersistenceForMode!(`sync-present`).adapter.loadCollectionMetadata(`todos`)
  assert.deepEqual(metadata, [{ key: `cursor`, value: 5 }])
  await again.end()
})

// A process of another program that is in the midst of a write transaction.
async function holdWriteLock(path: string): Promise<{ release: () => Promise<void> }> {
  const script = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('BEGIN IMMEDIATE')
print('held', flush=True)
sys.stdin.read()`
  const holder = spawn(`python3`, [`-c`, script, path], { stdio: [`pipe`, `pipe`, `inherit`] })
  await once(holder.stdout, `data`)
  return {
    release: async () => {
      holder.stdin.end()
      await once(holder, `exit`)
    },
  }
}

test(`a source's transaction that cannot be kept is told, and no cursor passes it`, async (t) => {
  const path = scratchFile(t)
  const program = await Program.start(path)
  const source = new TestSource()
  const states: Array<PersistenceState> = []
  const todos = make(program, { sync: source.config(), onPersistenceError: (_, state) => states.push(state) })
  await todos.preload()
  await source.insert(1, { id: `a` })
  await assert.rejects(source.insert(2, { id: `b`, tags: new Map() }), /row "b": tags: a Map/)
  await assert.rejects(source.insert(3, { id: `c` }), /row "b": tags: a Map/)
  assert.equal(states.length, 1)
  assert.deepEqual([states[0]!.status, states[0]!.retryable], [`error`, false])
  await todos.cleanup()
  await program.end()
  const again = await Program.start(path)
  const next = new TestSource()
  const rows = make(again, { sync: next.config() })
  await rows.preload()
  assert.deepEqual([ids(rows), next.starts], [[`a`], [1]])
  await rows.cleanup()
  await again.end()
})

test(`when the engine is lost what waits for it fails, and what comes later as well`, async (t) => {
  const database = await openNodeSQLiteDatabase({ path: scratchFile(t) })
  let lost = false
  const persistence = createPersistence(async () => losing(database.engine, () => lost), {})
  const todos = createCollection(
    persistedCollectionOptions<Todo, string>({
      id: `todos`, getKey: (row) => row.id, persistence, onPersistenceError: () => {},
    }),
  )
  await todos.preload()
  await todos.insert({ id: `a` }).isPersisted.promise
  lost = true
  await assert.rejects(todos.insert({ id: `b` }).isPersisted.promise, /the engine is lost/)
  const c = { mutationId: `c`, type: `insert`, key: `c`, modified: { id: `c` }, collection: todos }
  await assert.rejects(todos.utils.acceptMutations({ mutations: [c] } as never), /the engine is lost/)
  assert.equal(todos.utils.getPersistenceState().status, `error`)
  await todos.cleanup()
  await database.close()
})

// The engine's database, whose replicas cannot be reached once it is lost.
function losing(database: EngineDatabase, isLost: () => boolean): EngineDatabase {
  const wrap = <T extends object>(object: T, replaced: Partial<T>): T =>
    new Proxy(object, {
      get: (target, name: keyof T & string) => {
        const value = replaced[name] ?? target[name]
        return typeof value === `function` ? value.bind(target) : value
      },
    })
  return wrap(database, {
    openCollection: async (...parameters) => {
      const collection = await database.openCollection(...parameters)
      return wrap(collection, {
        openReplica: async (...others) => {
          const replica = await collection.openReplica(...others)
          return wrap(replica, {
            exchange: (events, most) =>
              isLost() ? Promise.reject(new Error(`the engine is lost`)) : replica.exchange(events, most),
          })
        },
      })
    },
  })
}

test(`a mutation that cannot be kept is rolled back, and says why`, async (t) => {
  const program = await Program.start(scratchFile(t))
  const todos = make(program)
  await todos.preload()
  const tx = todos.insert({ id: `a`, tags: new Map() })
  await assert.rejects(tx.isPersisted.promise, /Map/)
  assert.equal(todos.size, 0)
  await todos.insert({ id: `a` }).isPersisted.promise
  await todos.cleanup()
  await program.end()
})

test(`a local-only collection with another schema version is an error, and keeps its rows`, async (t) => {
  const path = scratchFile(t)
  const first = await Program.start(path)
  const todos = make(first, { schemaVersion: 1 })
  await todos.preload()
  await todos.insert({ id: `a` }).isPersisted.promise
  await todos.cleanup()
  await first.end()
  const second = await Program.start(path)
  const next = make(second, { schemaVersion: 2, onPersistenceError: () => {} })
  await assert.rejects(next.preload(), /Schema version mismatch for collection "todos": found 1, expected 2/)
  await next.cleanup()
  const old = make(second, { schemaVersion: 1 })
  await old.preload()
  assert.deepEqual(ids(old), [`a`])
  await old.cleanup()
  await second.end()
})

test(`a local-only collection without an id is an error`, async (t) => {
  const program = await Program.start(scratchFile(t))
  assert.throws(
    () => persistedCollectionOptions({ getKey: (row: Todo) => row.id, persistence: program.persistence() }),
    /needs an id/,
  )
  await program.end()
})

test(`a removed field stays removed under full row updates`, async (t) => {
  const path = scratchFile(t)
  const first = await Program.start(path)
  const source = new TestSource(`full`)
  const todos = make(first, { sync: source.config() })
  await todos.preload()
  await source.insert(1, { id: `a`, n: 1, title: `x` })
  await source.write(2, ({ write }) => write({ type: `update`, value: { id: `a`, n: 2 } }))
  assert.equal(todos.get(`a`)!.title, undefined)
  await todos.cleanup()
  await first.end()
  const second = await Program.start(path)
  const again = make(second, { sync: new TestSource(`full`).config() })
  await again.preload()
  assert.deepEqual([again.get(`a`)!.n, `title` in again.get(`a`)!], [2, false])
  await again.cleanup()
  await second.end()
})

test(`live queries join, order and page over subsets that are loaded on demand`, async (t) => {
  const path = scratchFile(t)
  const first = await Program.start(path)
  const sources = { todos: new TestSource(), lists: new TestSource() }
  const eager = [make(first, { sync: sources.todos.config() }), make(first, { id: `lists`, sync: sources.lists.config() })]
  await Promise.all(eager.map((collection) => collection.preload()))
  await sources.todos.insert(1, ...Array.from({ length: 300 }, (_, i) => ({ id: `t${String(i).padStart(3, `0`)}`, n: i, list: `l${i % 3}` })))
  await sources.lists.insert(1, { id: `l0`, title: `zero` }, { id: `l1`, title: `one` }, { id: `l2`, title: `two` })
  await Promise.all(eager.map((collection) => collection.cleanup()))
  await first.end()

  const second = await Program.start(path)
  const offline = () => new TestSource().config()
  const todos = make(second, { sync: offline(), syncMode: `on-demand` })
  const lists = make(second, { id: `lists`, sync: offline(), syncMode: `on-demand` })
  const page = createLiveQueryCollection((q) =>
    q.from({ t: todos }).where(({ t }) => gt(t.n, 99)).orderBy(({ t }) => t.n, `desc`).limit(5))
  await page.preload()
  assert.deepEqual(Array.from(page.values(), (row) => row.n), [299, 298, 297, 296, 295])
  assert.ok(todos.size < 300, `only what was asked for is loaded, not ${todos.size} rows`)
  const last = () => createLiveQueryCollection((q) => q.from({ t: todos }).where(({ t }) => gt(t.n, 290)))
  const [asked, again] = [last(), last()]
  await asked.preload()
  again.startSyncImmediate()
  assert.equal(again.size, 9, `what is loaded is there at once`)
  const joined = createLiveQueryCollection((q) =>
    q.from({ t: todos }).join({ l: lists }, ({ t, l }) => eq(t.list, l.id), `inner`)
      .where(({ t }) => gt(t.n, 296)).select(({ t, l }) => ({ id: t.id, list: l.title })))
  await joined.preload()
  assert.deepEqual(Array.from(joined.values(), (row) => [row.id, row.list]).sort(), [[`t297`, `zero`], [`t298`, `one`], [`t299`, `two`]])
  // The index that the page has asked for is on the disk as well.
  await until(() => todos.getIndexMetadata().length > 0)
  assert.deepEqual(await indexesOf(second), todos.getIndexMetadata().map((index) => index.signature).sort())
  for (const collection of [page, asked, again, joined, todos, lists]) await collection.cleanup()
  await second.end()
})

async function indexesOf(program: Program): Promise<Array<string>> {
  const { adapter } = program.persistence().resolvePersistenceForMode!(`sync-present`)
  const collection = await (adapter as CairnPersistenceAdapter).collection(`todos`)
  const info = CollectionInfo.getRootAsCollectionInfo(new ByteBuffer(await collection.info()))
  return Array.from({ length: info.indexesLength() }, (_, i) => info.indexes(i)!.signature()!).sort()
}

test(`two processes on one file lose nothing`, async (t) => {
  const path = scratchFile(t)
  const database = await openNodeSQLiteDatabase({ path, busyTimeoutMs: 60_000 })
  const coordinator = new NodeProcessCoordinator({ database })
  const persistence = createNodeSQLitePersistence({ database, coordinator })
  const rows = createCollection(
    persistedCollectionOptions<{ id: string; n: number }, string>({ id: `rows`, getKey: (row) => row.id, persistence }),
  )
  await rows.preload()
  const confirmed = new Set<string>()
  const writers = [`p`, `q`].map(async (name) => {
    const script = fileURLToPath(new URL(`./support/writer.ts`, import.meta.url))
    const writer = spawn(process.execPath, [`--import`, `tsx`, script, path, name, `200`], { stdio: [`ignore`, `pipe`, `inherit`] })
    createInterface({ input: writer.stdout }).on(`line`, (line) => confirmed.add(line))
    assert.deepEqual(await once(writer, `close`), [0, null])
  })
  for (let n = 0; n < 200; n++) await rows.insert({ id: `here-${n}`, n }).isPersisted.promise
  await Promise.all(writers)
  assert.equal(confirmed.size, 400)
  await until(() => rows.size === 600)
  for (const id of confirmed) assert.ok(rows.has(id))
  await rows.cleanup()
  await coordinator.dispose()
  await database.close()
  const again = await Program.start(path)
  assert.equal((await again.persistence().adapter.loadSubset(`rows`, {})).length, 600)
  await again.end()
})
