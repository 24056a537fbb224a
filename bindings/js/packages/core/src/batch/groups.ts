// Sorts objects into groups of one shape: the same field names in the same order. Shapes form a
// tree, one step a name, so that an object's group is found in the same walk that takes its values.
// A group keeps its values object after object; a column is every n-th of them.
import { LOOSE, MAX_GROUPS } from './layout.js'
import { sizeOf, sizeOfPlain } from './sizes.js'
import { anyValues } from './value_lists.js'
import { namesOf } from './values.js'
import type { ValueLists } from './value_lists.js'
import type { Fields } from './values.js'

// Objects with more fields are used as maps; the engine keeps no shape of theirs either.
const MAX_GROUP_FIELDS = 1024
// Bounds the tree where every object has names of its own.
const MAX_NODES = 100_000

export interface ShapeGroup {
  names: Array<string>
  index: number
  count: number
  /** The values of all objects, `names.length` an object; what stands behind them is of no use. */
  values: Array<unknown>
}

/** An object whose shape has no group. */
export interface LooseObject {
  object: Fields
  keepUndefined: boolean
}

class ShapeNode {
  // The step that was taken last, which is most often the next one too.
  name: string | undefined = undefined
  next: ShapeNode | null = null
  // All steps, where there is more than one.
  steps: Map<string, ShapeNode> | null = null
  group: ShapeGroup | null = null
}

// An enumerable property of Object.prototype would show up in every walk over an object's fields.
function hasInheritedFields(): boolean {
  for (const _ in {}) return true
  return false
}

const hasOwn = Object.prototype.hasOwnProperty

export class ShapeGroups {
  readonly groups: Array<ShapeGroup> = []
  readonly loose: Array<LooseObject> = []
  /** The group of each object; null while all are in the first one. */
  groupOf: Array<number> | null = null
  /** How many objects there are. */
  length = 0
  /** About how many bytes the objects will take, where that was asked for. */
  size = 0
  private readonly root = new ShapeNode()
  private nodes = 1
  // The group of the object before; at first one that is none.
  private last: ShapeGroup = { names: [], index: -1, count: 0, values: anyValues() }
  private readonly inherited = hasInheritedFields()

  constructor(
    private readonly lists: ValueLists,
    /** Up to which size an object's size is counted; 0 counts nothing. */
    private readonly budget = 0,
    /** No object gets a group, which a few of them are not worth. */
    private readonly allLoose = false,
  ) {}

  add(object: Fields, keepUndefined: boolean): void {
    if (this.allLoose) return this.addLoose(object, keepUndefined)
    const { last, inherited, budget } = this
    // Most objects are of the shape of the one before, so the values are put where that one's end.
    const taken = last.values
    const start = last.count * last.names.length
    let node: ShapeNode | null = this.root
    let at = start
    let size = 0
    // A walk by `for in` that reads each field at once needs no list of names and no look-ups.
    for (const name in object) {
      const value = object[name]
      if (value === undefined && !keepUndefined) continue
      if (inherited && !hasOwn.call(object, name)) continue
      node = node.name === name ? node.next : this.step(node, name)
      if (at - start === MAX_GROUP_FIELDS) node = null
      if (node === null) break
      taken[at++] = value
      if (budget > 0) size += typeof value === `object` ? sizeOf(value, budget) : sizeOfPlain(value)
    }
    const group = node && (node.group ?? this.newGroup(node, object, keepUndefined))
    if (group !== last) this.move(taken, start, at, group)
    if (group === null) return this.addLoose(object, keepUndefined)
    this.count(group.index)
    group.count++
    this.size += size
  }

  /** Gives its memory back. */
  end(): void {
    for (const { values, count, names } of this.groups) this.lists.give(values, count * names.length)
  }

  private addLoose(object: Fields, keepUndefined: boolean): void {
    this.loose.push({ object, keepUndefined })
    this.count(LOOSE)
    if (this.budget > 0) this.size += sizeOf(object, this.budget)
  }

  // Takes values back, which go to another group or to none.
  private move(taken: Array<unknown>, start: number, end: number, group: ShapeGroup | null): void {
    if (group !== null) {
      let to = group.count * group.names.length
      for (let i = start; i < end; i++) group.values[to++] = taken[i]
      this.last = group
    }
    taken.fill(``, start, end)
  }

  private count(group: number): void {
    if (group > 0 && this.groupOf === null) this.groupOf = new Array<number>(this.length).fill(0)
    this.groupOf?.push(group)
    this.length++
  }

  // Null where there is no such shape yet and no room for another.
  private step(node: ShapeNode, name: string): ShapeNode | null {
    let next = node.steps?.get(name)
    if (next === undefined) {
      if (this.groups.length >= MAX_GROUPS || this.nodes >= MAX_NODES) return null
      this.nodes++
      next = new ShapeNode()
      if (node.next !== null) {
        node.steps ??= new Map([[node.name!, node.next]])
        node.steps.set(name, next)
      }
    }
    node.name = name
    node.next = next
    return next
  }

  private newGroup(node: ShapeNode, object: Fields, keepUndefined: boolean): ShapeGroup | null {
    if (this.groups.length >= MAX_GROUPS) return null
    const names = namesOf(object, keepUndefined)
    node.group = { names, index: this.groups.length, count: 0, values: this.lists.take() }
    this.groups.push(node.group)
    return node.group
  }
}
