// Files of row batches, as cairn_bench_batches reads and writes them: the size (4 bytes,
// little-endian), 12 zero bytes, the batch, zero bytes up to a multiple of 16.
import { readFileSync, writeFileSync } from 'node:fs'

const ALIGN = 16

export function readBatchFile(path: string): Array<Uint8Array> {
  const file = readFileSync(path)
  const batches: Array<Uint8Array> = []
  for (let at = 0; at < file.length; ) {
    const size = file.readUInt32LE(at)
    const start = at + ALIGN
    batches.push(new Uint8Array(file.subarray(start, start + size)))
    at = start + Math.ceil(size / ALIGN) * ALIGN
  }
  return batches
}

export function writeBatchFile(path: string, batches: Array<Uint8Array>): void {
  const parts = batches.flatMap((batch) => {
    const head = Buffer.alloc(ALIGN)
    head.writeUInt32LE(batch.length, 0)
    return [head, batch, Buffer.alloc((ALIGN - (batch.length % ALIGN)) % ALIGN)]
  })
  writeFileSync(path, Buffer.concat(parts))
}
