// Text as WTF-8: UTF-8 in which a lone surrogate may stand. JavaScript strings may hold lone
// surrogates, and its own encoders replace them, so texts that have some take the slow path here.
import { textIo } from './text_io.js'

const encoder = new TextEncoder()

// Whether bytes may hold a surrogate: only those begin with ED followed by A0 or more.
function mayHoldSurrogate(bytes: Uint8Array, start: number, end: number): boolean {
  let at = bytes.indexOf(0xed, start)
  for (; at >= 0 && at + 1 < end; at = bytes.indexOf(0xed, at + 1)) {
    if (bytes[at + 1] >= 0xa0) return true
  }
  return false
}

function decodeSlowly(bytes: Uint8Array, start: number, end: number): string {
  let text = ``
  for (let i = start; i < end; ) {
    const lead = bytes[i]
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    let code = size === 1 ? lead : lead & (0xff >> (size + 1))
    for (let k = 1; k < size; k++) code = (code << 6) | (bytes[i + k] & 0x3f)
    text += String.fromCodePoint(code)
    i += size
  }
  return text
}

export function decodeWtf8(bytes: Uint8Array, start: number, end: number): string {
  if (mayHoldSurrogate(bytes, start, end)) return decodeSlowly(bytes, start, end)
  return textIo.utf8(bytes, start, end)
}

function encodeSlowly(text: string): Uint8Array {
  const out: Array<number> = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code < 0x80) {
      out.push(code)
    } else if (code < 0x800) {
      out.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f))
    } else if (code < 0x10000) {
      out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    } else {
      out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f))
      out.push(0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    }
  }
  return Uint8Array.from(out)
}

export function encodeWtf8(text: string): Uint8Array {
  // String.prototype.isWellFormed is not in Node 18.
  return /\p{Surrogate}/u.test(text) ? encodeSlowly(text) : encoder.encode(text)
}
