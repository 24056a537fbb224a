// Rows that hold every kind of value and every edge that the layout of row batches has to carry,
// as {name, rows} with rows of {key, value}. Each set becomes one batch.
import { randomBelow } from './todo.js'
import type { Fields } from '../../../src/batch/index.js'

export interface Row {
  key: string | number
  value: Fields
  metadata?: unknown
}

const NUMBERS = [
  0, -0, 1, -1, 31, 32, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 2 ** 23 - 1,
  2 ** 23, -(2 ** 23), -(2 ** 23) - 1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, -(2 ** 31) - 1, 2 ** 32,
  2 ** 47 - 1, 2 ** 47, -(2 ** 47), -(2 ** 47) - 1, 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 53, -(2 ** 53),
  2 ** 53 + 2, 2 ** 60, 0.5, 0.1, -1.5, 1e21, 1e-7, Number.EPSILON, Number.MIN_VALUE,
  Number.MAX_VALUE, NaN, Infinity, -Infinity,
]

const TEXTS = [
  ``, `plain`, `\0`, `a\0b`, `é`, `ß€`, `東京`, `🚀`, `👩‍👩‍👧‍👦`, `\ud800`, `\udc00`, `x\ud83d`, `\ude00y`,
  `\udfff\ud800`, `\ufeffmark`, `\u2028`, `\uffff`, `\x7f`, `\x80`, `"quoted"\\\n\t`, `a`.repeat(24),
  `a`.repeat(25), `a`.repeat(31) + `é`, `a`.repeat(95), `b`.repeat(96), `c`.repeat(97),
  `d`.repeat(100000), `é`.repeat(50000), `mixed 🚀 ` + `e`.repeat(200), `\ud800` + `f`.repeat(300),
  `__proto__`,
]

const BYTES = [
  new Uint8Array(0), Uint8Array.of(0), Uint8Array.from({ length: 256 }, (_, i) => i),
  new Uint8Array(5000).fill(0xed),
]

const DATES = [
  0, 1, -1, 8.64e15, -8.64e15, 2 ** 47 - 1, 2 ** 47, -(2 ** 47), -(2 ** 47) - 1, 1706702400123,
].map((ms) => new Date(ms))

const BIGINTS = [
  0n, 1n, -1n, 15n, 16n, 255n, 256n, -256n, 2n ** 53n + 1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n,
  10n ** 100n, -(10n ** 200n),
]

export function nested(depth: number, wrap: (value: unknown) => unknown, inner: unknown): unknown {
  let value = inner
  for (let i = 0; i < depth; i++) value = wrap(value)
  return value
}

const NESTED: Array<unknown> = [
  [], {}, [[]], [{}], { a: {} }, { a: [] }, [null], [null, null], { a: null }, [[], [[]], [[], []]],
  [1, `a`, null, true, 2n, new Date(5), Uint8Array.of(1), [2], { b: 3 }],
  [{ a: 1 }, { a: 2 }, { b: 1 }, {}, null, { a: { c: [1, { d: 2 }] } }],
  nested(126, (value) => [value], `deep`),
  nested(126, (value) => ({ deeper: value }), null),
  nested(60, (value) => [{ at: value }], -0),
]

const NAMES = [
  ``, `__proto__`, `constructor`, `toString`, `hasOwnProperty`, `0`, `10`, `2`, `a b`, `"`, `\\`, `\n`,
  `\u2028`, `\0`, `é`, `🚀`, `\ud800`, `$date`, `'`, '`${x}`', `x`.repeat(200),
]

export const EVERY: Array<unknown> = [
  null, true, false, ...NUMBERS, ...TEXTS, ...BYTES, ...DATES, ...BIGINTS, ...NESTED,
]

// One column of one kind, without and with nulls: `field` is never null, `gaps` every third time.
function columnRows(prefix: string, values: Array<unknown>): Array<Row> {
  return values.map((value, i) => ({
    key: `${prefix}-${i}`,
    value: { before: i, field: value, gaps: i % 3 === 0 ? null : value, after: `after ${i}` },
  }))
}

export function own(entries: Array<[string, unknown]>): Fields {
  const object = {}
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
  }
  return object
}

// Enough rows of one shape that texts become dictionaries and code is generated.
export function repeatedRows(count: number): Array<Row> {
  const words = [``, `red`, `grün`, `🚀`, `\ud800`, `blue\0`, `long `.repeat(40)]
  return Array.from({ length: count }, (_, i) => ({
    key: `repeated-${i}`,
    value: {
      word: words[i % words.length], maybe: i % 5 === 0 ? null : words[i % 3],
      many: `word ${i % 300}`, number: i % 7 === 0 ? null : i / 8, on: i % 2 === 0,
      at: i % 4 === 0 ? null : new Date(i * 1e9), tags: words.slice(0, i % 5),
      lists: i % 6 === 0 ? null : [[i], [], [i, i + 1]],
      meta: i % 9 === 0 ? null : { by: words[i % 4], more: { deep: i }, list: [{ x: i }, { x: null }] },
      either: i % 2 === 0 ? { a: i } : { b: i }, mixed: EVERY[i % 40], raw: BYTES[i % 3],
      nothing: null, small: i % 100,
    },
  }))
}

export function shapeRows(shapes: number): Array<Row> {
  return Array.from({ length: shapes * 2 }, (_, i) => ({
    key: `shape-${i}`,
    value: {
      [`only${i % shapes}`]: i, shared: EVERY[i % EVERY.length], inner: { [`in${i % shapes}`]: i },
    },
  }))
}

// Columns that turn out late not to be of the kind that they begin with.
function turningRows(): Array<Row> {
  const kinds = [`text`, 1, 1.5, true, new Date(1), Uint8Array.of(1), [1], { a: 1 }, 5n]
  return kinds.flatMap((first, a) => kinds.map((last, b) => ({
    key: `turning-${a}-${b}`,
    value: { list: [null, ...Array.from({ length: 20 }, () => first), last, null] },
  })))
}

const KEYS = [
  0, -0, 1, -1, 1.5, 1e300, -1e300, 5e-324, 2 ** 53, `1`, `0`, `key`, `kéy`, `🚀`, `\ud800`, `\uffff`,
  `nul\0`, `k`.repeat(300), `__proto__`,
]

function wideRow(key: string, fields: number): Row {
  return { key, value: own(Array.from({ length: fields }, (_, i) => [`field${i}`, i])) }
}

export function corpus(): Array<{ name: string; rows: Array<Row> }> {
  return [
    { name: `numbers`, rows: columnRows(`number`, NUMBERS) },
    { name: `32-bit integers`, rows: columnRows(`int`, NUMBERS.filter((n) => Object.is(n | 0, n))) },
    { name: `texts`, rows: columnRows(`text`, TEXTS) },
    { name: `ASCII texts`, rows: columnRows(`ascii`, [`a`, ``, `bc`, `d`.repeat(300)]) },
    { name: `bytes`, rows: columnRows(`bytes`, BYTES) },
    { name: `dates`, rows: columnRows(`date`, DATES) },
    { name: `bigints`, rows: columnRows(`bigint`, BIGINTS) },
    { name: `booleans`, rows: columnRows(`bool`, [true, false, true, true]) },
    { name: `nulls`, rows: columnRows(`null`, [null, null, null]) },
    { name: `arrays`, rows: columnRows(`array`, NESTED.filter(Array.isArray)) },
    { name: `objects`, rows: columnRows(`object`, NESTED.filter((value) => !Array.isArray(value))) },
    { name: `every kind in one column`, rows: columnRows(`every`, EVERY) },
    { name: `kinds that turn`, rows: turningRows() },
    { name: `rows without fields`, rows: [{ key: `empty-1`, value: {} }, { key: `empty-2`, value: {} }] },
    { name: `names`, rows: [
      { key: `names`, value: own(NAMES.map((name, i) => [name, i])) },
      { key: `names-again`, value: own([...NAMES].reverse().map((name, i) => [name, { [name]: i }])) },
      ...Array.from({ length: 40 }, (_, i) => ({ key: `proto-${i}`, value: own([[`__proto__`, i]]) })),
    ] },
    { name: `700 fields`, rows: Array.from({ length: 40 }, (_, i) => wideRow(`700-${i}`, 700)) },
    { name: `10,000 fields`, rows: [wideRow(`10000-1`, 10000), wideRow(`10000-2`, 10000)] },
    { name: `repeated texts, generated code`, rows: repeatedRows(1000) },
    { name: `400 shapes`, rows: shapeRows(400) },
    { name: `keys`, rows: KEYS.map((key, i) => ({ key, value: { i } })) },
  ]
}

/** Random rows of a fixed seed. */
export function randomRows(seed: number, count: number): Array<Row> {
  const below = randomBelow(seed)
  const value = (depth: number): unknown => {
    const pick = below(depth > 3 ? 8 : 10)
    if (pick < 8) return EVERY[below(EVERY.length - NESTED.length)]
    if (pick === 8) return Array.from({ length: below(4) }, () => value(depth + 1))
    return Object.fromEntries(
      Array.from({ length: below(4) }, () => [`abcdef`[below(6)], value(depth + 1)]))
  }
  const fields = [`one`, `two`, `three`, `four`]
  return Array.from({ length: count }, (_, i) => {
    const start = below(4)
    const names = [...fields.slice(start), ...fields.slice(0, start)].slice(0, 1 + below(4))
    return {
      key: below(2) === 0 ? `random-${seed}-${i}` : seed * 1000 + i,
      value: Object.fromEntries(names.map((name) => [name, value(1)])),
    }
  })
}
