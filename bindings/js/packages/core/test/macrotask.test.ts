// Turns of the event loop between pieces of work.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { macrotask } from '../src/macrotask.js'

function spin(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

test(`after a long turn the app's timers run before the work goes on`, async () => {
  let ran = false
  // Immediates of one turn come one after another, with no timer between them.
  setImmediate(() => {
    setTimeout(() => (ran = true), 1)
    spin(20)
  })
  await macrotask()
  assert.equal(ran, true)
})
