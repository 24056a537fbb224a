// Runs the conformance corpus (tests/conformance/README.md) over @cairn-db/node: its engine interface,
// and its codec of rows and values. That interface has no calls on single rows, and none on the library's
// own JSON: rows are put, removed and got in transactions and loads, and texts of JSON are read here.
import { existsSync, ftruncateSync, mkdtempSync, openSync, closeSync, readFileSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CairnError } from '../packages/core/dist/esm/index.js'
import { liveObjects, loadEngine } from '../packages/node/dist/esm/engine.js'
import { batchOf, linesOf, rawOf, readTable, tableBytes } from './tables.mjs'
import { Refused, bytesOf, isMark, isObject, portable, same, valueOf } from './values.mjs'

const corpus = fileURLToPath(new URL(`../../../tests/conformance/`, import.meta.url))
const engine = loadEngine()
setFlagsFromString(`--expose-gc`)
const gc = runInNewContext(`gc`)
const FIRST_NAMES = [`Applied`, `Default`, `Elect`, `EnsureRemoteSubset`, `Heartbeat`, `None`, `Nothing`, `Rank`, `Started`]

class Mismatch extends Error {}

function shown(value) {
  const replace = (_, one) => (typeof one === `bigint` ? `${one}n` : one instanceof Uint8Array ? `<${one.length} bytes>` : one)
  return JSON.stringify(value, replace)
}

function differ(expected, actual) {
  throw new Mismatch(`expected ${shown(expected)}\n    but got  ${shown(actual)}`)
}

// --- comparing: JSON of the corpus with tables of values ---

function isDefault(json) {
  return json === 0 || json === false || json === `` || json === null || FIRST_NAMES.includes(json) || (Array.isArray(json) && json.length === 0)
}

function matches(expected, actual) {
  if (isObject(expected) && `$table` in expected) {
    return actual instanceof Uint8Array && matches(expected.$table[1], readTable(expected.$table[0], actual))
  }
  if (isObject(expected) && !isMark(expected) && isObject(actual)) {
    return Object.entries(expected).every(([name, one]) => {
      if (!(name in actual)) return isDefault(one)
      return name === `value` || name === `values` ? same(valueOf(one), actual[name]) : matches(one, actual[name])
    })
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return expected.length === actual.length && expected.every((one, i) => matches(one, actual[i]))
  }
  return same(valueOf(expected), actual)
}

function expectFields(expected, actual) {
  if (expected !== undefined && !matches(expected, actual)) differ(expected, actual)
}

function expectRows(expected, actual, anyOrder) {
  const keyed = (rows) => rows.map((row) => ({ bytes: Buffer.concat(row.map(portable)) }))
  const [wanted, got] = [keyed(expected.map((row) => valueOf(row))), keyed(actual)]
  if (anyOrder) for (const rows of [wanted, got]) rows.sort((a, b) => a.bytes.compare(b.bytes))
  const equal = wanted.length === got.length && wanted.every(({ bytes }, i) => bytes.equals(got[i].bytes))
  if (!equal) differ(expected, actual)
}

// --- rows of the corpus, as lines of a batch and back ---

function lineOfMutation([op, key, ...rest]) {
  const line = op === `insert` || op === `update` ? { op, key, value: rest.shift() } : { op, key }
  const [change = {}] = rest
  if (`set` in change) line.metadata = change.set
  return change.remove ? { ...line, removeMetadata: true } : line
}

const lineOfRow = ([key, value, extras = {}]) => ({ key, value, ...extras })

function rowsOf(batch) {
  return linesOf(batch).map(({ key, value, op, version, metadata }) => {
    if (op === `delete`) return [key]
    const extras = Object.entries({ version, metadata }).filter(([, one]) => one !== undefined)
    return extras.length > 0 ? [key, value, Object.fromEntries(extras)] : [key, value]
  })
}

class Scenario {
  databases = new Map()
  collections = new Map()
  named = new Map() // cursors, replicas and coordinators

  constructor(folder, main) {
    this.folder = folder
    this.main = main
  }

  path(name) {
    return name === `main` && this.main ? this.main : join(this.folder, name)
  }

  async database(step) {
    const name = step.db ?? `main`
    const known = this.databases.get(name)
    if (known) return known.handle
    const options = tableBytes(`DatabaseOptions`, step.do === `open` ? step.options : {})
    const handle = await engine.openDatabase(this.path(step.file ?? name), options)
    this.databases.set(name, { handle, step })
    return handle
  }

  nameIn(step, handle) {
    return JSON.stringify([step.db ?? `main`, handle])
  }

  async in(step) {
    await this.database(step)
    const found = this.collections.get(this.nameIn(step, step.in ?? `c`))
    if (!found) throw new Error(`no collection ${step.in ?? `c`}`)
    return found.handle
  }

  of(step, name = step.of) {
    const found = this.named.get(name)
    if (!found) throw new Error(`nothing is open as ${name}`)
    return found
  }

  async openCollection(step) {
    const name = this.nameIn(step, step.as ?? step.name ?? `c`)
    const database = await this.database(step)
    await this.collections.get(name)?.handle.close()
    this.collections.delete(name)
    const handle = await database.openCollection(step.name ?? `c`, tableBytes(`CollectionOptions`, step.options))
    this.collections.set(name, { handle, step })
    return handle
  }

  name(step, kind, handle) {
    this.named.set(step.as, { kind, handle, db: step.db ?? `main`, numbers: {} })
  }

  async closeDatabase(db) {
    for (const kind of [`cursor`, `replica`, `coordinator`]) {
      for (const [name, one] of this.named) {
        if (one.db !== db || one.kind !== kind) continue
        await one.handle.close()
        this.named.delete(name)
      }
    }
    for (const [name, { handle, step }] of this.collections) {
      if ((step.db ?? `main`) !== db) continue
      await handle.close()
      this.collections.delete(name)
    }
    await this.databases.get(db)?.handle.close()
    this.databases.delete(db)
  }

  async finish(checks) {
    try {
      for (const { handle } of checks ? this.databases.values() : []) {
        const report = readTable(`CheckReport`, await handle.check(tableBytes(`CheckOptions`)))
        if (!report.ok) throw new Mismatch(`damaged: ${shown(report)}`)
      }
    } finally {
      for (const db of [...this.databases.keys()]) await this.closeDatabase(db)
    }
  }

  async write(step, batches, more = {}) {
    const options = rawOf(step.options) ? step.options : { ...step.options, ...more }
    const result = await (await this.in(step)).apply(tableBytes(`TransactionOptions`, options), batches)
    return readTable(`CommitResult`, result)
  }

  batches(lists, lineOf) {
    return lists.filter((list) => !(Array.isArray(list) && list.length === 0)).map((list) => rawOf(list) ?? batchOf(list.map(lineOf)))
  }

  async openCursor(step) {
    const collection = await this.in(step)
    if (step.since === undefined) return collection.load(tableBytes(`LoadRequest`, step.request))
    const { position = {} } = readTable(`CollectionInfo`, await collection.info())
    const epoch = { since: step.since, reset_epoch: (position.reset_epoch ?? 0) - (step.epochs_ago ?? 0) }
    return collection.delta(tableBytes(`DeltaRequest`, { ...epoch, ...step.request }))
  }

  async batchesOf(cursor, answers = []) {
    const batches = []
    let asked = 0
    for (;;) {
      const next = await cursor.next()
      if (next.kind === `done`) break
      if (next.kind === `batch`) batches.push(next.bytes)
      if (next.kind !== `question`) continue
      expectFields(answers[asked]?.question ?? null, readTable(`Question`, next.bytes))
      await cursor.answer(tableBytes(`Answer`, answers[asked++].answer))
    }
    if (asked !== answers.length) throw new Mismatch(`asked ${asked} times`)
    return batches
  }

  async drain(step, cursor) {
    const rows = (await this.batchesOf(cursor, step.answers)).flatMap(rowsOf)
    if (step.rows) expectRows(step.rows, rows, step.any_order ?? step.since !== undefined)
    expectFields(step.row_count, rows.length)
    expectFields(step.explain, readTable(`Explanation`, await cursor.explain()))
  }

  async run(steps) {
    let i = 0
    try {
      for (; i < steps.length; i++) await this.step(steps[i])
    } catch (error) {
      await this.finish(false)
      throw new Mismatch(`step ${i + 1} ${shown(steps[i]).slice(0, 300)}\n    ${error.message}`)
    }
    await this.finish(true)
  }

  async step(step) {
    const perform = VERBS[step.do]
    if (!perform) throw new Error(`unknown step`)
    let result
    try {
      result = await perform(this, step)
    } catch (error) {
      if (step.error && failedSo(step.error, error)) return
      throw error
    }
    if (step.error) throw new Mismatch(`did not fail`)
    expectFields(step.result, result)
  }
}

/** What the language's own encoder refuses counts; its message is its own. */
function failedSo(expected, error) {
  if (error instanceof Refused || error instanceof TypeError || error instanceof SyntaxError) return true
  if (!(error instanceof CairnError)) return false
  const { status = error.code, message = ``, message_is = error.message } = expected
  return status === error.code && error.message.includes(message) && message_is === error.message
}

const notFound = () => new CairnError(`not there`, { status: 2 })

function jsonRows({ text, key_field }) {
  const rows = text.trimStart().startsWith(`[`) ? JSON.parse(text) : text.trim().split(`\n`).map((line) => JSON.parse(line))
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

const VERBS = {
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
  reconcile: (s, step) => s.write(step, s.batches(step.batches ?? [step.rows ?? []], lineOfRow), { mode: `Reconcile` }),
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
  remove: async (s, { key, ...step }) => (await s.write(step, s.batches([[[`delete`, key]]], lineOfMutation))).position,
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
  check: async (s, step) => readTable(`CheckReport`, await (await s.database(step)).check(tableBytes(`CheckOptions`, step.options))),
  digest: async (s, step) => readTable(`DigestReport`, await (await s.database(step)).digest()),
  flush: async (s, step) => (await s.database(step)).flush(),
  compact: async (s, step) => (await s.database(step)).compact(),
  backup: async (s, step) => readTable(`BackupReport`, await (await s.database(step)).backup(s.path(step.to))),
  file: (s, step) => writeFile(s.path(step.name), step),
  ensure_index: async (s, step) => readTable(`IndexInfo`, await (await s.in(step)).ensureIndex(tableBytes(`IndexRequest`, step.request))),
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
    s.name(step, `coordinator`, await (await s.database(step)).openCoordinator(tableBytes(`CoordinatorOptions`, step.options)))
  },
  async replica(s, step) {
    const coordinator = step.coordinator === undefined ? null : s.of(step, step.coordinator).handle
    s.name(step, `replica`, await (await s.in(step)).openReplica(coordinator, tableBytes(`ReplicaOptions`, step.options)))
  },
  async send(s, step) {
    const { kind, handle, numbers } = s.of(step)
    for (const event of step.events) {
      if (kind === `coordinator`) await handle.send(tableBytes(`CoordinatorEvent`, event))
      // No effect is taken: that is for the step \`effects\`.
      else await handle.exchange([tableBytes(`ReplicaEvent`, typeof event.effect === `string` ? { ...event, effect: numbers[event.effect] } : event)], -1)
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

// --- files and modes ---

async function runInFolder(steps, main) {
  const folder = mkdtempSync(join(tmpdir(), `cairn-conformance-`))
  try {
    await new Scenario(folder, main).run(steps)
    // Buffers are let go of with the arrays over them.
    for (let i = 0; i < 10 && liveObjects() !== 0; i++) gc(), await new Promise(setImmediate)
    if (liveObjects() !== 0) throw new Mismatch(`objects are left: ${liveObjects()}`)
    return true
  } catch (error) {
    console.log(`  ${error.message}`)
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function runArea(path) {
  const area = basename(path, `.json`)
  const counts = { passed: 0, failed: 0 }
  for (const { name, steps } of JSON.parse(readFileSync(path, `utf8`)).scenarios) {
    const passed = await runInFolder(steps)
    if (!passed) console.log(`FAILED ${area}: ${name}`)
    counts[passed ? `passed` : `failed`]++
  }
  console.log(`${area} passed ${counts.passed} failed ${counts.failed}`)
  return counts.failed === 0 && counts.passed > 0
}

async function runOverFile(mode, path) {
  const passed = await runInFolder(JSON.parse(readFileSync(join(corpus, `files.json`), `utf8`))[mode], path)
  console.log(`${path} ${passed ? `passed` : `failed`}`)
  return passed
}

const [mode, ...paths] = process.argv.slice(2)
const all = () => readdirSync(join(corpus, `scenarios`)).map((name) => join(corpus, `scenarios`, name))
const runs = mode === `scenarios` ? (paths.length > 0 ? paths : all()).sort().map((path) => () => runArea(path)) : paths.map((path) => () => runOverFile(mode, path))
let good = runs.length > 0
for (const run of runs) good = (await run()) && good
process.exitCode = good ? 0 : 1
