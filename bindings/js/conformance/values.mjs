// The corpus's JSON as JavaScript values, and values compared by their portable bytes. What cannot be a
// value here, such as a date out of range, throws Refused, as the engine would refuse it.
import { readValue, writeValue } from '../packages/core/dist/esm/batch/index.js'

export class Refused extends Error {}

const MARKS = [`$date`, `$bigint`, `$bytes`, `$number`, `$text`, `$object`, `$undefined`]
const NUMBERS = { NaN, Infinity, '-Infinity': -Infinity, '-0': -0 }

export const isObject = (value) => typeof value === `object` && value !== null && !Array.isArray(value)
export const bytesOf = (base64) => new Uint8Array(Buffer.from(base64, `base64`))

/** Whether JSON is a value that JSON has no other way to say. */
export const isMark = (json) => isObject(json) && Object.keys(json).length === 1 && MARKS.includes(Object.keys(json)[0])

function refuse(what) {
  throw new Refused(what)
}

function dateOf(json) {
  const date = new Date(json)
  return Number.isNaN(date.getTime()) ? refuse(`an invalid date`) : date
}

function textOf(base64) {
  const bytes = bytesOf(base64)
  const sizes = []
  for (let left = bytes.length; ; left >>= 7) {
    sizes.push(left > 127 ? (left & 127) | 128 : left)
    if (left <= 127) break
  }
  const text = readValue(Uint8Array.from([0x13, ...sizes, ...bytes]))
  // What would be written otherwise is no WTF-8.
  return Buffer.from(writeValue(text)).includes(bytes) ? text : refuse(`$text is not WTF-8`)
}

function objectOf(pairs) {
  const object = Object.fromEntries(pairs.map(([name, value]) => [name, valueOf(value)]))
  return Object.keys(object).length === pairs.length ? object : refuse(`a field name twice`)
}

/** A value; undefined may stand where a field of an update does. */
export function valueOf(json, undefinedFields = false) {
  if (Array.isArray(json)) return json.map((one) => valueOf(one))
  if (!isObject(json)) return json
  if (!isMark(json)) {
    return Object.fromEntries(
      Object.entries(json).map(([name, one]) => {
        return [name, undefinedFields && one?.$undefined ? undefined : valueOf(one)]
      }),
    )
  }
  if (`$date` in json) return dateOf(json.$date)
  if (`$bigint` in json) return BigInt(json.$bigint)
  if (`$bytes` in json) return bytesOf(json.$bytes)
  if (`$number` in json) return NUMBERS[json.$number]
  if (`$text` in json) return textOf(json.$text)
  return `$object` in json ? objectOf(json.$object) : refuse(`undefined is no value`)
}

export const portable = (value) => Buffer.from(writeValue(value))
export const same = (a, b) => portable(a).equals(portable(b))
