// Arrays of values of any kind: all of one kind for V8, so that all code sees one kind of array. Those
// that an encoder fills serve batch after batch.

/** An array that holds values of any kind from the start. */
export function anyValues(): Array<unknown> {
  const values: Array<unknown> = [``]
  values.length = 0
  return values
}

/** The same with room for so many values, which are all to be set. */
export function roomFor(count: number): Array<unknown> {
  const values: Array<unknown> = [``]
  values.length = count
  return values
}

// Longer ones are left to be collected.
const KEPT_LENGTH = 65536
const KEPT_LISTS = 8

/** Arrays to fill from their beginning: how much of one is in use, its user knows. */
export class ValueLists {
  private readonly spare: Array<Array<unknown>> = []

  take(): Array<unknown> {
    return this.spare.pop() ?? anyValues()
  }

  /** Takes an array back, of which `used` values were set, and lets go of these. */
  give(values: Array<unknown>, used: number): void {
    if (values.length > KEPT_LENGTH || this.spare.length === KEPT_LISTS) return
    this.spare.push(values.fill(``, 0, used))
  }
}
