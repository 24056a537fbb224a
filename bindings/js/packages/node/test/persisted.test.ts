// Collections with persistedCollectionOptions over a file, restarted between every two steps: ours
// and TanStack DB's own run the same suite over the same adapter. What the latter cannot do by itself,
// such as starting again after a cleanup, is in named.test.ts for ours alone.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createCollection, createTransaction } from '@tanstack/db'
import { persistedCollectionOptions as theirs } from '@tanstack/db-sqlite-persistence-core'
import { persistedCollectionOptions as ours } from '@cairn-db/node'
import { scratchFile, Program } from './support/files.js'
import { TestSource } from './support/source.js'
import type { Todo } from './support/source.js'
import type { SyncConfig } from '@tanstack/db'
import type { TestContext } from 'node:test'

type Options = {
  id?: string
  sync?: SyncConfig<Todo, string>
  schemaVersion?: number
  syncMode?: `eager` | `on-demand`
}

const getKey = (row: Todo) => row.id
const plain = (rows: Iterable<Todo>) =>
  [...rows].map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith(`$`))))

for (const [name, persistedCollectionOptions] of [[`ours`, ours], [`TanStack DB's own`, theirs as unknown as typeof ours]] as const) {
  describe(name, () => {
    // Runs `body` with a collection in a program of its own, which ends after it.
    async function run(
      path: string,
      options: Options,
      body: (collection: ReturnType<typeof make>) => Promise<void>,
    ): Promise<void> {
      const program = await Program.start(path)
      const collection = make(program, options)
      try {
        await collection.preload()
        await body(collection)
      } finally {
        await collection.cleanup()
        await new Promise((resolve) => setTimeout(resolve, 20))
        await program.end()
      }
    }

    function make(program: Program, options: Options) {
      return createCollection(
        persistedCollectionOptions<Todo, string>({
          id: `todos`, getKey, ...options, persistence: program.persistence(),
        } as never),
      )
    }

    const local = (t: TestContext) => ({ path: scratchFile(t), options: {} })

    test(`mutations of local-only collections are durable before they are confirmed`, async (t) => {
      const { path, options } = local(t)
      await run(path, options, async (todos) => {
        await todos.insert([{ id: `a`, n: 1 }, { id: `b`, n: 2 }]).isPersisted.promise
        const other = await Program.start(path)
        assert.equal((await other.persistence().adapter.loadSubset(`todos`, {})).length, 2)
        await other.end()
      })
      await run(path, options, async (todos) => {
        assert.deepEqual(plain(todos.values()), [{ id: `a`, n: 1 }, { id: `b`, n: 2 }])
        await todos.update(`a`, (draft) => { draft.title = `x`; delete draft.n }).isPersisted.promise
        await todos.delete(`b`).isPersisted.promise
      })
      await run(path, options, async (todos) => {
        assert.deepEqual(plain(todos.values()), [{ id: `a`, title: `x` }])
      })
    })

    test(`a manual transaction's mutations are accepted`, async (t) => {
      const { path, options } = local(t)
      await run(path, options, async (todos) => {
        const tx = createTransaction({
          autoCommit: false,
          mutationFn: async ({ transaction }) => todos.utils.acceptMutations(transaction as never),
        })
        tx.mutate(() => todos.insert({ id: `m`, n: 1 }))
        await tx.commit()
      })
      await run(path, options, async (todos) => assert.deepEqual(plain(todos.values()), [{ id: `m`, n: 1 }]))
    })

    test(`what the source has brought is there after a restart, and it resumes`, async (t) => {
      const path = scratchFile(t)
      const source = new TestSource()
      await run(path, { sync: source.config() }, async () => {
        await source.insert(1, { id: `a`, n: 1 }, { id: `b`, n: 2 })
        await source.write(2, ({ write }) => write({ type: `delete`, key: `b` }))
      })
      const again = new TestSource()
      await run(path, { sync: again.config() }, async (todos) => {
        assert.deepEqual(again.starts, [2])
        assert.deepEqual(plain(todos.values()), [{ id: `a`, n: 1 }])
      })
    })

    test(`bytes survive`, async (t) => {
      const { path, options } = local(t)
      await run(path, options, async (todos) => {
        await todos.insert({ id: `a`, bytes: new Uint8Array([1, 0, 255]), at: new Date(5), big: 2n ** 80n }).isPersisted.promise
      })
      await run(path, options, async (todos) => {
        const row = todos.get(`a`)!
        assert.deepEqual([...(row.bytes as Uint8Array)], [1, 0, 255])
        assert.deepEqual([row.at, row.big], [new Date(5), 2n ** 80n])
      })
    })

    test(`a schema bump keeps no resume cursor`, async (t) => {
      const path = scratchFile(t)
      const source = new TestSource()
      await run(path, { sync: source.config(), schemaVersion: 1 }, () => source.insert(9, { id: `old` }))
      const next = new TestSource()
      await run(path, { sync: next.config(), schemaVersion: 2 }, async (todos) => {
        assert.deepEqual(next.starts, [undefined])
        assert.equal(todos.size, 0)
        await next.insert(1, { id: `new` })
      })
      const last = new TestSource()
      await run(path, { sync: last.config(), schemaVersion: 2 }, async (todos) => {
        assert.deepEqual(plain(todos.values()), [{ id: `new` }])
      })
    })

    test(`collection A's settings never touch B`, async (t) => {
      const path = scratchFile(t)
      const program = await Program.start(path)
      const source = new TestSource()
      const a = make(program, { id: `A`, schemaVersion: 7 })
      const b = make(program, { id: `B`, sync: source.config(), schemaVersion: 1 })
      await Promise.all([a.preload(), b.preload()])
      await a.insert({ id: `x` }).isPersisted.promise
      await source.insert(3, { id: `y` })
      await Promise.all([a.cleanup(), b.cleanup()])
      await new Promise((resolve) => setTimeout(resolve, 20))
      const next = new TestSource()
      const b2 = make(program, { id: `B`, sync: next.config(), schemaVersion: 2 })
      await b2.preload()
      assert.equal(b2.size, 0)
      const a2 = make(program, { id: `A`, schemaVersion: 7 })
      await a2.preload()
      assert.deepEqual(plain(a2.values()), [{ id: `x` }])
      await Promise.all([a2.cleanup(), b2.cleanup()])
      await program.end()
    })
  })
}
