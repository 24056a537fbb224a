// Components of React that show what is on the disk, with @tanstack/react-db. Between two steps the
// program ends and starts again.
import { root } from './support/dom.js'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCollection } from '@tanstack/db'
import { useLiveQuery } from '@tanstack/react-db'
import { act, createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { persistedCollectionOptions } from '@cairn-db/node'
import { Program, scratchFile } from './support/files.js'
import { TestSource } from './support/source.js'
import type { Todo } from './support/source.js'
import type { SyncConfig } from '@tanstack/db'

function make(program: Program, sync?: SyncConfig<Todo, string>) {
  const options = { id: `todos`, getKey: (todo: Todo) => todo.id, persistence: program.persistence(), schemaVersion: 1 }
  return createCollection(
    sync ? persistedCollectionOptions<Todo, string>({ ...options, sync }) : persistedCollectionOptions<Todo, string>(options),
  )
}

type Todos = ReturnType<typeof make>

function List({ todos }: { todos: Todos }) {
  const { data, isReady } = useLiveQuery((q) => q.from({ todo: todos }).orderBy(({ todo }) => todo.id))
  if (!isReady) return createElement(`p`, {}, `loading`)
  return createElement(`ul`, {}, data.map((todo) => createElement(`li`, { key: todo.id }, todo.title)))
}

/** What the page lists. */
const listed = () => Array.from(root.querySelectorAll(`li`), (item) => item.textContent)

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    assert.ok(tries < 10_000, `it did not become so: ${what}`)
    await act(() => new Promise((resolve) => setTimeout(resolve, 5)))
  }
}

/** Runs a program that shows the list. */
async function show(path: string, sync: SyncConfig<Todo, string> | undefined, body: (todos: Todos) => Promise<void>) {
  const program = await Program.start(path)
  const todos = make(program, sync)
  const page = createRoot(root)
  act(() => page.render(createElement(List, { todos })))
  await until(() => root.querySelector(`ul`) !== null)
  await body(todos)
  act(() => page.unmount())
  assert.equal(root.innerHTML, ``)
  await until(() => todos.subscriberCount === 0)
  await todos.cleanup()
  await program.end()
}

test(`a component lists what is on the disk, and what is inserted is there after a restart`, async (t) => {
  const path = scratchFile(t)
  await show(path, undefined, async (todos) => {
    assert.deepEqual(listed(), [])
    await act(() => todos.insert([{ id: `a`, title: `one` }, { id: `b`, title: `two` }]).isPersisted.promise)
    await until(() => listed().length === 2)
  })
  await show(path, undefined, async (todos) => {
    assert.deepEqual(listed(), [`one`, `two`])
    await act(() => todos.insert({ id: `c`, title: `three` }).isPersisted.promise)
    await until(() => listed().length === 3)
    await act(() => todos.delete(`a`).isPersisted.promise)
    await until(() => listed().length === 2)
  })
  await show(path, undefined, async () => assert.deepEqual(listed(), [`two`, `three`]))
})

test(`a component lists what a source has brought before, without the network`, async (t) => {
  const path = scratchFile(t)
  const source = new TestSource()
  await show(path, source.config(), async () => {
    await act(() => source.insert(1, { id: `a`, title: `one` }))
    await until(() => listed().length === 1)
  })
  const offline = new TestSource()
  offline.online = false
  await show(path, offline.config(), async () => assert.deepEqual(listed(), [`one`]))
})

test(`a component that is mounted again finds the rows`, async (t) => {
  const path = scratchFile(t)
  const program = await Program.start(path)
  const todos = make(program)
  await todos.preload()
  await todos.insert({ id: `a`, title: `one` }).isPersisted.promise
  for (let i = 0; i < 3; i++) {
    const page = createRoot(root)
    act(() => page.render(createElement(List, { todos })))
    await until(() => listed().length === 1)
    act(() => page.unmount())
    await until(() => todos.subscriberCount === 0)
    if (i === 1) await todos.cleanup()
  }
  await todos.cleanup()
  await program.end()
})
