// The JSON of values (cairn/value.h) as JavaScript values and back. Numbers are doubles, and names that look
// like integers come first in an object, whatever order JSON has them in: so it is with JavaScript's objects.
import { decodeWtf8, encodeWtf8 } from '../packages/core/dist/esm/batch/wtf8.js'

const base64 = (bytes) => Buffer.from(bytes).toString(`base64`)

function refuse(what) {
  throw new TypeError(what)
}

function textOf(json) {
  const bytes = Buffer.from(json, `base64`)
  const text = decodeWtf8(bytes, 0, bytes.length)
  // What would be written otherwise is no WTF-8.
  return bytes.equals(encodeWtf8(text)) ? text : refuse(`$text is not WTF-8`)
}

function objectOf(pairs) {
  const object = Object.fromEntries(pairs.map(fromJson))
  return Object.keys(object).length === pairs.length ? object : refuse(`a field name twice`)
}

const MARKS = {
  $date: (json) => new Date(json), // an invalid one is refused where it is written
  $bigint: BigInt,
  $bytes: (json) => Buffer.from(json, `base64`),
  $number: Number,
  $text: textOf,
  $object: objectOf,
  $undefined: () => refuse(`undefined is no value`),
}

/** The value that parsed JSON means; throws where JavaScript has none. */
export function fromJson(json) {
  if (Array.isArray(json)) return json.map(fromJson)
  if (typeof json !== `object` || json === null) return json
  const fields = Object.entries(json)
  const [[name, inner] = []] = fields
  if (fields.length === 1 && Object.hasOwn(MARKS, name)) return MARKS[name](inner)
  return Object.fromEntries(fields.map(([field, one]) => [field, fromJson(one)]))
}

function objectJson(object) {
  const pairs = Object.entries(object).map((pair) => pair.map(toJson))
  const looksMarked = pairs.length === 1 && String(pairs[0][0]).startsWith(`$`)
  const isPlain = !looksMarked && pairs.every(([name]) => typeof name === `string`)
  return isPlain ? Object.fromEntries(pairs) : { $object: pairs }
}

/** What JSON.stringify writes as the value. */
export function toJson(value) {
  if (value === undefined) return { $undefined: true } // of a field that an update removes
  if (Object.is(value, -0)) return { $number: `-0` }
  if (typeof value === `number`) return Number.isFinite(value) ? value : { $number: String(value) }
  if (typeof value === `bigint`) return { $bigint: String(value) }
  if (typeof value === `string`) return /\p{Surrogate}/u.test(value) ? { $text: base64(encodeWtf8(value)) } : value
  if (Array.isArray(value)) return value.map(toJson)
  if (value instanceof Date) return { $date: value.getTime() }
  if (value instanceof Uint8Array) return { $bytes: base64(value) }
  return typeof value === `object` && value !== null ? objectJson(value) : value
}
