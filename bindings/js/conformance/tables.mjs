// The tables of schemas/*.fbs from JSON and back, by the schemas' own text: @cairn-db/core has code for
// those tables that it needs itself. Enums are names, and what is marked `portable` is a value.
import { readFileSync, readdirSync } from 'node:fs'
import { Builder, ByteBuffer } from 'flatbuffers'
import { Op, decodeRows, encodeRows, readValue, writeValue } from '../packages/core/dist/esm/batch/index.js'
import { bytesOf, isObject, valueOf } from './values.mjs'

const schemas = new URL(`../../../schemas/`, import.meta.url)
const enums = {}
const tables = {}
for (const file of readdirSync(schemas).filter((name) => name.endsWith(`.fbs`))) {
  const text = readFileSync(new URL(file, schemas), `utf8`).replace(/\/\/.*/g, ``)
  for (const [, name, body] of text.matchAll(/enum (\w+) : ubyte \{([^}]*)\}/g)) {
    enums[name] = body.split(`,`).map((one) => one.trim().split(` `)[0])
  }
  for (const [, name, body] of text.matchAll(/table (\w+) \{([^}]*)\}/g)) {
    tables[name] = [...body.matchAll(/(\w+): (\[?)(\w+)\]?(?: = (\w+))?([^;]*);/g)].map(fieldOf)
  }
}

function fieldOf([, name, vector, type, otherwise, marks], id) {
  const nested = /"(\w+)"/.exec(marks)?.[1]
  return { name, id, isVector: vector === `[`, type, otherwise, nested, isPortable: marks.includes(`portable`) }
}

const isRows = (field) => field.nested === `RowBatch`
const SIZES = { bool: 1, ubyte: 1, ushort: 2, uint: 4, int: 4, ulong: 8, long: 8 }
const sizeOf = (field) => (field.type in enums ? 1 : SIZES[field.type])

/** Bytes that JSON has as they are; null where it is something else. */
export function rawOf(json) {
  if (isObject(json) && `$zeros` in json) return new Uint8Array(json.$zeros)
  return isObject(json) && `$bytes` in json ? bytesOf(json.$bytes) : null
}

// --- from JSON ---

const OPS = { insert: Op.Insert, update: Op.Update, delete: Op.Delete, touch: Op.Touch }

export function batchOf(lines) {
  const rowOf = (line) => {
    const row = { key: valueOf(line.key), op: OPS[line.op ?? `insert`] }
    if (`value` in line) row.value = valueOf(line.value, row.op === Op.Update)
    if (`metadata` in line) row.metadata = valueOf(line.metadata)
    return line.removeMetadata ? { ...row, removeMetadata: true } : row
  }
  return encodeRows(lines.map(rowOf))
}

function nestedBytes(field, json) {
  if (field.isPortable) return writeValue(valueOf(json))
  if (isObject(json) && `$table` in json) return tableBytes(...json.$table)
  return rawOf(json) ?? (isRows(field) ? batchOf(json) : tableBytes(field.nested, json))
}

function putOffset(builder, field, json) {
  if (field.isVector && field.type === `ubyte`) return builder.createByteVector(nestedBytes(field, json))
  if (!field.isVector) {
    return field.type === `string` ? builder.createString(json) : putTable(builder, field.type, json)
  }
  const one = { ...field, isVector: false }
  const items = field.type === `uint` ? json : json.map((entry) => putOffset(builder, one, entry))
  builder.startVector(4, items.length, 4)
  for (const item of [...items].reverse()) {
    field.type === `uint` ? builder.addInt32(item) : builder.addOffset(item)
  }
  return builder.endVector()
}

function integer(field, json) {
  const number = field.type in enums && typeof json === `string` ? enums[field.type].indexOf(json) : Number(json)
  if (number < 0 && field.type !== `int` && field.type !== `long`) throw new Error(`no ${field.name}: ${json}`)
  // A double of 2^64 - 1 is 2^64.
  return sizeOf(field) < 8 ? number : number >= 2 ** 64 ? 2n ** 64n - 1n : BigInt(number)
}

function putTable(builder, name, json) {
  const parts = Object.entries(json).map(([key, one]) => {
    const field = tables[name].find((known) => known.name === key)
    if (!field) throw new Error(`${name} has no field ${key}`)
    const isScalar = !field.isVector && sizeOf(field) !== undefined
    return { field, isScalar, part: isScalar ? integer(field, one) : putOffset(builder, field, one) }
  })
  builder.startObject(tables[name].length)
  for (const { field, isScalar, part } of parts) {
    if (isScalar) builder[`addFieldInt${8 * sizeOf(field)}`](field.id, part, undefined)
    else builder.addFieldOffset(field.id, part, 0)
  }
  return builder.endObject()
}

/** The bytes of a table. */
export function tableBytes(name, json = {}) {
  const raw = rawOf(json)
  if (raw !== null) return raw
  const builder = new Builder(256)
  builder.finish(putTable(builder, name, json))
  return builder.asUint8Array()
}

// --- to JSON, with values as they are ---

const NAMES = Object.fromEntries(Object.entries(OPS).map(([name, op]) => [op, name]))

/** Rows as cairn_batch_to_json writes them. */
export function linesOf(batch) {
  return decodeRows(batch).map(({ op, version, ...row }) => {
    const line = op === Op.Insert ? row : { ...row, op: NAMES[op] }
    return version === undefined ? line : { ...line, version: Number(version) }
  })
}

function readBytes(field, bytes) {
  if (field.isPortable) return readValue(bytes)
  if (isRows(field)) return linesOf(bytes)
  return field.nested ? readTable(field.nested, bytes) : bytes
}

function readOne(buffer, field, at) {
  if (field.type === `string`) return buffer.__string(at)
  if (!(field.type in SIZES) && !(field.type in enums)) return readFields(buffer, field.type, buffer.__indirect(at))
  if (field.type in enums) return enums[field.type][buffer.readUint8(at)]
  if (field.type === `bool`) return buffer.readUint8(at) !== 0
  const reads = { ubyte: `Uint8`, ushort: `Uint16`, uint: `Uint32`, int: `Int32`, ulong: `Uint64`, long: `Int64` }
  return Number(buffer[`read${reads[field.type]}`](at))
}

function readField(buffer, field, at) {
  if (!field.isVector) return readOne(buffer, field, at)
  const start = buffer.__vector(at)
  const count = buffer.__vector_len(at)
  if (field.type === `ubyte`) return readBytes(field, buffer.bytes().slice(start, start + count))
  return Array.from({ length: count }, (_, i) => readOne(buffer, field, start + 4 * i))
}

function defaultOf(field) {
  if (field.isVector || !(field.type in SIZES || field.type in enums)) return undefined
  if (field.type in enums) return enums[field.type][0]
  if (field.type === `bool`) return field.otherwise === `true`
  return Number(field.otherwise ?? 0)
}

function readFields(buffer, name, table) {
  const fields = tables[name].map((field) => {
    const offset = buffer.__offset(table, 4 + 2 * field.id)
    return [field.name, offset === 0 ? defaultOf(field) : readField(buffer, field, table + offset)]
  })
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
}

export function readTable(name, bytes) {
  const buffer = new ByteBuffer(bytes)
  return readFields(buffer, name, buffer.readInt32(0))
}
