// Memory for a column that is being made.

// What the scratch memory may keep for the next batch.
const KEPT = 1024 * 1024

/** One piece of memory under all kinds of typed arrays; each use ends with a vector being written. */
export class Scratch {
  u8!: Uint8Array
  u16!: Uint16Array
  u32!: Uint32Array
  i32!: Int32Array
  f64!: Float64Array

  constructor() {
    this.allocate(1024)
  }

  /** Makes room for `count` elements of any kind. */
  reserve(count: number): void {
    if (count > this.f64.length) this.allocate(Math.max(count, 2 * this.f64.length))
  }

  reset(): void {
    if (this.u8.length > KEPT) this.allocate(1024)
  }

  private allocate(count: number): void {
    const buffer = new ArrayBuffer(8 * count)
    this.u8 = new Uint8Array(buffer)
    this.u16 = new Uint16Array(buffer)
    this.u32 = new Uint32Array(buffer)
    this.i32 = new Int32Array(buffer)
    this.f64 = new Float64Array(buffer)
  }
}
