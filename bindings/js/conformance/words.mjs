// Words of requests as what they mean in JavaScript, and of answers from it. Whatever is thrown while a value
// or a batch is made of a word becomes Refused: the language does not have that value.
import { Op, decodeRows, encodeRows } from '../packages/core/dist/esm/batch/index.js'
import { setField } from '../packages/core/dist/esm/batch/values.js'
import { fromJson, toJson } from './values.mjs'

export class Refused extends Error {}

function made(make) {
  try {
    return make()
  } catch (error) {
    throw new Refused(error.message)
  }
}

export const bytesOf = (word) => Buffer.from(word.slice(1), `base64`)
export const textOf = (word) => bytesOf(word).toString()
export const valueOf = (word) => made(() => fromJson(JSON.parse(word)))

/** Bytes, or a text, as a word. */
export const wordOf = (bytes) => `=${Buffer.from(bytes).toString(`base64`)}`
export const valueWord = (value) => JSON.stringify(toJson(value))

const [ROW, PART] = [`\u001e`, `\u001f`]
const OPS = [`insert`, `update`, `delete`, `touch`] // by their numbers

function rowOf(text) {
  const [op, key, value, metadata, undefinedNames] = text.split(PART)
  const row = { op: OPS.indexOf(op), key: valueOf(key) }
  if (value !== ``) row.value = valueOf(value)
  for (const name of JSON.parse(undefinedNames || `[]`)) setField(row.value, name, undefined)
  if (metadata === `-`) return { ...row, removeMetadata: true }
  return metadata === `` ? row : { ...row, metadata: valueOf(metadata) }
}

export const encoded = (rows) => made(() => encodeRows(rows))

/** The bytes of a batch: as they stand in the word, or encoded here. */
export function batchOf(word) {
  return word.startsWith(`=`) ? bytesOf(word) : encoded(word.split(ROW).map(rowOf))
}

/** A batch of inserts of the rows in a text of JSON: an array, or a row a line. */
export function batchOfJson(text, keyField) {
  const isArray = text.trimStart().startsWith(`[`)
  const rows = valueOf(isArray ? text : `[${text.split(`\n`).filter((line) => line.trim() !== ``)}]`)
  return encoded(rows.map((value) => ({ key: value?.[keyField], value })))
}

function rowWord({ version, op, ...parts }) {
  const line = Object.fromEntries(Object.entries(parts).map(([name, one]) => [name, toJson(one)]))
  if (op !== Op.Insert) line.op = OPS[op]
  return JSON.stringify(version ? { ...line, version: Number(version) } : line)
}

/** The rows of a batch, as they are read here. */
export const rowsWord = (batch) => decodeRows(batch).map(rowWord).join(ROW)
