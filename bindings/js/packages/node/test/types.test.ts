// What the type checker knows about collections that are persisted: `tsc -p tsconfig.json` checks this
// file, and running it only counts it.
import { test } from 'node:test'
import { createCollection, localOnlyCollectionOptions } from '@tanstack/db'
import { electricCollectionOptions } from '@tanstack/electric-db-collection'
import { powerSyncCollectionOptions } from '@tanstack/powersync-db-collection'
import { QueryClient } from '@tanstack/query-core'
import { queryCollectionOptions } from '@tanstack/query-db-collection'
import { column, Schema, Table } from '@powersync/common'
import { persistedCollectionOptions } from '@cairn-db/node'
import { z } from 'zod'
import type { PersistedCollectionPersistence, PersistedCollectionUtils } from '@cairn-db/node'
import type { ElectricCollectionUtils } from '@tanstack/electric-db-collection'
import type { QueryCollectionUtils } from '@tanstack/query-db-collection'
import type { AbstractPowerSyncDatabase } from '@powersync/common'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Flat<T> = { [K in keyof T]: T[K] }
/** A row as the collection gives it, without TanStack DB's own properties of it. */
type RowOf<C extends { toArray: Array<object> }> = Flat<{
  [K in keyof C[`toArray`][number] as K extends `$${string}` ? never : K]: C[`toArray`][number][K]
}>
type InsertOf<C extends { insert: (row: any) => unknown }> = Exclude<Parameters<C[`insert`]>[0], Array<any>>

function expect<_T extends true>(): void {}

/** That the utilities of a persisted collection are there, with the types that they have. */
function expectPersisted(utils: Pick<PersistedCollectionUtils, keyof Known>): void {
  void utils
}
type Known = Record<`acceptMutations` | `getLeadershipState` | `forceReloadSubset` | `getPersistenceState` | `retryPersistence`, unknown>

declare const persistence: PersistedCollectionPersistence
declare const database: AbstractPowerSyncDatabase
declare const queryClient: QueryClient

type Todo = { id: string; title: string; done: boolean }
const schema = z.object({ id: z.string(), title: z.string(), done: z.boolean().default(false) })
const fetchTodos = (): Promise<Array<Todo>> => Promise.resolve([])

function query() {
  const todos = createCollection(
    persistedCollectionOptions({
      ...queryCollectionOptions({ id: `t`, queryKey: [`t`], queryClient, queryFn: fetchTodos, getKey: (todo) => todo.id }),
      persistence,
      schemaVersion: 1,
      onPersistenceError: (error, state) => [error.message, state.unsaved],
    }),
  )
  expect<Equal<RowOf<typeof todos>, Todo>>()
  expect<Equal<InsertOf<typeof todos>, Todo>>()
  expect<Equal<typeof todos.utils.refetch, QueryCollectionUtils[`refetch`]>>()
  expect<Equal<Parameters<typeof todos.utils.writeInsert>[0], Todo | Array<Todo>>>()
  expect<Equal<Parameters<typeof todos.has>[0], string>>()
  expectPersisted(todos.utils)
  // @ts-expect-error a row has more than that
  todos.insert({ id: `a` })
}

function queryWithSchema() {
  const todos = createCollection(
    persistedCollectionOptions({
      ...queryCollectionOptions({ id: `t`, queryKey: [`t`], queryClient, queryFn: fetchTodos, schema, getKey: (todo) => todo.id }),
      persistence,
    }),
  )
  expect<Equal<RowOf<typeof todos>, Todo>>()
  expect<Equal<InsertOf<typeof todos>, z.input<typeof schema>>>()
  expect<Equal<typeof todos.utils.refetch, QueryCollectionUtils[`refetch`]>>()
  expectPersisted(todos.utils)
}

function electric() {
  const todos = createCollection(
    persistedCollectionOptions({
      ...electricCollectionOptions({
        id: `t`,
        shapeOptions: { url: `https://shapes.example.com/v1/shape`, params: { table: `todos` } },
        getKey: (todo: Todo) => todo.id,
        onInsert: async () => ({ txid: 1 }),
      }),
      persistence,
      schemaVersion: 1,
    }),
  )
  expect<Equal<RowOf<typeof todos>, Todo>>()
  expect<Equal<InsertOf<typeof todos>, Todo>>()
  expect<Equal<typeof todos.utils.awaitTxId, ElectricCollectionUtils<Todo>[`awaitTxId`]>>()
  expectPersisted(todos.utils)
}

function electricWithSchema() {
  const todos = createCollection(
    persistedCollectionOptions({
      ...electricCollectionOptions({
        id: `t`,
        shapeOptions: { url: `https://shapes.example.com/v1/shape`, params: { table: `todos` } },
        schema,
        getKey: (todo) => todo.id,
        onUpdate: async () => ({ txid: [1, 2] }),
      }),
      persistence,
      schemaVersion: 1,
    }),
  )
  expect<Equal<RowOf<typeof todos>, Todo>>()
  expect<Equal<InsertOf<typeof todos>, z.input<typeof schema>>>()
  expect<Equal<typeof todos.utils.awaitTxId, ElectricCollectionUtils<Todo>[`awaitTxId`]>>()
  expectPersisted(todos.utils)
}

const tables = new Schema({ todos: new Table({ title: column.text, done: column.integer }) })
type TodoRow = { id: string; title?: string | null; done?: number | null }
const tableSchema = z.object({
  id: z.string(),
  title: z.string().nullable(),
  done: z.number().nullable().transform((done) => done === 1),
})

function powerSync() {
  const todos = createCollection(
    persistedCollectionOptions({
      ...powerSyncCollectionOptions({ id: `t`, database, table: tables.props.todos }),
      persistence,
      schemaVersion: 1,
    }),
  )
  expect<Equal<RowOf<typeof todos>, TodoRow>>()
  expect<Equal<ReturnType<typeof todos.utils.getMeta>[`tableName`], string>>()
  expectPersisted(todos.utils)
}

function powerSyncWithSchema() {
  const todos = createCollection(
    persistedCollectionOptions({
      ...powerSyncCollectionOptions({
        id: `t`,
        database,
        table: tables.props.todos,
        schema: tableSchema,
        onDeserializationError: () => {},
      }),
      persistence,
    }),
  )
  expect<Equal<RowOf<typeof todos>, { id: string; title: string | null; done: boolean }>>()
  expect<Equal<InsertOf<typeof todos>, z.input<typeof tableSchema>>>()
  expect<Equal<ReturnType<typeof todos.utils.getMeta>[`tableName`], string>>()
  expectPersisted(todos.utils)
}

function localOnly() {
  const todos = createCollection(
    persistedCollectionOptions({ id: `t`, getKey: (todo: Todo) => todo.id, persistence, schemaVersion: 1 }),
  )
  expect<Equal<RowOf<typeof todos>, Todo>>()
  expectPersisted(todos.utils)

  const checked = createCollection(
    persistedCollectionOptions({ id: `t`, schema, getKey: (todo) => todo.id, persistence, schemaVersion: 1 }),
  )
  expect<Equal<RowOf<typeof checked>, Todo>>()
  expect<Equal<InsertOf<typeof checked>, z.input<typeof schema>>>()
  expectPersisted(checked.utils)

  const told = createCollection(
    persistedCollectionOptions<Todo, string>({ id: `t`, getKey: (todo) => todo.id, persistence }),
  )
  expect<Equal<RowOf<typeof told>, Todo>>()

  const spread = createCollection(
    persistedCollectionOptions({ ...localOnlyCollectionOptions({ id: `t`, getKey: (todo: Todo) => todo.id }), persistence }),
  )
  expect<Equal<RowOf<typeof spread>, Todo>>()

  // @ts-expect-error where the rows are kept has to be said
  persistedCollectionOptions({ id: `t`, getKey: (todo: Todo) => todo.id })
}

test(`the types of persisted collections are checked by the compiler`, () => {
  void [query, queryWithSchema, electric, electricWithSchema, powerSync, powerSyncWithSchema, localOnly]
})
