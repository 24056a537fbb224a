// Requests that are kept are those that would be made, whatever the app does with its expressions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoadRequests } from '../src/load_requests.js'
import { loadRequest } from '../src/requests.js'
import type { ExpressionLike } from '../src/expression.js'
import type { ClauseLike, SubsetLike } from '../src/subset.js'

const ref = (...path: Array<string>): ExpressionLike => ({ type: `ref`, path })
const val = (value: unknown): ExpressionLike => ({ type: `val`, value })
const func = (name: string, ...args: Array<ExpressionLike>): ExpressionLike => ({ type: `func`, name, args })
const clause = (expression: ExpressionLike, options: object = {}): ClauseLike => ({
  expression, compareOptions: { direction: `asc`, nulls: `first`, stringSort: `lexical`, ...options },
})
const where = (value: unknown): SubsetLike => ({ where: func(`eq`, ref(`a`), val(value)) })

// Each differs from each other one, most by little.
const SUBSETS: Array<SubsetLike> = [
  {}, { limit: 1 }, { limit: 10 }, { offset: 10 }, { limit: 1, offset: 1 }, { limit: 11 },
  ...[0, -0, 1, -1, 1.5, NaN, Infinity, `0`, `n0;`, ``, `\ud800`, true, false, null, undefined, 0n, 1n, 10n,
    new Date(0), new Date(1), Uint8Array.of(1), Uint8Array.of(2), [], [[]], [1, 2], [12], [, 1], [1, ,], [`1`, `2`], [`1`, 2],
    { a: 1 }, { a: 2 }, [{ a: 1 }], `x`.repeat(5000), Array.from({ length: 3000 }, (_, i) => i)].map(where),
  { where: val([1]) }, { cursor: [1] }, { cursor: [`1`] }, { cursor: [null] }, { cursor: [1, 2] },
  { where: ref(`a`, `b`) }, { where: ref(`ab`) }, { where: ref(`a`) }, { where: val(`a`) },
  { where: func(`not`, ref(`a`)) }, { where: func(`not`, func(`not`, ref(`a`))) },
  { where: func(`and`, ref(`a`), ref(`b`)) }, { where: func(`or`, ref(`a`), ref(`b`)) },
  { orderBy: [clause(ref(`a`))] }, { orderBy: [clause(ref(`a`)), clause(ref(`b`))] },
  { orderBy: [clause(ref(`a`), { direction: `desc` })] }, { orderBy: [clause(ref(`a`), { nulls: `last` })] },
  { orderBy: [clause(ref(`a`), { stringSort: `locale` })] },
  { orderBy: [clause(ref(`a`), { stringSort: `locale`, locale: `de` })] },
  { orderBy: [clause(ref(`a`), { stringSort: `locale`, locale: `de`, localeOptions: { numeric: true } })] },
  { orderBy: [clause(ref(`a`), { stringSort: `custom`, compare: () => 0 })] },
  { orderBy: [clause(ref(`a`), { stringSort: `custom`, compare: () => 1 })] },
]
const OPTIONS = { host: true }

test(`each subset gets its own request, when it is asked for again as well`, () => {
  const requests = new LoadRequests(OPTIONS)
  for (let round = 0; round < 2; round++) {
    for (const subset of SUBSETS) assert.deepEqual(requests.of(subset), loadRequest(subset, OPTIONS))
  }
  const page = { where: func(`eq`, ref(`done`), val(false)), orderBy: [clause(ref(`at`))], limit: 50 }
  assert.equal(requests.of(page), requests.of(structuredClone(page)))
})

test(`an expression that is changed in place is asked for as it is then`, () => {
  const requests = new LoadRequests(OPTIONS)
  const list = [1, 2]
  const date = new Date(5)
  const bytes = Uint8Array.of(1)
  const subset = { where: func(`in`, ref(`a`), val([list, date, bytes])), orderBy: [clause(ref(`a`))] }
  for (let i = 0; i < 5; i++) {
    list.push(i)
    date.setTime(i)
    bytes[0] = i
    assert.deepEqual(requests.of(subset), loadRequest(subset, OPTIONS))
  }
})

test(`a bounded number of requests is kept, the last ones used`, () => {
  const requests = new LoadRequests(OPTIONS)
  const first = requests.of({ limit: 0 })
  for (let limit = 1; limit <= 64; limit++) {
    requests.of({ limit })
    assert.equal(requests.of({ limit: 0 }), first)
  }
  const second = requests.of({ limit: 2 })
  for (let limit = 100; limit < 164; limit++) requests.of({ limit })
  assert.notEqual(requests.of({ limit: 2 }), second)
})

test(`what is no expression is refused as ever`, () => {
  const requests = new LoadRequests(OPTIONS)
  requests.of({ where: func(`count`) })
  const wrong = { where: { type: `agg`, name: `count`, args: [] } as unknown as ExpressionLike }
  assert.throws(() => requests.of(wrong), /unknown kind of expression: agg/)
  assert.throws(() => requests.of({ where: val(() => 1) }), TypeError)
})
