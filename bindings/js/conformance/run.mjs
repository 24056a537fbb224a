// The Node runner of the conformance corpus: makes the calls that come by standard input over @cairn-db/node,
// one after another, and writes what came of each. tests/conformance/RUNNERS.md has the lines of both.
import { CairnError } from '../packages/core/dist/esm/index.js'
import { CALLS } from './calls.mjs'
import { Refused, wordOf } from './words.mjs'

// Not by node:readline, which ends a line at U+2028 too, and that may stand in JSON.
async function* linesOf(input) {
  let parts = [] // of a line that goes on: a large table takes hundreds of chunks
  for await (const chunk of input.setEncoding(`utf8`)) {
    const [end, ...starts] = chunk.split(`\n`)
    parts.push(end)
    for (const start of starts) {
      yield parts.join(``)
      parts = [start]
    }
  }
}

async function answerTo(line) {
  const [name, ...words] = line.split(`\t`)
  if (!Object.hasOwn(CALLS, name)) throw new Error(`an unknown call: ${name}`)
  try {
    return (await CALLS[name](...words)) ?? [`CAIRN_OK`]
  } catch (error) {
    if (error instanceof Refused) return [`REFUSED`, wordOf(error.message)]
    if (error instanceof CairnError) return [error.code, wordOf(error.message)]
    throw error
  }
}

for await (const line of linesOf(process.stdin)) {
  process.stdout.write(`${(await answerTo(line)).join(`\t`)}\n`)
}
