// Comparing what the corpus says with what came: JSON with tables of values (tables.mjs), and rows.
import { readTable } from './tables.mjs'
import { isMark, isObject, portable, same, valueOf } from './values.mjs'

// Of enums: what a table leaves out.
const FIRST_NAMES =
  `Applied Default Elect EnsureRemoteSubset Heartbeat None Nothing Rank Started`.split(` `)

export class Mismatch extends Error {}

export function shown(value) {
  const replace = (_, one) => {
    if (typeof one === `bigint`) return `${one}n`
    return one instanceof Uint8Array ? `<${one.length} bytes>` : one
  }
  return JSON.stringify(value, replace)
}

export function differ(expected, actual) {
  throw new Mismatch(`expected ${shown(expected)}\n    but got  ${shown(actual)}`)
}

// --- comparing: JSON of the corpus with tables of values ---

function isDefault(json) {
  if (Array.isArray(json)) return json.length === 0
  return [0, false, ``, null, ...FIRST_NAMES].includes(json)
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

export function expectFields(expected, actual) {
  if (expected !== undefined && !matches(expected, actual)) differ(expected, actual)
}

export function expectRows(expected, actual, anyOrder) {
  const keyed = (rows) => rows.map((row) => ({ bytes: Buffer.concat(row.map(portable)) }))
  const [wanted, got] = [keyed(expected.map((row) => valueOf(row))), keyed(actual)]
  if (anyOrder) for (const rows of [wanted, got]) rows.sort((a, b) => a.bytes.compare(b.bytes))
  const equal = wanted.length === got.length && wanted.every(({ bytes }, i) => bytes.equals(got[i].bytes))
  if (!equal) differ(expected, actual)
}
