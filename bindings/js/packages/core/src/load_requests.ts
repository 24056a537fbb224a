// Load requests that are made once: an app asks mostly for what it has asked for before, and while a
// process is young, making a table takes a sixth of the time of a page. A request is known by a text of
// all that it holds, made anew each time, since an app may change its expressions in place.
import { collationName } from './collation.js'
import { loadRequest } from './requests.js'
import type { ExpressionLike } from './expression.js'
import type { LoadOptions } from './requests.js'
import type { ClauseLike, SubsetLike } from './subset.js'

const KEPT = 64
// Longer ones, such as lists of many keys, are not likely to come again.
const MAX_TEXT = 2000

function textOfPlain(value: unknown): string | undefined {
  switch (typeof value) {
    case `number`: return `n${Object.is(value, -0) ? `-0` : value};`
    case `boolean`: return value ? `t` : `f`
    case `undefined`: return `u`
  }
  if (value === null) return `0`
  return value instanceof Date ? `d${value.getTime()};` : undefined
}

// The text of a subset. Each part begins with a letter that tells what it is, and texts with their length,
// so that no two subsets have one text.
class SubsetKey {
  text = ``
  /** False where the subset holds a value that no text tells in full. */
  isWhole = true

  constructor({ where, orderBy, limit, offset, cursor }: SubsetLike) {
    if (where) {
      this.text += `w`
      this.expression(where)
    }
    orderBy?.forEach((clause) => this.clause(clause))
    if (limit !== undefined) this.text += `l${limit}`
    if (offset !== undefined) this.text += `k${offset}`
    if (cursor) {
      this.text += `c`
      this.value(cursor)
    }
  }

  private clause({ expression, compareOptions }: ClauseLike): void {
    const { direction, nulls } = compareOptions
    this.text += `o${direction}${nulls}`
    this.value(collationName(compareOptions))
    this.expression(expression)
  }

  private expression(expression: ExpressionLike): void {
    switch (expression.type) {
      case `val`: return this.value(expression.value)
      case `ref`: return this.list(`r`, expression.path, (name) => this.string(name))
      case `func`:
        this.string(expression.name)
        return this.list(`e`, expression.args, (argument) => this.expression(argument))
    }
    this.isWhole = false // an expression of a kind that is refused
  }

  private value(value: unknown): void {
    if (typeof value === `string`) return this.string(value)
    if (Array.isArray(value)) return this.list(`a`, value, (item) => this.value(item))
    const text = textOfPlain(value)
    if (text === undefined) this.isWhole = false
    else this.text += text
  }

  private string(text: string): void {
    this.text += `s${text.length}:${text}`
  }

  private list<T>(kind: string, items: ReadonlyArray<T>, add: (item: T) => void): void {
    if (this.text.length > MAX_TEXT) this.isWhole = false
    this.text += `${kind}${items.length}:`
    // By position, since forEach would pass over the holes of a list.
    for (let i = 0; i < items.length && this.isWhole; i++) add(items[i]!)
  }
}

export class LoadRequests {
  private readonly made = new Map<string, Uint8Array>()

  constructor(private readonly options: LoadOptions) {}

  of(subset: SubsetLike): Uint8Array {
    const { text, isWhole } = new SubsetKey(subset)
    if (!isWhole || text.length > MAX_TEXT) return loadRequest(subset, this.options)
    const request = this.made.get(text) ?? loadRequest(subset, this.options)
    // Those that were used longest ago go first.
    this.made.delete(text)
    this.made.set(text, request)
    if (this.made.size > KEPT) this.made.delete(this.made.keys().next().value!)
    return request
  }
}
