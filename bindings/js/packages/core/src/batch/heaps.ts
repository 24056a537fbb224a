// The two text heaps of a batch, each decoded once. With Utf16 the narrow heap is ASCII and becomes
// a one-byte string; with Utf8 it does so too where it happens to be ASCII, else each text is
// decoded on its own. `narrow` and `wide` answer `substring(start, end)` in any case.
import { Encoding } from './layout.js'
import { textIo } from './text_io.js'
import { decodeWtf8 } from './wtf8.js'

export interface TextSource {
  substring(start: number, end: number): string
}

export interface Heaps {
  narrow: TextSource
  wide: TextSource
}

class BytesAsText implements TextSource {
  constructor(private readonly bytes: Uint8Array) {}

  substring(start: number, end: number): string {
    return decodeWtf8(this.bytes, start, end)
  }
}

function isAscii(bytes: Uint8Array): boolean {
  let all = 0
  for (let i = 0; i < bytes.length; i++) all |= bytes[i]
  return all < 0x80
}

export function readHeaps(batch: {
  encoding: number
  narrow: Uint8Array
  wide: Uint16Array | null
}): Heaps {
  const { encoding, narrow, wide } = batch
  const ascii = encoding === Encoding.Utf16 || isAscii(narrow)
  return {
    narrow: ascii ? textIo.ascii(narrow, 0, narrow.length) : new BytesAsText(narrow),
    wide: wide === null ? `` : textIo.utf16(wide),
  }
}
