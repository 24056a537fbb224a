// Where a content security policy forbids generated code, decoding finds out once and goes on
// without. The module is imported only after the ban, in this file's own process.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { repeatedRows } from './support/corpus.js'
import { assertSame } from './support/same.js'

test(`rows are decoded where no code can be generated, after one try`, async () => {
  const allowed = globalThis.Function
  let tries = 0
  globalThis.Function = class {
    constructor() {
      tries++
      throw new EvalError(`refused by a content security policy`)
    }
  } as unknown as FunctionConstructor
  try {
    const { decodeBatch, encodeRows } = await import('../../src/batch/index.js')
    const rows = repeatedRows(200)
    const bytes = encodeRows(rows)
    for (let i = 0; i < 3; i++) {
      assertSame(decodeBatch(bytes).values, rows.map((row) => row.value))
    }
    assert.equal(tries, 1)
  } finally {
    globalThis.Function = allowed
  }
})
