// One case in a process of its own: node case.js STEP STORE SET FOLDER COUNT [synced], a line of JSON
// as result.
import { performance } from 'node:perf_hooks'
import { changed, dataSet, todo } from './data.js'

const [step, store, set, folder, count, durability] = process.argv.slice(2)
const synced = durability === `synced`
const COUNT = Number(count)
const CHANGES = Math.min(10_000, COUNT / 10)
const ROUNDS = 5

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

async function timed(work) {
  const start = performance.now()
  const result = await work()
  return [performance.now() - start, result]
}

async function repeated(times, work) {
  const all = []
  for (let i = 0; i < times; i++) all.push((await timed(() => work(i)))[0])
  return median(all)
}

/** The longest time for which the event loop did not turn while `work` ran. */
async function longestBlock(work) {
  let last = performance.now()
  let longest = 0
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, 0)
  await work()
  longest = Math.max(longest, performance.now() - last)
  clearInterval(timer)
  return longest
}

const items = (rows, key) => rows.map((row) => ({ key: row[key], row }))

async function open() {
  const opened = await (await import(`./stores/${store}.js`)).open(`${folder}/${store}-${set}`, synced)
  await opened.start()
  return opened
}

const STEPS = {
  async seed(opened) {
    const { key, rows } = dataSet(set, COUNT)
    await opened.insert(items(rows, key))
    return { rows: rows.length }
  },
  async load(opened) {
    const before = process.memoryUsage().rss
    const [cold, rows] = await timed(() => opened.loadAll())
    const peak = process.resourceUsage().maxRSS * 1024
    const warm = await repeated(5, () => opened.loadAll())
    const block = await longestBlock(() => opened.loadAll())
    return { rows: rows.length, cold, warm, block, peak, before }
  },
  async write(opened) {
    const { key, rows } = dataSet(set, COUNT)
    // Rows that are there already are changed, and as many others added, in each of several rounds.
    const round = (i) => rows.slice((i * CHANGES) % rows.length).slice(0, CHANGES)
    const added = (i) =>
      set === `todo`
        ? Array.from({ length: CHANGES }, (_, k) => todo(10_000_000 + i * CHANGES + k))
        : round(i).map((row) => ({ ...row, [key]: -row[key] }))
    const change = set === `todo` ? changed : (row) => ({ ...row, population: row.population + 1 })
    const inserts = Array.from({ length: ROUNDS }, (_, i) => items(added(i), key))
    const updates = Array.from({ length: ROUNDS }, (_, i) => items(round(i).map(change), key))
    return {
      insert: await repeated(ROUNDS, (i) => opened.insert(inserts[i])),
      update: await repeated(ROUNDS, (i) => opened.update(updates[i])),
    }
  },
  async query(opened) {
    // A store without a way to answer it has no figure.
    const answers = (await opened.query()) !== undefined
    const scan = answers ? await repeated(3, () => opened.query()) : undefined
    await opened.ensureIndex()
    await opened.query()
    const page = await repeated(31, () => opened.query())
    return { scan, page, found: (await opened.query()).length }
  },
  async one(opened) {
    // Values that were never there: to write what is there already is no work for some stores.
    const rows = items(Array.from({ length: 101 }, (_, i) => ({ ...todo(i), updatedAt: new Date(Date.now() + i) })), `id`)
    for (const item of rows.slice(0, 20)) await opened.update([item])
    return { [synced ? `oneSynced` : `one`]: await repeated(81, (i) => opened.update([rows[i + 20]])) }
  },
}

const opened = await open()
const result = await STEPS[step](opened)
await opened.close()
console.log(JSON.stringify(result))
