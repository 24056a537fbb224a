// What only a process of its own can show of the addon: that neither the garbage collector nor the end
// of a thread or of the process finds anything left over, or brings anything down.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { encodeRows } from '../../core/src/batch/index.js'

const here = dirname(fileURLToPath(import.meta.url))
const addonFile = process.env.CAIRN_NODE_ADDON ?? join(here, `..`, `build`, `cairn.node`)
const folder = mkdtempSync(join(tmpdir(), `cairn-node-`))
let files = 0
// Batches for the other processes, which have no TypeScript, by their number of rows.
for (const count of [10, 1000, 2000, 5000, 20000]) {
  const rows = Array.from({ length: count }, (_, i) => ({ key: i, value: { n: i, text: `x`.repeat(200) + i } }))
  writeFileSync(join(folder, `batch-${count}`), encodeRows(rows))
}
after(() => rmSync(folder, { recursive: true, force: true }))

// What is seen only in a process of its own: plain JavaScript over the addon, without the TypeScript.
const prelude = `
  const addon = require(${JSON.stringify(addonFile)}), none = new Uint8Array(0)
  const path = process.env.CAIRN_TEST_FILE
  const { Worker } = require('node:worker_threads')
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  const encoded = (count) => require('node:fs').readFileSync(require('node:path').join(path, '..', 'batch-' + count))
  const given = (...batches) => () => batches.shift()
  async function fill(count) {
    const database = await addon.databaseOpen(path, none)
    const collection = await addon.databaseOpenCollection(database, 'todos', none)
    await addon.collectionApply(collection, none, given(encoded(count)))
    return { database, collection }
  }
  async function until(condition, what) {
    for (let i = 0; i < 300; i++) {
      if (condition()) return
      if (globalThis.gc) gc()
      await pause(10)
    }
    throw new Error('it did not happen: ' + what())
  }
  function inWorker(code) {
    return new Promise((resolve, reject) => {
      const worker = new Worker(${'`'}(async () => { ${'$'}{code} })()${'`'}, { eval: true })
      worker.once('error', reject).once('exit', resolve)
    })
  }
`

function inProcess(script: string, options: { flags?: Array<string>; code?: number } = {}): string {
  const file = join(folder, `${++files}.sqlite`)
  const program = `${prelude}\n;(async () => {${script}\n})().catch((error) => { console.error(error); process.exit(70) })`
  const done = spawnSync(process.execPath, [...(options.flags ?? []), `-e`, program], {
    env: { ...process.env, NODE_OPTIONS: ``, CAIRN_TEST_FILE: file },
    encoding: `utf8`,
    timeout: 60_000,
  })
  assert.equal(done.signal, null, `it ended by a signal: ${done.signal}\n${done.stderr}`)
  assert.equal(done.status, options.code ?? 0, done.stderr)
  return done.stdout
}

describe(`memory`, () => {
  test(`what nobody has closed is closed by the garbage collector`, () => {
    inProcess(
      `
      async function forget() {
        const { database, collection } = await fill(1000)
        await addon.collectionLoad(collection, none)
        const coordinator = await addon.databaseOpenCoordinator(database, none)
        const replica = await addon.collectionOpenReplica(collection, coordinator, none)
        await addon.replicaExchange(replica, [], 1e9)
        // Calls whose promise nobody waits for end all the same.
        for (let i = 0; i < 10; i++) addon.collectionLoad(collection, none)
      }
      for (let i = 0; i < 3; i++) await forget()
      await until(() => addon.liveObjects() === 0, addon.liveObjects)`,
      { flags: [`--expose-gc`] },
    )
  })

  test(`bytes that the engine gives are freed when nobody has them any more`, () => {
    inProcess(
      `
      const { database, collection } = await fill(20000)
      const before = addon.liveObjects(), external = process.memoryUsage().external
      let most = 0, held = []
      for (let i = 0; i < 100; i++) {
        const { cursor, steps } = await addon.collectionLoad(collection, none)
        let step
        const more = async () => void steps.push(...(await addon.cursorNext(cursor)).steps)
        while ((step = steps.shift() ?? (await more(), steps.shift())).kind === 'batch') {
          if (step.bytes.byteOffset !== 0) throw new Error('bytes begin in the midst of their memory')
          if (i === 0) held.push(step.bytes)
        }
        await addon.cursorClose(cursor)
        const size = held.reduce((sum, bytes) => sum + bytes.length, 0)
        const known = process.memoryUsage().external - external
        most = Math.max(most, known)
        if (size > 0 && (size < 4e6 || known < size * 0.9)) throw new Error('of ' + size + ' bytes V8 knows ' + known)
        held = []
      }
      // It has read more than twice as much.
      if (most > 200e6) throw new Error('it held ' + most)
      await until(() => addon.liveObjects() === before, addon.liveObjects)
      await addon.collectionClose(collection)
      await addon.databaseClose(database)
      if (addon.liveObjects() !== 0) throw new Error(addon.liveObjects() + ' are left')`,
      { flags: [`--expose-gc`] },
    )
  })

  test(`a coordinator stays open for its replica`, () => {
    inProcess(
      `
      async function open() {
        const { database, collection } = await fill(10)
        const coordinator = await addon.databaseOpenCoordinator(database, none)
        addon.coordinatorOnWakeup(coordinator, () => {})
        return addon.collectionOpenReplica(collection, coordinator, none)
      }
      let replica = await open()
      await until(() => addon.liveObjects() === 2, addon.liveObjects)
      for (let i = 0; i < 10; i++) { gc(); await pause(5) }
      if (addon.liveObjects() !== 2) throw new Error('replica and coordinator: ' + addon.liveObjects())
      await addon.replicaExchange(replica, [], 1e9)
      replica = null
      await until(() => addon.liveObjects() === 0, addon.liveObjects)`,
      { flags: [`--expose-gc`] },
    )
  })
})

// CAIRN_BETTER_SQLITE3 may name a folder of better-sqlite3 that has its binary.
const betterSqlite3 = process.env.CAIRN_BETTER_SQLITE3 ?? createRequire(import.meta.url).resolve(`better-sqlite3`)

function hasBinary(): boolean {
  return spawnSync(process.execPath, [`-e`, `new (require(${JSON.stringify(betterSqlite3)}))(':memory:')`]).status === 0
}
const skip = hasBinary() ? false : `better-sqlite3 has no binary here`

describe(`endings`, () => {
  const work = `
    const addon = require(${JSON.stringify(addonFile)}), none = new Uint8Array(0)
    const database = await addon.databaseOpen(process.env.CAIRN_TEST_FILE, none)
    const collection = await addon.databaseOpenCollection(database, 'todos', none)
    const coordinator = await addon.databaseOpenCoordinator(database, none)
    addon.coordinatorOnWakeup(coordinator, () => {})
    const replica = await addon.collectionOpenReplica(collection, coordinator, none)`
  const busy = `
    for (let i = 0; i < 50; i++) {
      addon.databaseDigest(database)
      addon.databaseCheck(database, none)
      addon.collectionInfo(collection)
      addon.collectionLoad(collection, none).then(({ cursor }) => addon.cursorNext(cursor))
      addon.replicaExchange(replica, [], 1e9)
      addon.coordinatorTake(coordinator)
    }`

  test(`nothing that is open keeps the process alive`, () => {
    inProcess(work.replace(/const addon.*/, ``))
  })

  test(`the process may exit in the midst of calls`, () => {
    for (let i = 0; i < 5; i++) {
      const body = work.replace(/const addon.*/, ``)
      inProcess(`await fill(5000); ${body}; ${busy}; await pause(${i * 3}); process.exit(7)`, { code: 7 })
    }
  })

  test(`a transaction goes on however long the next batch takes to be made`, () => {
    const out = inProcess(`
      const { database, collection } = await fill(10)
      const batches = [encoded(1000), encoded(2000)]
      const slowly = () => {
        if (batches.length === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1300)
        return batches.shift()
      }
      await addon.collectionApply(collection, none, slowly)
      const { cursor, steps } = await addon.collectionLoad(collection, none)
      while (steps.at(-1).kind === 'batch') steps.push(...(await addon.cursorNext(cursor)).steps)
      const size = steps.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0)
      console.log(size > encoded(2000).length * 0.9)
      await addon.collectionClose(collection)
      await addon.databaseClose(database)`)
    assert.equal(out.trim(), `true`)
  })

  test(`the process may exit while it makes the batches of a transaction`, () => {
    inProcess(
      `
      const { collection } = await fill(10)
      let calls = 0
      addon.collectionApply(collection, none, () => (calls++ === 0 ? encoded(5000) : process.exit(7)))`,
      { code: 7 },
    )
  })

  test(`a worker may be ended while it makes the batches of a transaction`, () => {
    const out = inProcess(`
      const { database, collection } = await fill(10)
      const worker = new Worker(${JSON.stringify(`
        const { parentPort, workerData } = require('node:worker_threads')
        const addon = require(workerData.addon), none = new Uint8Array(0)
        addon.databaseOpen(workerData.path, none).then(async (database) => {
          const collection = await addon.databaseOpenCollection(database, 'todos', none)
          addon.collectionApply(collection, none, () => { parentPort.postMessage('making'); for (;;); })
        })`)}, { eval: true, workerData: { addon: ${JSON.stringify(addonFile)}, path } })
      await new Promise((resolve) => worker.once('message', resolve))
      await worker.terminate()
      await addon.collectionApply(collection, none, given(encoded(10)))
      console.log('written')
      await addon.collectionClose(collection)
      await addon.databaseClose(database)`)
    assert.equal(out.trim(), `written`)
  })

  test(`an uncaught exception in the midst of calls ends the process as always`, () => {
    const body = work.replace(/const addon.*/, ``)
    inProcess(`await fill(5000); ${body}; ${busy}; setTimeout(() => { throw new Error('on purpose') }, 3)
      await pause(1000)`, { code: 1 })
  })

  test(`worker threads have instances of their own, beside the main thread`, () => {
    const out = inProcess(`
      const { database, collection } = await fill(2000)
      const code = ${JSON.stringify(`${work}
        for (let i = 0; i < 20; i++) await addon.collectionInfo(collection)
        await addon.replicaClose(replica)
        await addon.coordinatorClose(coordinator)
        await addon.collectionClose(collection)
        await addon.databaseClose(database)`)}
      const workers = Array.from({ length: 4 }, () => inWorker(code))
      for (let i = 0; i < 20; i++) await addon.databaseDigest(database)
      console.log((await Promise.all(workers)).join())
      await addon.databaseDigest(database)
      await addon.collectionClose(collection)
      await addon.databaseClose(database)
      if (addon.liveObjects() !== 0) throw new Error(addon.liveObjects() + ' are left')`)
    assert.equal(out.trim(), `0,0,0,0`)
  })

  test(`a worker may end with handles open and calls that run`, () => {
    inProcess(`
      const { database, collection } = await fill(5000)
      const code = ${JSON.stringify(`${work}\n${busy}`)}
      for (const ending of ['', '; process.exit(0)', '; setTimeout(() => process.exit(0), 5)']) await inWorker(code + ending)
      for (let i = 0; i < 8; i++) {
        const worker = new Worker('(async () => {' + code + "; require('node:worker_threads').parentPort.postMessage(1) })()", { eval: true })
        await new Promise((resolve) => worker.once('message', resolve))
        await pause(i * 2)
        await worker.terminate()
      }
      await addon.databaseDigest(database)
      await addon.collectionClose(collection)
      await addon.databaseClose(database)
      if (addon.liveObjects() !== 0) throw new Error(addon.liveObjects() + ' are left')`)
  })

  test(`the last handle that goes lets go of the app's connection, and the end of a thread does`, { skip }, () => {
    const module = JSON.stringify(betterSqlite3)
    const open = `
      const connection = new (require(${module}))(':memory:')
      const execute = (sql, values) => {
        const statement = connection.prepare(sql)
        const named = values.length ? [Object.fromEntries(values.map((value, i) => [i + 1, value]))] : []
        return statement.reader ? statement.raw(true).all(...named) : (statement.run(...named), 0)
      }
      const transaction = (body) => (connection.exec('BEGIN'), connection.exec(body() ? 'ROLLBACK' : 'COMMIT'), 0)
      let database = await addon.databaseOpenExecutor(execute, transaction, none)
      let collection = await addon.databaseOpenCollection(database, 'todos', none)
      let { cursor } = await addon.collectionLoad(collection, none)`
    const own = `const addon = require(${JSON.stringify(addonFile)}), none = new Uint8Array(0);`
    inProcess(
      `${open}
      if (addon.liveObjects() !== 3) throw new Error('it has not ended at once')
      database = collection = cursor = null
      await until(() => addon.liveObjects() === 0, addon.liveObjects)
      for (let i = 0; i < 3; i++) await inWorker(${JSON.stringify(own + open)})
      await inWorker(${JSON.stringify(`${own + open}; process.exit(0)`)})
      if (addon.liveObjects() !== 0) throw new Error(addon.liveObjects() + ' are left')`,
      { flags: [`--expose-gc`] },
    )
  })
})

describe(`loading`, () => {
  test(`where there is no addon the error says where it was looked for`, async () => {
    const load = pathToFileURL(join(here, `..`, `src`, `load.ts`)).href
    const script = `import(${JSON.stringify(load)}).then(({ loadAddon }) => loadAddon()).catch((e) => console.log(e.message))`
    const done = spawnSync(process.execPath, [`--import`, `tsx`, `-e`, script], {
      cwd: join(here, `..`, `..`, `..`),
      env: { ...process.env, NODE_OPTIONS: ``, CAIRN_NODE_ADDON: join(folder, `absent.node`) },
      encoding: `utf8`,
    })
    assert.match(done.stdout, /could not be loaded for \w+-\w+\. Tried:\n {2}.*absent\.node: Cannot find module/)
    assert.match(done.stdout, /npm run build:native/)
  })
})
