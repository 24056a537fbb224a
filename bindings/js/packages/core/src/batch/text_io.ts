// Texts to bytes and back, in two implementations: one of what every platform has, and one of the
// methods of Node's Buffer, which are several times as fast. Which one serves is picked once, when
// this module loads; tests may force either.

export interface TextIo {
  /** The text of bytes that are ASCII. */
  ascii(bytes: Uint8Array, start: number, end: number): string
  /** The text of bytes that are UTF-8, without surrogates. */
  utf8(bytes: Uint8Array, start: number, end: number): string
  /** The text of UTF-16 units, lone surrogates included. */
  utf16(units: Uint16Array): string
  /** Writes a text that is ASCII. False where it is not; what stands from `at` on is then undefined.
   *  There must be room for three bytes a unit. */
  writeAscii(bytes: Uint8Array, at: number, text: string): boolean
}

// Below this size a loop is faster than the platform's decoder.
const SHORT = 24
// So many arguments fit into a call everywhere.
const UNITS_AT_ONCE = 4096

const utf8Decoder = new TextDecoder(`utf-8`, { ignoreBOM: true })
const utf8Encoder = new TextEncoder()

function asciiOfCodes(bytes: Uint8Array, start: number, end: number): string {
  let text = ``
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i])
  return text
}

function textOfUnits(units: Uint16Array): string {
  let text = ``
  for (let i = 0; i < units.length; i += UNITS_AT_ONCE) {
    const some = units.subarray(i, i + UNITS_AT_ONCE)
    text += String.fromCharCode.apply(null, some as unknown as Array<number>)
  }
  return text
}

// TextDecoder('latin1') is windows-1252 and slow; UTF-8 is the same for ASCII, and fast.
export const portableTextIo: TextIo = {
  ascii(bytes, start, end) {
    if (end - start <= SHORT) return asciiOfCodes(bytes, start, end)
    return utf8Decoder.decode(bytes.subarray(start, end))
  },
  utf8(bytes, start, end) {
    return utf8Decoder.decode(bytes.subarray(start, end))
  },
  // TextDecoder('utf-16le') replaces lone surrogates, so it cannot serve.
  utf16: textOfUnits,
  writeAscii(bytes, at, text) {
    const { read, written } = utf8Encoder.encodeInto(text, bytes.subarray(at))
    return read === text.length && written === text.length
  },
}

// The undocumented methods of Buffer.prototype that are called on any Uint8Array.
interface BufferMethods {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
  ucs2Slice(start: number, end: number): string
  utf8Write(text: string, at: number, length: number): number
}

function ioOfBuffer(methods: BufferMethods): TextIo {
  const { latin1Slice, utf8Slice, ucs2Slice, utf8Write } = methods
  return {
    ascii: (bytes, start, end) => latin1Slice.call(bytes, start, end),
    utf8: (bytes, start, end) => utf8Slice.call(bytes, start, end),
    utf16(units) {
      const bytes = new Uint8Array(units.buffer, units.byteOffset, units.byteLength)
      return ucs2Slice.call(bytes, 0, bytes.length)
    },
    // Only what is ASCII takes as many bytes of UTF-8 as it has units.
    writeAscii: (bytes, at, text) => utf8Write.call(bytes, text, at, 3 * text.length) === text.length,
  }
}

// Whether an implementation does what is asked for: other platforms have a Buffer without these
// methods, or one whose methods refuse a plain Uint8Array.
function works(io: TextIo): boolean {
  const bytes = new Uint8Array(32)
  const units = Uint16Array.of(0xd83d, 0xde80, 0xd800)
  return (
    io.writeAscii(bytes, 1, `AB\0`) &&
    io.ascii(bytes, 1, 4) === `AB\0` &&
    !io.writeAscii(bytes, 0, `\xe9`) &&
    io.utf8(Uint8Array.of(0, 0xc3, 0xa9), 1, 3) === `\xe9` &&
    io.utf16(units) === `\ud83d\ude80\ud800`
  )
}

function findBufferTextIo(): TextIo | null {
  const host = globalThis as unknown as { Buffer?: { prototype?: BufferMethods } }
  try {
    const io = ioOfBuffer(host.Buffer!.prototype!)
    return works(io) ? io : null
  } catch {
    return null
  }
}

/** Null where the platform has no such Buffer. */
export const bufferTextIo: TextIo | null = findBufferTextIo()

export let textIo: TextIo = bufferTextIo ?? portableTextIo

/** For tests. */
export function useTextIo(io: TextIo): void {
  textIo = io
}
