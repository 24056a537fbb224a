// A scenario of the corpus while it runs: what it has open, by names, and what several steps need.
import { join } from 'node:path'
import { CairnError } from '../packages/core/dist/esm/index.js'
import { loadEngine } from '../packages/node/dist/esm/engine.js'
import { Mismatch, expectFields, expectRows, shown } from './compare.mjs'
import { batchOf, linesOf, rawOf, readTable, tableBytes } from './tables.mjs'
import { Refused } from './values.mjs'

const engine = loadEngine()

/** Mutations and rows of the corpus, as lines of a batch. */
export function lineOfMutation([op, key, ...rest]) {
  const line = op === `insert` || op === `update` ? { op, key, value: rest.shift() } : { op, key }
  const [change = {}] = rest
  if (`set` in change) line.metadata = change.set
  return change.remove ? { ...line, removeMetadata: true } : line
}

export const lineOfRow = ([key, value, extras = {}]) => ({ key, value, ...extras })

/** And rows of a batch, as the corpus has them. */
export function rowsOf(batch) {
  return linesOf(batch).map(({ key, value, op, version, metadata }) => {
    if (op === `delete`) return [key]
    const extras = Object.entries({ version, metadata }).filter(([, one]) => one !== undefined)
    return extras.length > 0 ? [key, value, Object.fromEntries(extras)] : [key, value]
  })
}

/** What the language's own encoder refuses counts; its message is its own. */
function failedSo(expected, error) {
  if (error instanceof Refused || error instanceof TypeError || error instanceof SyntaxError) return true
  if (!(error instanceof CairnError)) return false
  const { status = error.code, message = ``, message_is = error.message } = expected
  return status === error.code && error.message.includes(message) && message_is === error.message
}

export class Scenario {
  databases = new Map()
  collections = new Map()
  named = new Map() // cursors, replicas and coordinators

  constructor(verbs, folder, main) {
    this.verbs = verbs
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
    const some = lists.filter((list) => !(Array.isArray(list) && list.length === 0))
    return some.map((list) => rawOf(list) ?? batchOf(list.map(lineOf)))
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
    const perform = this.verbs[step.do]
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
