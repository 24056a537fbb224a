// Prints how long encoding and decoding of `todo` rows takes once warm, in nanoseconds a row: by the
// methods of Buffer and without them, in batches of 10,000 rows and of one. It is no test.
// Usage: node --import tsx packages/core/test/batch/speed.ts [ROUNDS]
import { decodeBatch, encodeBatches, encodeRows } from '../../src/batch/index.js'
import { bufferTextIo, portableTextIo, useTextIo } from '../../src/batch/text_io.js'
import { todoRows } from './support/todo.js'

const ROWS = 10_000
const rounds = Number(process.argv[2] ?? 40)

// Round by round, so that what else the machine does falls on all alike; the first half warms up.
function measure(works: Record<string, () => void>): Record<string, string> {
  const times = new Map<string, Array<number>>(Object.keys(works).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const start = performance.now()
      work()
      if (round >= rounds / 2) times.get(name)!.push(((performance.now() - start) * 1e6) / ROWS)
    }
  }
  return Object.fromEntries([...times].map(([name, list]) => {
    const sorted = list.sort((a, b) => a - b)
    return [name, `best ${sorted[0].toFixed(0)}, median ${sorted[sorted.length >> 1].toFixed(0)}`]
  }))
}

const rows = todoRows(ROWS)
const singles = rows.map((row) => [row])
const batch = encodeRows(rows)
const oneRow = singles.map((row) => encodeRows(row))

const works = {
  'encode, 10,000 rows a batch': () => void encodeRows(rows),
  'encode, split into batches': () => void encodeBatches(rows),
  'encode, 1 row a batch': () => singles.forEach((row) => encodeRows(row)),
  'decode, generated code': () => void decodeBatch(batch),
  'decode, no generated code': () => void decodeBatch(batch, { compile: false }),
  'decode, 1 row a batch': () => oneRow.forEach((bytes) => decodeBatch(bytes)),
  'JSON.stringify': () => void JSON.stringify(rows.map((row) => row.value)),
}

console.log(`${batch.length / ROWS} bytes a row; nanoseconds a row`)
for (const [name, io] of Object.entries({ buffer: bufferTextIo, portable: portableTextIo })) {
  if (io === null) continue
  useTextIo(io)
  console.log(name, measure(works))
}
