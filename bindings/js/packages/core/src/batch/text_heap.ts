// The two text heaps of a batch that is being written. Columns write their texts one after another;
// with Utf16 what is ASCII goes into the narrow heap and the rest into the wide one.
import { Encoding, MAX_BATCH_BYTES } from './layout.js'
import { textIo } from './text_io.js'
import { encodeWtf8 } from './wtf8.js'

const FIRST_SIZE = 4096
// Below this a loop is faster than a call.
const SHORT = 24
// What a heap may keep for the next batch.
const KEPT = 4 * 1024 * 1024

/** A position to return to where a column turns out not to be one of texts. */
export interface HeapMark {
  narrow: number
  wide: number
}

export class TextHeap {
  encoding: Encoding = Encoding.Utf16
  /** The narrow heap, up to `narrowSize`. */
  narrow = new Uint8Array(FIRST_SIZE)
  narrowSize = 0
  /** The wide heap, up to `wideSize` units of two bytes. */
  private wide = new Uint16Array(FIRST_SIZE)
  wideBytes = new Uint8Array(this.wide.buffer)
  wideSize = 0

  reset(encoding: Encoding): void {
    this.encoding = encoding
    this.narrowSize = 0
    this.wideSize = 0
    if (this.narrow.length > KEPT) this.narrow = new Uint8Array(FIRST_SIZE)
    if (this.wide.length > KEPT) this.setWide(new Uint16Array(FIRST_SIZE))
  }

  mark(): HeapMark {
    return { narrow: this.narrowSize, wide: this.wideSize }
  }

  rewind(mark: HeapMark): void {
    this.narrowSize = mark.narrow
    this.wideSize = mark.wide
  }

  /** Adds a text where it is ASCII, else tells by false that it is not. */
  addAscii(text: string): boolean {
    const { length } = text
    const at = this.narrowSize
    // Room for three bytes a unit serves every way of writing.
    if (at + 3 * length > this.narrow.length) this.growNarrow(at + 3 * length)
    if (length > 0 && !textIo.writeAscii(this.narrow, at, text)) return false
    this.narrowSize = at + length
    return true
  }

  /** Adds a text and gives its entry of `ends`. */
  add(text: string): number {
    const { length } = text
    if (length > SHORT) return this.addAscii(text) ? this.end() : this.addOther(text)
    const at = this.narrowSize
    if (at + 3 * length > this.narrow.length) this.growNarrow(at + 3 * length)
    const { narrow } = this
    let all = 0
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      all |= unit
      narrow[at + i] = unit
    }
    if (all >= 0x80) return this.addOther(text)
    this.narrowSize = at + length
    return this.narrowSize * 2
  }

  /** The entry of `ends` of a null. */
  end(): number {
    return this.narrowSize * 2
  }

  // A text with something outside ASCII.
  private addOther(text: string): number {
    if (this.encoding === Encoding.Utf16) return this.addWide(text)
    const bytes = encodeWtf8(text)
    this.narrow.set(bytes, this.narrowSize)
    this.narrowSize += bytes.length
    return this.narrowSize * 2
  }

  private addWide(text: string): number {
    const at = this.wideSize
    const { length } = text
    if (at + length > this.wide.length) this.growWide(at + length)
    const { wide } = this
    for (let i = 0; i < length; i++) wide[at + i] = text.charCodeAt(i)
    this.wideSize = at + length
    return this.wideSize * 2 + 1
  }

  private growNarrow(size: number): void {
    if (this.narrowSize > MAX_BATCH_BYTES) throw new RangeError(TOO_LARGE)
    const grown = new Uint8Array(Math.max(size, 2 * this.narrow.length))
    grown.set(this.narrow.subarray(0, this.narrowSize))
    this.narrow = grown
  }

  private growWide(size: number): void {
    if (2 * this.wideSize > MAX_BATCH_BYTES) throw new RangeError(TOO_LARGE)
    const grown = new Uint16Array(Math.max(size, 2 * this.wide.length))
    grown.set(this.wide.subarray(0, this.wideSize))
    this.setWide(grown)
  }

  private setWide(wide: Uint16Array<ArrayBuffer>): void {
    this.wide = wide
    this.wideBytes = new Uint8Array(wide.buffer)
  }
}

export const TOO_LARGE = `a row batch above 64 MiB: encode fewer rows at once`
