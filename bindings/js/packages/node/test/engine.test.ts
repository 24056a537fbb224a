// The addon behind core's Engine interface: every call, the order of calls, and failures, over a file
// and over better-sqlite3. What only a process of its own can show is in engine_endings.test.ts.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { Builder, ByteBuffer } from 'flatbuffers'
import { CairnError } from '@cairn-db/core'
import { decodeRows, encodeRows } from '../../core/src/batch/index.js'
import * as fb from '../../core/src/schemas/index.js'
import { loadEngine, openExecutorDatabase, sqliteCodeOf } from '../src/engine.js'
import { loadAddon } from '../src/load.js'
import type { CursorStep, EngineCollection, EngineCoordinator, EngineCursor, EngineDatabase, EngineReplica } from '@cairn-db/core'

type Row = { key: string | number; value?: unknown }

const none = new Uint8Array(0)
const engine = loadEngine()
const folder = mkdtempSync(join(tmpdir(), `cairn-node-`))
let files = 0
const newFile = () => join(folder, `${++files}.sqlite`)
after(() => rmSync(folder, { recursive: true, force: true }))

function table(put: (builder: Builder) => number): Uint8Array {
  const builder = new Builder(64)
  builder.finish(put(builder))
  return builder.asUint8Array()
}

const bytesOf = (bytes: Uint8Array) => new ByteBuffer(bytes)

function rowsOf(count: number, from = 0, text = `x`): Array<Row> {
  return Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, value: { n: from + i, text: `${text} ${from + i}` } }))
}

function loadRequest(batchRows: number): Uint8Array {
  return table((b) => {
    fb.LoadRequest.startLoadRequest(b)
    fb.LoadRequest.addBatchRows(b, batchRows)
    return fb.LoadRequest.endLoadRequest(b)
  })
}

function replicaEvent(kind: fb.EventKind, number: number): Uint8Array {
  return table((b) => {
    fb.ReplicaEvent.startReplicaEvent(b)
    fb.ReplicaEvent.addKind(b, kind)
    fb.ReplicaEvent.addNumber(b, BigInt(number))
    return fb.ReplicaEvent.endReplicaEvent(b)
  })
}

async function opened(options: Uint8Array = none): Promise<{ database: EngineDatabase; collection: EngineCollection }> {
  const database = await engine.openDatabase(newFile(), none)
  return { database, collection: await database.openCollection(`todos`, options) }
}

async function readAll(cursor: EngineCursor): Promise<Array<Row>> {
  const rows: Array<Row> = []
  for (let step: CursorStep; (step = await cursor.next()).kind === `batch`; ) rows.push(...decodeRows(step.bytes))
  await cursor.close()
  return rows
}

async function countOf(collection: EngineCollection): Promise<number> {
  return Number(fb.CollectionInfo.getRootAsCollectionInfo(bytesOf(await collection.info())).rows())
}

const failsWith = (code: string, message = /./) => (error: unknown) => {
  assert.ok(error instanceof CairnError, String(error))
  assert.equal(error.code, code)
  assert.match(error.message, message)
  return true
}

const localOptions = table((b) => {
  fb.CollectionOptions.startCollectionOptions(b)
  fb.CollectionOptions.addLocal(b, true)
  return fb.CollectionOptions.endCollectionOptions(b)
})

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail(`it did not happen within 5 seconds`)
}

describe(`databases and collections`, () => {
  test(`the addon says what it is`, () => {
    const addon = loadAddon()
    assert.match(addon.version, /^\d+\.\d+\.\d+$/)
    assert.equal(addon.abiVersion, 1)
    assert.match(addon.schemaHash, /^[0-9a-f]{16}$/)
  })

  test(`rows that are applied are loaded, in batches`, async () => {
    const { database, collection } = await opened()
    const result = await collection.apply(none, [encodeRows(rowsOf(50)), encodeRows(rowsOf(50, 50))])
    assert.equal(fb.CommitResult.getRootAsCommitResult(bytesOf(result)).inserted(), 100n)
    const cursor = await collection.load(loadRequest(30))
    const head = fb.CursorHead.getRootAsCursorHead(bytesOf(await cursor.head()))
    assert.equal(head.position()!.rowVersion(), 1n)
    assert.ok((await cursor.explain()).length > 0)
    const rows = await readAll(cursor)
    assert.deepEqual(rows.map(({ key, value }) => ({ key, value })), rowsOf(100))
    await collection.close()
    await database.close()
  })

  test(`every report comes, and every order is followed`, async () => {
    const { database, collection } = await opened()
    await collection.apply(none, [encodeRows(rowsOf(10))])
    const info = fb.DatabaseInfo.getRootAsDatabaseInfo(bytesOf(await database.info()))
    assert.equal(info.collections(0)!.name(), `todos`)
    assert.equal(fb.DigestReport.getRootAsDigestReport(bytesOf(await database.digest())).digest()!.length, 32)
    assert.equal(fb.CheckReport.getRootAsCheckReport(bytesOf(await database.check(none))).ok(), true)
    const backup = fb.BackupReport.getRootAsBackupReport(bytesOf(await database.backup(newFile())))
    assert.equal(backup.rows(), 10n)
    assert.ok((await collection.metadata()).length > 0)
    await database.flush()
    await database.compact()
    const delta = await collection.delta(none)
    assert.equal((await readAll(delta)).length, 10)
    assert.equal(await collection.removeIndex(`there-is-none`), false)
    await collection.reset()
    assert.equal(await countOf(collection), 0)
    await database.dropCollection(`todos`)
    await database.dropCollection(`todos`)
    await assert.rejects(collection.info(), failsWith(`CAIRN_DROPPED`))
    await database.close()
  })

  test(`an index is made and removed`, async () => {
    const { database, collection } = await opened()
    await collection.apply(none, [encodeRows(rowsOf(10))])
    const request = table((b) => {
      const texts = fb.IndexRequest.createExpressionTextsVector(b, [b.createString(`json_extract(value, '$.n')`)])
      const signature = b.createString(`by n`)
      fb.IndexRequest.startIndexRequest(b)
      fb.IndexRequest.addSignature(b, signature)
      fb.IndexRequest.addExpressionTexts(b, texts)
      return fb.IndexRequest.endIndexRequest(b)
    })
    const info = fb.IndexInfo.getRootAsIndexInfo(bytesOf(await collection.ensureIndex(request)))
    assert.deepEqual([info.ready(), info.entries()], [true, 10n])
    assert.equal(await collection.removeIndex(`by n`), true)
    await database.close()
  })

  test(`large and misplaced inputs are read where they are`, async () => {
    const { database, collection } = await opened()
    const batch = encodeRows(rowsOf(3000, 0, `a text of some length`))
    assert.ok(batch.length > 64 * 1024)
    const shifted = new Uint8Array(new ArrayBuffer(batch.length + 9), 3, batch.length)
    shifted.set(batch)
    await collection.apply(none, [shifted])
    assert.equal(await countOf(collection), 3000)
    assert.equal((await readAll(await collection.load(none))).length, 3000)
    await database.close()
  })
})

describe(`failures`, () => {
  test(`a failure is a CairnError with the stack of the call`, async () => {
    const { database } = await opened()
    const error: unknown = await database.openCollection(``, none).catch((reason: unknown) => reason)
    assert.ok(error instanceof CairnError)
    const { status, code, sqliteCode, retryable } = error
    assert.deepEqual([status, code, sqliteCode, retryable], [100, `CAIRN_INVALID_ARGUMENT`, 0, false])
    assert.match(error.stack!, /^CairnError: a collection needs a name\n {4}at .*openCollection[^]*engine\.test/)
    await database.close()
  })

  test(`a file that is none of ours cannot be opened`, async () => {
    await assert.rejects(engine.openDatabase(join(folder, `no`, `such`), none), failsWith(`CAIRN_CANNOT_OPEN`))
    await assert.rejects(engine.openDatabase(newFile(), new Uint8Array(3)), failsWith(`CAIRN_MALFORMED`))
  })

  test(`what is read-only and not there is not found`, async () => {
    const path = newFile()
    await (await engine.openDatabase(path, none)).close()
    const readOnly = table((b) => {
      fb.DatabaseOptions.startDatabaseOptions(b)
      fb.DatabaseOptions.addReadOnly(b, true)
      return fb.DatabaseOptions.endDatabaseOptions(b)
    })
    const database = await engine.openDatabase(path, readOnly)
    await assert.rejects(database.openCollection(`absent`, none), failsWith(`CAIRN_NOT_FOUND`))
    await database.close()
  })

  test(`of a transaction that fails nothing is written`, async () => {
    const { database, collection } = await opened()
    await assert.rejects(
      collection.apply(none, [encodeRows(rowsOf(10)), new Uint8Array(20)]),
      failsWith(`CAIRN_MALFORMED`),
    )
    assert.equal(await countOf(collection), 0)
    await collection.apply(none, [encodeRows(rowsOf(10))])
    assert.equal(await countOf(collection), 10)
    await database.close()
  })

  test(`a transaction whose batches cannot all be made writes nothing`, async () => {
    const { database, collection } = await opened()
    await collection.apply(none, [encodeRows(rowsOf(10))])
    function* failing() {
      yield encodeRows(rowsOf(3000, 100))
      yield encodeRows(rowsOf(3000, 5000))
      throw new RangeError(`the third cannot be made`)
    }
    await assert.rejects(collection.apply(none, failing()), /^RangeError: the third cannot be made$/)
    await assert.rejects(collection.apply(none, [Uint8Array.of(1, 2, 3)]), failsWith(`CAIRN_MALFORMED`))
    assert.equal(await countOf(collection), 10)
    await collection.apply(none, (function* () { yield encodeRows(rowsOf(5, 10)) })())
    assert.equal(await countOf(collection), 15)
    await database.close()
  })

  test(`wrong arguments reject`, async () => {
    const { database, collection } = await opened()
    const any = (value: unknown) => value as never
    await assert.rejects(database.openCollection(any(1), none), TypeError)
    await assert.rejects(database.openCollection(`\ud800`, none), TypeError)
    await assert.rejects(database.openCollection(`a`, any(`options`)), TypeError)
    await assert.rejects(database.check(any(new Float64Array(2))), TypeError)
    await assert.rejects(collection.apply(none, any(none)), TypeError)
    await assert.rejects(collection.apply(none, any([`batch`])), TypeError)
    await assert.rejects(collection.openReplica(any({}), none), TypeError)
    assert.throws(() => loadAddon().databaseInfo(any({})), TypeError)
    assert.throws(() => loadAddon().databaseInfo(any(undefined)), TypeError)
    await database.close()
  })

  test(`a closed handle says so, and closes again`, async () => {
    const { database, collection } = await opened()
    const cursor = await collection.load(none)
    const coordinator = await database.openCoordinator(none)
    const replica = await collection.openReplica(coordinator, none)
    for (const handle of [replica, cursor, collection, coordinator, database]) {
      await Promise.all([handle.close(), handle.close()])
      await handle.close()
    }
    await assert.rejects(database.info(), failsWith(`CAIRN_WRONG_STATE`, /the database is closed/))
    await assert.rejects(collection.info(), failsWith(`CAIRN_WRONG_STATE`, /the collection is closed/))
    await assert.rejects(async () => cursor.next(), failsWith(`CAIRN_WRONG_STATE`, /the cursor is closed/))
    await assert.rejects(coordinator.take(), failsWith(`CAIRN_WRONG_STATE`, /the coordinator is closed/))
    await assert.rejects(replica.exchange([], 1), failsWith(`CAIRN_WRONG_STATE`, /the replica is closed/))
    assert.throws(() => coordinator.onWakeup(() => {}), failsWith(`CAIRN_WRONG_STATE`))
    coordinator.onWakeup(null)
  })
})

describe(`order`, () => {
  test(`a cursor's steps come once each, in order, however many wait for them`, async () => {
    const { database, collection } = await opened()
    await collection.apply(none, [encodeRows(rowsOf(3000))])
    const cursor = await collection.load(loadRequest(7))
    const steps = await Promise.all(Array.from({ length: 500 }, () => cursor.next()))
    const batches = steps.flatMap((step) => (step.kind === `batch` ? [decodeRows(step.bytes)] : []))
    assert.deepEqual(batches.flat().map(({ key }) => key), rowsOf(3000).map(({ key }) => key))
    assert.deepEqual(steps.slice(batches.length).map(({ kind }) => kind), Array(500 - batches.length).fill(`done`))
    await cursor.close()
    await database.close()
  })

  test(`a cursor that is closed while it reads gives what was asked for before, and no more`, async () => {
    const { database, collection } = await opened()
    await collection.apply(none, [encodeRows(rowsOf(20_000))])
    const cursor = await collection.load(loadRequest(100))
    const asked = [cursor.next(), cursor.next(), cursor.next()]
    const closing = cursor.close()
    assert.deepEqual((await Promise.all(asked)).map(({ kind }) => kind), [`batch`, `batch`, `batch`])
    await closing
    await assert.rejects(async () => cursor.next(), failsWith(`CAIRN_WRONG_STATE`, /the cursor is closed/))
    await database.close()
  })

  test(`a cursor at its end still tells of itself until it is closed, whichever handles are closed before`, async () => {
    const { database, collection } = await opened()
    await collection.apply(none, [encodeRows(rowsOf(10))])
    const [first, second] = await Promise.all([collection.load(none), collection.load(none)])
    for (const cursor of [first, second]) {
      assert.deepEqual([(await cursor.next()).kind, (await cursor.next()).kind], [`batch`, `done`])
      assert.ok((await cursor.explain()).length > 0)
    }
    const asked = first!.head()
    await first!.close()
    assert.ok((await asked).length > 0)
    await assert.rejects(first!.explain(), failsWith(`CAIRN_WRONG_STATE`, /the cursor is closed/))
    await collection.close()
    await database.close()
    assert.ok((await second!.explain()).length > 0)
    await second!.close()
    await second!.close()
  })

  test(`calls on one handle are carried out in their order`, async () => {
    const { database, collection } = await opened()
    const ended: Array<number> = []
    const calls = Array.from({ length: 40 }, async (_, i) => {
      const result = await collection.apply(none, [encodeRows(rowsOf(i % 3 === 0 ? 500 : 1, i * 500))])
      ended.push(i)
      return fb.CommitResult.getRootAsCommitResult(bytesOf(result)).position()!.rowVersion()
    })
    const versions = await Promise.all(calls)
    assert.deepEqual(ended, Array.from({ length: 40 }, (_, i) => i))
    assert.deepEqual(versions, ended.map((i) => BigInt(i + 1)))
    await database.close()
  })

  test(`many handles are used at once`, async () => {
    const database = await engine.openDatabase(newFile(), none)
    const work = Array.from({ length: 8 }, async (_, c) => {
      const collection = await database.openCollection(`c${c}`, none)
      for (let i = 0; i < 20; i++) {
        void collection.apply(none, [encodeRows(rowsOf(20, i * 20))])
        const cursors = await Promise.all([collection.load(loadRequest(7)), collection.load(none)])
        const [all, again] = await Promise.all(cursors.map(readAll))
        assert.deepEqual([all!.length, again!.length], [(i + 1) * 20, (i + 1) * 20])
      }
      await collection.close()
    })
    await Promise.all(work)
    await database.close()
  })

  test(`closing waits for the calls before it`, async () => {
    const { database, collection } = await opened()
    const calls = Array.from({ length: 10 }, (_, i) => collection.apply(none, [encodeRows(rowsOf(100, i * 100))]))
    let closed = false
    const closing = collection.close().then(() => (closed = true))
    await assert.rejects(collection.info(), failsWith(`CAIRN_WRONG_STATE`))
    const results = await Promise.all(calls)
    assert.equal(results.length, 10)
    await closing
    assert.equal(closed, true)
    assert.equal(await countOf(await database.openCollection(`todos`, none)), 1000)
    await database.close()
  })

  test(`a database may be closed before what was opened from it`, async () => {
    const { database, collection } = await opened()
    await collection.apply(none, [encodeRows(rowsOf(10))])
    const cursor = await collection.load(none)
    await database.close()
    await collection.close()
    assert.equal((await readAll(cursor)).length, 10)
  })
})

describe(`replicas`, () => {
  const effectKind = (bytes: Uint8Array) => fb.ReplicaEffect.getRootAsReplicaEffect(bytesOf(bytes)).kind()

  test(`events go in and effects come out, within the bytes that are asked for`, async () => {
    const { database, collection } = await opened(localOptions)
    await collection.apply(none, [encodeRows(rowsOf(5000))])
    const replica = await collection.openReplica(null, none)
    const kinds: Array<number> = []
    let exchanged = await replica.exchange([replicaEvent(fb.EventKind.Start, 1)], 1)
    assert.deepEqual([exchanged.effects.length, exchanged.more], [1, true])
    while (exchanged.more) {
      kinds.push(...exchanged.effects.map(effectKind))
      exchanged = await replica.exchange([], 1)
    }
    kinds.push(...exchanged.effects.map(effectKind))
    assert.ok(kinds.includes(fb.EffectKind.Started) && kinds.includes(fb.EffectKind.Ready))
    assert.ok(kinds.filter((kind) => kind === fb.EffectKind.Rows).length > 1)
    exchanged = await replica.exchange([replicaEvent(fb.EventKind.Stop, 2)], 1e9)
    assert.ok(exchanged.effects.map(effectKind).includes(fb.EffectKind.Stopped))
    assert.equal(exchanged.more, false)
    await replica.close()
    await database.close()
  })

  test(`events behind a refused one are not sent`, async () => {
    const { database, collection } = await opened(localOptions)
    const replica = await collection.openReplica(null, none)
    const start = (number: number) => replicaEvent(fb.EventKind.Start, number)
    await assert.rejects(replica.exchange([new Uint8Array(9), start(1)], 1e9), failsWith(`CAIRN_MALFORMED`))
    const { effects } = await replica.exchange([start(1)], 1e9)
    assert.ok(effects.map(effectKind).includes(fb.EffectKind.Started))
    await database.close()
    await replica.close()
  })

  // An instance of its own, as another process would be: what happens in it is told by its wakeup.
  async function instance(path: string) {
    const database = await engine.openDatabase(path, none)
    const collection = await database.openCollection(`todos`, localOptions)
    const coordinator = await database.openCoordinator(none)
    const replica = await collection.openReplica(coordinator, none)
    const one = { database, collection, coordinator, replica, wakeups: 0, kinds: [] as Array<number> }
    coordinator.onWakeup(() => one.wakeups++)
    return one
  }

  async function drain(one: { coordinator: EngineCoordinator; replica: EngineReplica; kinds: Array<number> }) {
    await one.coordinator.take()
    one.kinds.push(...(await one.replica.exchange([], 1e9)).effects.map(effectKind))
  }

  test(`a wakeup tells of what another instance has written, once until it is drained`, async () => {
    const path = newFile()
    const [a, b] = [await instance(path), await instance(path)]
    for (const one of [a, b]) {
      await one.replica.exchange([replicaEvent(fb.EventKind.Start, 1)], 1e9)
      await until(async () => (await drain(one), one.kinds.includes(fb.EffectKind.Ready) || one.wakeups > 0))
    }
    const mutate = (number: number) =>
      table((b_) => {
        const id = b_.createString(`m${number}`)
        const batch = fb.ReplicaEvent.createBatchVector(b_, encodeRows(rowsOf(1, number)))
        fb.ReplicaEvent.startReplicaEvent(b_)
        fb.ReplicaEvent.addKind(b_, fb.EventKind.Mutate)
        fb.ReplicaEvent.addNumber(b_, BigInt(number))
        fb.ReplicaEvent.addId(b_, id)
        fb.ReplicaEvent.addBatch(b_, batch)
        return fb.ReplicaEvent.endReplicaEvent(b_)
      })
    b.kinds.length = 0
    for (let number = 2; number < 200 && !b.kinds.includes(fb.EffectKind.Changes); number++) {
      await a.replica.exchange([mutate(number)], 1e9)
      await until(async () => (await drain(a), await drain(b), b.wakeups > 0))
      await drain(b)
    }
    assert.ok(b.kinds.includes(fb.EffectKind.Changes))
    b.coordinator.onWakeup(null)
    const { wakeups } = b
    await a.replica.exchange([mutate(1000)], 1e9)
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(b.wakeups, wakeups)
    for (const one of [a, b]) {
      for (const handle of [one.replica, one.coordinator, one.collection, one.database]) await handle.close()
    }
  })
})

// better-sqlite3 where it has its binary: CAIRN_BETTER_SQLITE3 may name a folder of it.
interface Connection {
  prepare: (sql: string) => { get: () => unknown; iterate: () => IterableIterator<unknown> }
  exec: (sql: string) => unknown
  defaultSafeIntegers: (on: boolean) => unknown
  readonly inTransaction: boolean
  close: () => void
}

function connectionMaker(): ((path: string) => Connection) | undefined {
  try {
    const Database = createRequire(import.meta.url)(process.env.CAIRN_BETTER_SQLITE3 ?? `better-sqlite3`)
    new Database(`:memory:`).close()
    return (path) => new Database(path)
  } catch {
    return undefined
  }
}
const connect = connectionMaker()

describe(`databases over better-sqlite3`, { skip: connect ? false : `better-sqlite3 has no binary here` }, () => {
  test(`rows are written and read, beside the app's own tables`, async () => {
    const path = newFile()
    const connection = connect!(path)
    connection.defaultSafeIntegers(true)
    connection.exec(`CREATE TABLE mine(id INTEGER PRIMARY KEY, name)`)
    const database = await openExecutorDatabase(connection, none)
    const collection = await database.openCollection(`todos`, localOptions)
    const written = [...rowsOf(3000), { key: 7, value: { wide: `ä\ud83d\ude00`, lone: `\ud800`, big: 2 ** 52, list: [1.5, null] } }]
    await collection.apply(none, [encodeRows(written)])
    const rows = await readAll(await collection.load(loadRequest(500)))
    assert.deepEqual(rows.map(({ key, value }) => ({ key, value })), written)
    const digest = fb.DigestReport.getRootAsDigestReport(bytesOf(await database.digest())).digest()
    assert.equal(fb.CheckReport.getRootAsCheckReport(bytesOf(await database.check(none))).ok(), true)
    await assert.rejects(database.compact(), failsWith(`CAIRN_UNSUPPORTED`))
    const replica = await collection.openReplica(null, none)
    const { effects } = await replica.exchange([replicaEvent(fb.EventKind.Start, 1)], 1e9)
    assert.ok(effects.length > 2)
    for (const handle of [replica, collection, database]) await handle.close()
    connection.exec(`INSERT INTO mine(name) VALUES ('still open')`)
    const again = await openExecutorDatabase(connection, none)
    assert.equal(fb.DigestReport.getRootAsDigestReport(bytesOf(await again.digest())).digest(), digest)
    await again.close()
    connection.close()
  })

  test(`what the connection throws is the cause of the failure`, async () => {
    const connection = connect!(newFile())
    const database = await openExecutorDatabase(connection, none)
    const collection = await database.openCollection(`todos`, none)
    connection.exec(`BEGIN`)
    const busy: unknown = await collection.apply(none, [encodeRows(rowsOf(5))]).catch((error: unknown) => error)
    assert.ok(failsWith(`CAIRN_BUSY`)(busy))
    assert.match(String((busy as Error).cause), /the app has a transaction open/)
    connection.exec(`COMMIT`)
    await collection.apply(none, [encodeRows(rowsOf(5))])
    assert.equal(await countOf(collection), 5)
    assert.equal(connection.inTransaction, false)
    connection.exec(`CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)`)
    for (const _ of connection.prepare(`SELECT a FROM t`).iterate()) {
      await assert.rejects(collection.apply(none, [encodeRows(rowsOf(6))]), failsWith(`CAIRN_BUSY`))
    }
    connection.close()
    const closed: unknown = await collection.apply(none, [encodeRows(rowsOf(7))]).catch((error: unknown) => error)
    assert.ok(failsWith(`CAIRN_HOST`)(closed))
    assert.match(String((closed as Error).cause), /connection is not open/)
    await collection.close()
    await database.close()
  })
})

test(`names of SQLite's errors have their codes`, () => {
  const code = (name: unknown) => sqliteCodeOf({ code: name })
  assert.deepEqual([`SQLITE_FULL`, `SQLITE_BUSY`, `SQLITE_BUSY_SNAPSHOT`, `SQLITE_IOERR_SHORT_READ`].map(code), [13, 5, 517, 522])
  assert.deepEqual([`SQLITE_IOERR_IN_PAGE`, `SQLITE_IOERR_NEW`, `SQLITE_NEW`, undefined].map(code), [8714, 10, 1, 1])
})
