// Sorts objects into groups of one shape: the same field names in the same order. Shapes form a
// tree, one step a name, so that an object's group is found in the same walk that takes its values.
// A group keeps its values object after object; a column is every n-th of them.
import { LOOSE, MAX_GROUPS } from './layout.js'
import { namesOf } from './values.js'
import type { Fields } from './values.js'

// Objects with more fields are used as maps; the engine keeps no shape of theirs either.
const MAX_GROUP_FIELDS = 1024
// Bounds the tree where every object has names of its own.
const MAX_NODES = 100_000

export interface ShapeGroup {
  names: Array<string>
  index: number
  count: number
  /** The values of all objects, `names.length` an object. */
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

/** An array that holds values of any kind from the start, so that all code sees one kind of array. */
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

// An enumerable property of Object.prototype would show up in every walk over an object's fields.
function hasInheritedFields(): boolean {
  for (const _ in {}) return true
  return false
}

const hasOwn = Object.prototype.hasOwnProperty

export class ShapeGroups {
  readonly groups: Array<ShapeGroup> = []
  readonly loose: Array<LooseObject> = []
  /** The group of each object. */
  readonly groupOf: Array<number> = []
  private readonly root = new ShapeNode()
  private nodes = 1
  private readonly taken = anyValues()
  private readonly inherited = hasInheritedFields()

  /** `allLoose`: no object gets a group, which a few of them are not worth. */
  constructor(private readonly allLoose = false) {}

  add(object: Fields, keepUndefined: boolean): void {
    if (this.allLoose) return this.addLoose(object, keepUndefined)
    const { taken, inherited } = this
    let node: ShapeNode | null = this.root
    let count = 0
    // A walk by `for in` that reads each field at once needs no list of names and no look-ups.
    for (const name in object) {
      const value = object[name]
      if (value === undefined && !keepUndefined) continue
      if (inherited && !hasOwn.call(object, name)) continue
      node = node.name === name ? node.next : this.step(node, name)
      if (node === null || count === MAX_GROUP_FIELDS) return this.addLoose(object, keepUndefined)
      taken[count++] = value
    }
    const group = node.group ?? this.newGroup(node, object, keepUndefined)
    if (group === null) return this.addLoose(object, keepUndefined)
    const { values } = group
    for (let i = 0; i < count; i++) values.push(taken[i])
    group.count++
    this.groupOf.push(group.index)
  }

  private addLoose(object: Fields, keepUndefined: boolean): void {
    this.loose.push({ object, keepUndefined })
    this.groupOf.push(LOOSE)
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
    node.group = { names, index: this.groups.length, count: 0, values: anyValues() }
    this.groups.push(node.group)
    return node.group
  }
}
