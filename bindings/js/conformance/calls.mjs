// The calls of RUNNERS.md over the engine interface of @cairn-db/core: words in, and the answer out, which is
// CAIRN_OK where there is none. Rows are put, removed and got in transactions and loads, and what the interface
// leaves unsaid, such as dropping what is not there, becomes the failure that is meant.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Op, decodeRows } from '../packages/core/dist/esm/batch/index.js'
import { CairnError } from '../packages/core/dist/esm/index.js'
import { transactionOptions } from '../packages/core/dist/esm/requests.js'
import { CommitResult, DatabaseInfo, ReplicaEffect } from '../packages/core/dist/esm/schemas/index.js'
import { buildTable, putValue, tableOf } from '../packages/core/dist/esm/tables.js'
import { liveObjects, loadEngine } from '../packages/node/dist/esm/engine.js'
import { batchOf, batchOfJson, bytesOf, encoded, rowsWord, textOf, valueOf, valueWord, wordOf } from './words.mjs'

const engine = loadEngine()
const handles = new Map()
setFlagsFromString(`--expose-gc`)
const gc = runInNewContext(`gc`)

function handleOf(id) {
  const handle = handles.get(id)
  if (!handle) throw new Error(`an unknown handle: ${id}`)
  return handle
}

const ok = (...words) => [`CAIRN_OK`, ...words]
const notFound = () => new CairnError(`not there`, { status: 2 })

// --- one call of a handle, whose words are bytes but for those that `kinds` says ---

function call(id, method, words, kinds) {
  return handleOf(id)[method](...words.map((word, i) => (kinds[i] ?? bytesOf)(word)))
}

function asks(method, ...kinds) {
  return async (id, ...words) => {
    const table = await call(id, method, words, kinds)
    return table && ok(wordOf(table))
  }
}

function opens(method, ...kinds) {
  return async (id, owner, ...words) => void handles.set(id, await call(owner, method, words, kinds))
}

// --- what the interface has no call for ---

async function apply(collection, row) {
  const result = await handleOf(collection).apply(transactionOptions({}), [encoded([row])])
  return ok(CommitResult.getRootAsCommitResult(tableOf(result)).position().rowVersion())
}

// A table that has its first field alone: `keys` of a Subset, and that as the `subset` of a LoadRequest.
function putFirst(builder, field) {
  builder.startObject(1)
  builder.addFieldOffset(0, field, 0)
  return builder.endObject()
}

async function firstStep(cursor) {
  try {
    return await cursor.next()
  } finally {
    await cursor.close()
  }
}

async function get(collection, word) {
  const key = valueOf(word)
  const request = buildTable((builder) => putFirst(builder, putFirst(builder, putValue(builder, [key]))))
  const cursor = await handleOf(collection).load(request)
  const { kind, bytes } = await firstStep(cursor)
  if (kind === `done`) throw notFound()
  return ok(valueWord(decodeRows(bytes)[0].value))
}

async function drop(id, name) {
  const info = DatabaseInfo.getRootAsDatabaseInfo(tableOf(await handleOf(id).info()))
  const names = Array.from({ length: info.collectionsLength() }, (_, i) => info.collections(i).name())
  await handleOf(id).dropCollection(textOf(name))
  if (!names.includes(textOf(name))) throw notFound()
}

async function removeIndex(collection, signature) {
  if (!(await handleOf(collection).removeIndex(textOf(signature)))) throw notFound()
}

// --- what is more than one call ---

async function next(cursor) {
  const { kind, bytes } = await handleOf(cursor).next()
  if (kind === `done`) return [`CAIRN_DONE`]
  return kind === `question` ? [`CAIRN_QUESTION`, wordOf(bytes)] : ok(wordOf(bytes), rowsWord(bytes))
}

const isReplica = (handle) => `exchange` in handle

async function send(id, word) {
  const [handle, event] = [handleOf(id), bytesOf(word)]
  // No effect is taken: that is for `take`.
  await (isReplica(handle) ? handle.exchange([event], -1) : handle.send(event))
}

function effectWords(bytes) {
  const batch = ReplicaEffect.getRootAsReplicaEffect(tableOf(bytes)).batchArray()
  return [wordOf(bytes), batch ? rowsWord(batch) : ``]
}

async function take(id) {
  const handle = handleOf(id)
  if (!isReplica(handle)) return ok(...(await handle.take()).map(wordOf))
  const { effects } = await handle.exchange([], Infinity)
  return ok(...effects.flatMap(effectWords))
}

async function live() {
  // Buffers are let go of with the arrays over them, some turns after these.
  for (let i = 0; i < 10 && liveObjects() !== 0; i++) gc(), await new Promise(setImmediate)
  return ok(liveObjects())
}

const SAME = `head answer explain reset metadata info check digest flush compact`.split(` `)

export const CALLS = {
  ...Object.fromEntries(SAME.map((name) => [name, asks(name)])),
  async open(id, path, options) {
    handles.set(id, await engine.openDatabase(textOf(path), bytesOf(options)))
  },
  collection: opens(`openCollection`, textOf),
  write(collection, options, ...batches) {
    return asks(`apply`, bytesOf, (words) => words.map(batchOf))(collection, options, batches)
  },
  batch_from_json: (text, keyField) => ok(wordOf(batchOfJson(textOf(text), textOf(keyField)))),
  put: (collection, key, value) => apply(collection, { key: valueOf(key), value: valueOf(value) }),
  remove: (collection, key) => apply(collection, { key: valueOf(key), op: Op.Delete }),
  load: opens(`load`),
  delta: opens(`delta`),
  database: asks(`info`),
  backup: asks(`backup`, textOf),
  ensure_index: asks(`ensureIndex`),
  remove_index: removeIndex,
  coordinator: opens(`openCoordinator`),
  replica: opens(`openReplica`, (id) => (id === `` ? null : handleOf(id))),
  close: (id) => handleOf(id).close().then(() => void handles.delete(id)),
  ...{ get, drop, next, send, take, live },
}
