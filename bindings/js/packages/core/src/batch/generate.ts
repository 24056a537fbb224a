// Builds the objects of a group as literals, by one generated function per shape: the engine then knows
// their hidden class. What is a step or two to read is read from the column's vectors, all else from an
// array of the column's values that is made outside, so that a function is small and soon compiled.
// Only names (quoted) and positions stand in the code; values never do.
import { roomFor } from './value_lists.js'
import { Kind } from './layout.js'
import { isUniform } from './tables.js'
import type { Column, Group } from './tables.js'
import type { Fields } from './values.js'

// What the fields of object `i` are read from: one or two a field.
type Source = Uint8Array | Uint16Array | Int32Array | Float64Array | Array<unknown>
type Literals = (sources: Array<Source>, objects: Array<unknown>) => void

// Wider literals are slow to compile, and get no hidden class.
const MAX_SOURCES = 500

// The group whose objects are built where they stand, as a part of the literal.
function inlineGroup(column: Column): Group | null {
  const isInline = column.kind === Kind.Object && column.nulls === null && isUniform(column.objects!)
  return isInline ? column.objects!.groups[0] : null
}

// What a column is read from where no value is null.
function sourcesOf(column: Column, values: (column: Column) => Array<unknown>): Array<Source> {
  if (column.nulls !== null) return [values(column)]
  switch (column.kind) {
    case Kind.Bool: return [column.data]
    case Kind.Int32: return [column.ints!]
    case Kind.Float64: return [column.doubles!]
    case Kind.Date: return [column.doubles!]
    case Kind.TextDict: return [values(column.child!), column.codes!]
  }
  return [values(column)]
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

function addSources(group: Group, values: (column: Column) => Array<unknown>, sources: Array<Source>): void {
  for (const column of group.columns) {
    const inline = inlineGroup(column)
    if (inline) addSources(inline, values, sources)
    else sources.push(...sourcesOf(column, values))
  }
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

// What the code for a group depends on: its names, and how each column is read.
function signatureOf({ fields, columns }: Group): string {
  return fields.map((name, i) => JSON.stringify(name) + signatureOfColumn(columns[i])).join()
}

function signatureOfColumn(column: Column): string {
  const inline = inlineGroup(column)
  if (inline) return `{${signatureOf(inline)}}`
  return column.nulls === null ? `:${column.kind}` : ``
}

const compiled = new Map<string, Literals>()
const MAX_COMPILED = 1000 // shapes of one process; beyond it the oldest goes

function literalsFor(group: Group): Literals {
  const signature = signatureOf(group)
  let literals = compiled.get(signature)
  if (literals === undefined) {
    literals = compile(group)
    if (compiled.size >= MAX_COMPILED) compiled.delete(compiled.keys().next().value!)
    compiled.set(signature, literals)
  }
  return literals
}

function countSources({ columns }: Group): number {
  const countOf = (column: Column) => (inlineGroup(column) ? countSources(inlineGroup(column)!) : 1)
  return columns.reduce((count, column) => count + countOf(column), 0)
}

/** Whether code can serve for a group: the platform allows it, and the literal is not too wide. */
export function canGenerate(group: Group): boolean {
  return canCompile() && countSources(group) <= MAX_SOURCES
}

/** The objects of a group; `values` gives those of a column. */
export function generatedObjects(
  group: Group,
  values: (column: Column) => Array<unknown>,
): Array<Fields> {
  const sources: Array<Source> = []
  addSources(group, values, sources)
  const objects = roomFor(group.count)
  literalsFor(group)(sources, objects)
  return objects as Array<Fields>
}
