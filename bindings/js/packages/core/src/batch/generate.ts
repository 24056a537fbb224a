// Builds the objects of a group as literals, by one generated function per shape: the engine then knows
// their hidden class. What is a step or two to read is read from the column's vectors, all else from an
// array of the column's values that is made outside, so that a function is small and soon compiled.
// Only names (quoted) and positions stand in the code; values never do.
import { Kind } from './layout.js'
import { isUniform } from './tables.js'
import { roomFor } from './value_lists.js'
import type { Column, Group } from './tables.js'
import type { Fields } from './values.js'

// What the fields of object `i` are read from: one or two a field.
type Source = Uint8Array | Uint16Array | Int32Array | Float64Array | Array<unknown>
type Literals = (sources: Array<Source>, objects: Array<unknown>) => void

// Wider literals are slow to compile, and get no hidden class.
const MAX_COLUMNS = 500

// The group whose objects are built where they stand, as a part of the literal.
function inlineGroup(column: Column): Group | null {
  const isInline = column.kind === Kind.Object && column.nulls === null && isUniform(column.objects!)
  return isInline ? column.objects!.groups[0] : null
}

// What a column is read from.
function addSources(column: Column, values: (column: Column) => Array<unknown>, sources: Array<Source>): void {
  const { kind, data, ints, doubles, codes, nulls } = column
  if (nulls !== null) sources.push(values(column))
  else if (kind === Kind.Bool) sources.push(data)
  else if (kind === Kind.Int32) sources.push(ints!)
  else if (kind === Kind.Float64 || kind === Kind.Date) sources.push(doubles!)
  else if (kind === Kind.TextDict) sources.push(values(column.child!), codes!)
  else sources.push(values(column))
}

// The expression that reads value `i` from the sources above; `source` gives the name of the next one.
function readOf(column: Column, source: () => string): string {
  const first = source()
  if (column.nulls !== null) return `${first}[i]`
  switch (column.kind) {
    case Kind.Bool: return `${first}[i] === 1`
    case Kind.Date: return `new Date(${first}[i])`
    case Kind.TextDict: return `${first}[${source()}[i]]`
  }
  return `${first}[i]`
}

// The literal over the fields of object `i`.
function literalOf({ fields, columns }: Group, source: () => string): string {
  const parts = fields.map((name, k) => {
    // Without brackets `__proto__` in a literal would set the prototype.
    const key = name === `__proto__` ? `["__proto__"]` : JSON.stringify(name)
    const inline = inlineGroup(columns[k])
    return `${key}: ${inline ? literalOf(inline, source) : readOf(columns[k], source)}`
  })
  return `{${parts.join(`, `)}}`
}

function compile(group: Group): Literals {
  const reads: Array<string> = []
  const source = () => {
    reads.push(`source${reads.length} = sources[${reads.length}]`)
    return `source${reads.length - 1}`
  }
  const literal = literalOf(group, source)
  return new Function(`sources`, `objects`, `
    'use strict';
    const ${[...reads, `count = objects.length`].join(`, `)};
    for (let i = 0; i < count; i++) objects[i] = ${literal};`) as Literals
}

let compilable: boolean | undefined

// Whether the platform lets code be generated; tried once, since a policy may report each try.
function canCompile(): boolean {
  if (compilable === undefined) {
    try {
      compilable = (new Function(`return true`) as () => boolean)()
    } catch {
      compilable = false
    }
  }
  return compilable
}

// What the code for a group depends on: its names, and how each column is read. One walk finds both that
// and the columns, since a page of a few dozen rows takes little longer to build than to walk about.
class Shape {
  signature = ``
  readonly columns: Array<Column> = []

  constructor(group: Group) {
    this.add(group)
  }

  private add({ fields, columns }: Group): void {
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]
      const inline = inlineGroup(column)
      this.signature += `${fields[i].length}:${fields[i]}`
      if (inline === null) {
        this.columns.push(column)
        this.signature += column.nulls === null ? `=${column.kind},` : `?`
      } else {
        this.signature += `{`
        this.add(inline)
        this.signature += `}`
      }
    }
  }
}

const compiled = new Map<string, Literals>()
const MAX_COMPILED = 1000 // shapes of one process; beyond it the oldest goes

function literalsFor(group: Group, signature: string): Literals {
  let literals = compiled.get(signature)
  if (literals === undefined) {
    literals = compile(group)
    if (compiled.size >= MAX_COMPILED) compiled.delete(compiled.keys().next().value!)
    compiled.set(signature, literals)
  }
  return literals
}

/** The objects of a group; `values` gives those of a column. Null where code cannot serve: the platform
 *  does not allow it, or the literal would be too wide. */
export function generatedObjects(
  group: Group,
  values: (column: Column) => Array<unknown>,
): Array<Fields> | null {
  if (!canCompile()) return null
  const { signature, columns } = new Shape(group)
  if (columns.length > MAX_COLUMNS) return null
  const sources: Array<Source> = []
  for (const column of columns) addSources(column, values, sources)
  const objects = roomFor(group.count)
  literalsFor(group, signature)(sources, objects)
  return objects as Array<Fields>
}
