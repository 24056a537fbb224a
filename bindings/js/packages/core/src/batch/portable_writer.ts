// Writes portable values (core/value/ENCODING.md) into bytes that grow. What cannot be kept throws
// Unkeepable; the caller then finds out where it is.
import { MAX_DEPTH, MAX_FIELDS } from './layout.js'
import { textIo } from './text_io.js'
import { ObjectClass, Unkeepable, classOfObject, namesOf } from './values.js'
import { encodeWtf8 } from './wtf8.js'
import type { Fields } from './values.js'

const HIGH = 2 ** 32
const INLINE_TEXT = 96 // texts of ASCII below this size have it in their tag
const SHORT_TEXT = 32 // below this a loop is faster than a call

export class PortableWriter {
  bytes = new Uint8Array(256)
  at = 0
  private view = new DataView(this.bytes.buffer)

  /** Rows do not keep `undefined` in arrays; the values of requests may. */
  constructor(private readonly undefinedInArrays: boolean) {}

  /** Appends a value: its tag, then its payload. `depth` counts the containers around it. */
  value(value: unknown, depth: number): void {
    const at = this.room(1)
    const tag = this.payload(value, depth) // may replace this.bytes
    this.bytes[at] = tag
  }

  /** Appends an object as a value; an update keeps its undefined fields. */
  fields(object: Fields, depth: number, keepUndefined: boolean): void {
    const at = this.room(1)
    const tag = this.object(object, depth, keepUndefined)
    this.bytes[at] = tag
  }

  // Room for `size` bytes; gives where they begin.
  private room(size: number): number {
    const start = this.at
    this.at += size
    if (this.at > this.bytes.length) this.grow()
    return start
  }

  private grow(): void {
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at))
    grown.set(this.bytes)
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }

  private varint(value: number): void {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) {
      const at = this.room(1)
      this.bytes[at] = (rest % 128) | 0x80
    }
    const at = this.room(1)
    this.bytes[at] = rest
  }

  // Appends a payload and gives its tag.
  private payload(value: unknown, depth: number): number {
    switch (typeof value) {
      case `string`: return this.text(value)
      case `number`: return this.number(value)
      case `boolean`: return value ? 0x02 : 0x01
      case `undefined`: return 0x03
      case `bigint`: return this.bigint(value)
      case `object`: return value === null ? 0x00 : this.objectPayload(value, depth)
    }
    throw new Unkeepable()
  }

  private objectPayload(value: object, depth: number): number {
    switch (classOfObject(value)) {
      case ObjectClass.Date: return this.date((value as Date).getTime())
      case ObjectClass.Bytes: return this.sized(0x11, value as Uint8Array)
      case ObjectClass.Array: return this.array(value as Array<unknown>, depth)
      case ObjectClass.Plain: return this.object(value as Fields, depth)
    }
    throw new Unkeepable()
  }

  private sized(tag: number, bytes: Uint8Array): number {
    this.varint(bytes.length)
    const at = this.room(bytes.length)
    this.bytes.set(bytes, at)
    return tag
  }

  private number(value: number): number {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return this.integer(value)
    if (Object.is(Math.fround(value), value)) {
      const at = this.room(4)
      this.view.setFloat32(at, value, true)
      return 0x0a
    }
    const at = this.room(8)
    this.view.setFloat64(at, value, true)
    return 0x0b
  }

  private integer(value: number): number {
    if (value >= 0 && value < 32) return 0x20 + value
    const magnitude = value < 0 ? -value - 1 : value
    if (magnitude < 2 ** 7) return this.bits(value, 1, 0x04)
    if (magnitude < 2 ** 15) return this.bits(value, 2, 0x05)
    if (magnitude < 2 ** 23) return this.bits(value, 3, 0x06)
    if (magnitude < 2 ** 31) return this.bits(value, 4, 0x07)
    if (magnitude < 2 ** 47) return this.bits(value, 6, 0x08)
    return this.bits(value, 8, 0x09)
  }

  // Two's complement, little-endian.
  private bits(value: number, size: number, tag: number): number {
    const at = this.room(size)
    const high = Math.floor(value / HIGH)
    for (let i = 0; i < size; i++) this.bytes[at + i] = i < 4 ? value >>> (8 * i) : high >> (8 * (i - 4))
    return tag
  }

  private date(ms: number): number {
    if (Number.isNaN(ms)) throw new Unkeepable()
    const magnitude = ms < 0 ? -ms - 1 : ms
    return magnitude < 2 ** 47 ? this.bits(ms, 6, 0x0c) : this.bits(ms, 8, 0x0d)
  }

  // By way of hexadecimal digits, which takes linear time.
  private bigint(value: bigint): number {
    const digits = value === 0n ? `` : (value < 0n ? -value : value).toString(16)
    const payload = new Uint8Array(1 + Math.ceil(digits.length / 2))
    payload[0] = value < 0n ? 1 : 0
    for (let i = 1, end = digits.length; end > 0; i++, end -= 2) {
      payload[i] = parseInt(digits.slice(Math.max(0, end - 2), end), 16)
    }
    return this.sized(0x10, payload)
  }

  private text(text: string): number {
    const start = this.at
    const long = text.length >= INLINE_TEXT
    if (long) this.varint(text.length)
    if (this.ascii(text)) return long ? 0x12 : 0x80 + text.length
    this.at = start
    return this.sized(0x13, encodeWtf8(text))
  }

  // Appends a text that is ASCII; false, with nothing appended, where it is not.
  private ascii(text: string): boolean {
    const { length } = text
    const start = this.room(3 * length)
    this.at = start
    if (length >= SHORT_TEXT) {
      if (!textIo.writeAscii(this.bytes, start, text)) return false
    } else {
      for (let i = 0; i < length; i++) {
        const unit = text.charCodeAt(i)
        if (unit >= 0x80) return false
        this.bytes[start + i] = unit
      }
    }
    this.at += length
    return true
  }

  private array(items: Array<unknown>, depth: number): number {
    const start = this.open(depth)
    this.varint(items.length)
    const tags = this.room(items.length)
    for (let i = 0; i < items.length; i++) {
      const item = items[i]
      if (item === undefined && !this.undefinedInArrays) throw new Unkeepable()
      const tag = this.payload(item, depth + 1)
      this.bytes[tags + i] = tag
    }
    return this.close(start, 0x14)
  }

  private object(object: Fields, depth: number, keepUndefined = false): number {
    const start = this.open(depth)
    const names = namesOf(object, keepUndefined)
    if (names.length > MAX_FIELDS) throw new Unkeepable()
    this.varint(0)
    this.varint(names.length)
    for (const name of names) this.name(name)
    const tags = this.room(names.length)
    for (let i = 0; i < names.length; i++) {
      const tag = this.payload(object[names[i]], depth + 1)
      this.bytes[tags + i] = tag
    }
    return this.close(start, 0x15)
  }

  private name(name: string): void {
    const size = this.room(1)
    if (name.length < 0x80 && this.ascii(name)) {
      this.bytes[size] = name.length
    } else {
      this.at = size
      this.sized(0, encodeWtf8(name))
    }
  }

  // Begins a body that has its size before it; one byte is kept for that.
  private open(depth: number): number {
    if (depth >= MAX_DEPTH) throw new Unkeepable()
    return this.room(1) + 1
  }

  // Writes the size of a body; where it takes more than one byte, the body moves.
  private close(start: number, tag: number): number {
    const end = this.at
    const size = end - start
    if (size < 0x80) {
      this.bytes[start - 1] = size
      return tag
    }
    this.varint(size)
    const prefix = this.bytes.slice(end, this.at)
    this.bytes.copyWithin(start - 1 + prefix.length, start, end)
    this.bytes.set(prefix, start - 1)
    this.at-- // the byte that was kept
    return tag
  }
}
