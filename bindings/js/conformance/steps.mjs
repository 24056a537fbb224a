// The steps of the corpus over the engine interface of @cairn-db/core. It has no calls on single rows, and
// none on the library's own JSON: rows are put, removed and got in transactions and loads, and texts of JSON
// are read here. What it gives as no error, such as dropping what is not there, becomes the one it hides.
import { closeSync, existsSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { CairnError } from '../packages/core/dist/esm/index.js'
import { differ, expectFields, expectRows, shown } from './compare.mjs'
import { lineOfMutation, lineOfRow, rowsOf } from './scenario.mjs'
import { rawOf, readTable, tableBytes } from './tables.mjs'
import { Refused, bytesOf, isObject } from './values.mjs'

const notFound = () => new CairnError(`not there`, { status: 2 })

function jsonRows({ text, key_field }) {
  const lines = () => text.trim().split(`\n`).map((line) => JSON.parse(line))
  const rows = text.trimStart().startsWith(`[`) ? JSON.parse(text) : lines()
  const bad = rows.find((row) => !isObject(row) || !(key_field in row))
  if (bad !== undefined) throw new Refused(`a row without a key: ${shown(bad)}`)
  return rows.map((row) => [row[key_field], row])
}

function* filled({ start = 0, count, prefix = `k`, add = 0, text }) {
  for (let i = start; i < start + count; i++) {
    yield [prefix + i, text === undefined ? { n: i + add } : { n: i + add, t: `x`.repeat(text) }]
  }
}

function writeFile(path, { bytes = ``, at = 0, size }) {
  const file = openSync(path, existsSync(path) ? `r+` : `w+`)
  writeSync(file, bytesOf(bytes), 0, undefined, at)
  if (size !== undefined) ftruncateSync(file, size)
  closeSync(file)
}

function listed(expected, kinds, all) {
  expectFields(expected, all.filter(({ kind }) => kinds?.includes(kind) ?? true))
}

export const VERBS = {
  open: async (s, step) => void (await s.database(step)),
  close: (s, step) => s.closeDatabase(step.db ?? `main`),
  async reopen(s, step) {
    const db = step.db ?? `main`
    const { step: opening } = s.databases.get(db)
    const steps = [...s.collections.values()].map((one) => one.step).filter((one) => (one.db ?? `main`) === db)
    await s.closeDatabase(db)
    await s.database(opening)
    for (const one of steps) await s.openCollection(one)
  },
  collection: async (s, step) => readTable(`CollectionInfo`, await (await s.openCollection(step)).info()),
  apply: (s, step) => s.write(step, s.batches(step.batches ?? [step.mutations ?? []], lineOfMutation)),
  reconcile(s, step) {
    return s.write(step, s.batches(step.batches ?? [step.rows ?? []], lineOfRow), { mode: `Reconcile` })
  },
  fill: (s, step) => s.write(step, s.batches([[...filled(step)]], lineOfRow)),
  json: (s, step) => s.write(step, s.batches([jsonRows(step)], lineOfRow)),
  async store(s, step) {
    const result = await s.write(step, s.batches([step.rows], lineOfRow))
    await VERBS.load(s, step)
    for (const [key, value] of step.rows) await VERBS.get(s, { ...step, key, value })
    const { collections } = await VERBS.digest(s, step)
    expectFields(step.digest, collections.find(({ name }) => name === (step.in ?? `c`)).digest)
    return result
  },
  async put(s, { key, value, ...step }) {
    return (await s.write(step, s.batches([[[`insert`, key, value]]], lineOfMutation))).position
  },
  async remove(s, { key, ...step }) {
    return (await s.write(step, s.batches([[[`delete`, key]]], lineOfMutation))).position
  },
  async get(s, { key, value, ...step }) {
    const cursor = await s.openCursor({ ...step, request: { subset: { keys: [key] } } })
    const rows = (await s.batchesOf(cursor)).flatMap(rowsOf).map((row) => row[1])
    await cursor.close()
    if (rows.length === 0) throw notFound()
    expectRows([[value]], [rows])
  },
  async load(s, step) {
    const cursor = await s.openCursor(step)
    try {
      const head = readTable(`CursorHead`, await cursor.head())
      await s.drain(step, cursor)
      return head
    } finally {
      await cursor.close()
    }
  },
  delta: (s, step) => VERBS.load(s, step),
  async copy(s, step) {
    const cursor = await s.openCursor(step.from)
    const batches = await s.batchesOf(cursor)
    await cursor.close()
    return s.write(step, batches)
  },
  reset: async (s, step) => (await s.in(step)).reset(),
  async drop(s, { name = `c`, ...step }) {
    const { collections = [] } = await VERBS.database(s, step)
    await (await s.database(step)).dropCollection(name)
    if (!collections.some((one) => one.name === name)) throw notFound()
  },
  metadata: async (s, step) => readTable(`MetadataReport`, await (await s.in(step)).metadata()),
  info: async (s, step) => readTable(`CollectionInfo`, await (await s.in(step)).info()),
  database: async (s, step) => readTable(`DatabaseInfo`, await (await s.database(step)).info()),
  async check(s, step) {
    const options = tableBytes(`CheckOptions`, step.options)
    return readTable(`CheckReport`, await (await s.database(step)).check(options))
  },
  digest: async (s, step) => readTable(`DigestReport`, await (await s.database(step)).digest()),
  flush: async (s, step) => (await s.database(step)).flush(),
  compact: async (s, step) => (await s.database(step)).compact(),
  async backup(s, step) {
    return readTable(`BackupReport`, await (await s.database(step)).backup(s.path(step.to)))
  },
  file: (s, step) => writeFile(s.path(step.name), step),
  async ensure_index(s, step) {
    const request = tableBytes(`IndexRequest`, step.request)
    return readTable(`IndexInfo`, await (await s.in(step)).ensureIndex(request))
  },
  async remove_index(s, step) {
    if (!(await (await s.in(step)).removeIndex(step.signature))) throw notFound()
  },
  async cursor(s, step) {
    const cursor = await s.openCursor(step)
    s.name(step, `cursor`, cursor)
    return readTable(`CursorHead`, await cursor.head())
  },
  async next(s, step) {
    const { kind, bytes } = await s.of(step).handle.next()
    const wanted = step.done ? `done` : step.question ? `question` : `batch`
    if (kind !== wanted) differ(wanted, kind)
    if (step.question) expectFields(step.question, readTable(`Question`, bytes))
    if (step.rows) expectRows(step.rows, rowsOf(bytes))
  },
  answer: (s, step) => s.of(step).handle.answer(tableBytes(`Answer`, step.answer)),
  drain: (s, step) => s.drain(step, s.of(step).handle),
  async release(s, step) {
    await s.of(step).handle.close()
    s.named.delete(step.of)
  },
  async coordinator(s, step) {
    const options = tableBytes(`CoordinatorOptions`, step.options)
    s.name(step, `coordinator`, await (await s.database(step)).openCoordinator(options))
  },
  async replica(s, step) {
    const coordinator = step.coordinator === undefined ? null : s.of(step, step.coordinator).handle
    const options = tableBytes(`ReplicaOptions`, step.options)
    s.name(step, `replica`, await (await s.in(step)).openReplica(coordinator, options))
  },
  async send(s, step) {
    const { kind, handle, numbers } = s.of(step)
    for (const event of step.events) {
      if (kind === `coordinator`) {
        await handle.send(tableBytes(`CoordinatorEvent`, event))
        continue
      }
      const effect = typeof event.effect === `string` ? { effect: numbers[event.effect] } : {}
      const bytes = tableBytes(`ReplicaEvent`, rawOf(event) ? event : { ...event, ...effect })
      await handle.exchange([bytes], -1) // no effect is taken: that is for the step effects
    }
  },
  async effects(s, step) {
    const { handle, numbers } = s.of(step)
    const all = []
    for (let more = true; more; ) {
      const exchanged = await handle.exchange([], 1 << 20)
      all.push(...exchanged.effects.map((bytes) => readTable(`ReplicaEffect`, bytes)))
      more = exchanged.more
    }
    for (const { kind, number } of all) numbers[kind] = number
    listed(step.effects, step.kinds, all)
  },
  async actions(s, step) {
    const all = (await s.of(step).handle.take()).map((bytes) => readTable(`CoordinatorAction`, bytes))
    for (const { message } of all.filter((action) => action.message)) {
      const event = { kind: `Received`, message: { $bytes: Buffer.from(message).toString(`base64`) } }
      for (const name of step.deliver ?? []) await s.of(step, name).handle.send(tableBytes(`CoordinatorEvent`, event))
    }
    listed(step.actions, step.kinds, all)
  },
}
