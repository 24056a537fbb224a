// Reads portable values (core/value/ENCODING.md). The bytes come from the engine, which has checked
// them, so what is checked here is only what would go unnoticed.
import { textIo } from './text_io.js'
import { setField } from './values.js'
import { decodeWtf8 } from './wtf8.js'
import type { Fields } from './values.js'

const INTEGER_SIZES = [1, 2, 3, 4, 6, 8] // of tags 04 to 09
const HIGH = 2 ** 32

/** Reads values one after another, from `at` on. */
export class PortableReader {
  private readonly view: DataView

  constructor(
    private readonly bytes: Uint8Array,
    public at = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  value(): unknown {
    return this.payload(this.bytes[this.at++])
  }

  private varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.view.getUint8(this.at++)
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }

  private payload(tag: number): unknown {
    if (tag >= 0x80 && tag <= 0xdf) return this.ascii(tag - 0x80)
    if (tag >= 0x20 && tag <= 0x3f) return tag - 0x20
    if (tag >= 0x04 && tag <= 0x09) return this.integer(INTEGER_SIZES[tag - 4])
    switch (tag) {
      case 0x00: return null
      case 0x01: return false
      case 0x02: return true
      case 0x03: return undefined
      case 0x0a: return this.view.getFloat32(this.skip(4), true)
      case 0x0b: return this.view.getFloat64(this.skip(8), true)
      case 0x0c: return new Date(this.integer(6))
      case 0x0d: return new Date(this.integer(8))
    }
    if (tag >= 0x10 && tag <= 0x15) return this.sized(tag)
    throw new TypeError(`unknown tag ${tag} in a portable value`)
  }

  // Where what is skipped begins.
  private skip(size: number): number {
    this.at += size
    return this.at - size
  }

  private integer(size: number): number {
    const at = this.skip(size)
    const { view } = this
    switch (size) {
      case 1: return view.getInt8(at)
      case 2: return view.getInt16(at, true)
      case 3: return view.getUint16(at, true) + view.getInt8(at + 2) * 0x10000
      case 4: return view.getInt32(at, true)
      case 6: return view.getUint32(at, true) + view.getInt16(at + 4, true) * HIGH
      default: return view.getUint32(at, true) + view.getInt32(at + 4, true) * HIGH
    }
  }

  private ascii(size: number): string {
    const start = this.skip(size)
    return textIo.ascii(this.bytes, start, start + size)
  }

  private sized(tag: number): unknown {
    const size = this.varint()
    if (tag === 0x14) return this.array()
    if (tag === 0x15) return this.object()
    const start = this.skip(size)
    switch (tag) {
      case 0x10: return this.bigint(start, this.at)
      case 0x11: return this.bytes.slice(start, this.at)
      case 0x12: return textIo.ascii(this.bytes, start, this.at)
      default: return decodeWtf8(this.bytes, start, this.at)
    }
  }

  // By way of hexadecimal digits, which takes linear time.
  private bigint(start: number, end: number): bigint {
    let digits = `0x0`
    for (let at = end - 1; at > start; at--) digits += this.bytes[at].toString(16).padStart(2, `0`)
    return this.bytes[start] === 1 ? -BigInt(digits) : BigInt(digits)
  }

  private array(): Array<unknown> {
    const count = this.varint()
    const tags = this.skip(count)
    const values = new Array<unknown>(count)
    for (let i = 0; i < count; i++) values[i] = this.payload(this.bytes[tags + i])
    return values
  }

  private object(): Fields {
    if (this.varint() !== 0) throw new TypeError(`an object of a portable value names a shape`)
    const names = new Array<string>(this.varint())
    for (let i = 0; i < names.length; i++) {
      const size = this.varint()
      const start = this.skip(size)
      names[i] = decodeWtf8(this.bytes, start, start + size)
    }
    const tags = this.skip(names.length)
    const object: Fields = {}
    for (let i = 0; i < names.length; i++) {
      setField(object, names[i], this.payload(this.bytes[tags + i]))
    }
    return object
  }
}
