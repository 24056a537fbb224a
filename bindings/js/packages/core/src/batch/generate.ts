// Generates one function per shape and kinds of columns, which builds the objects of a group as
// literals: the engine then knows their hidden class, and every value is read straight from its
// column. Only names (quoted) and positions stand in the code; values never do.
import { Kind } from './layout.js'
import { isUniform } from './tables.js'
import type { BuildObjects, Reader } from './closures.js'
import type { TextSource } from './heaps.js'
import type { Column, Group } from './tables.js'
import type { Fields } from './values.js'

export type GroupBuilder = (
  group: Group,
  narrowHeap: TextSource,
  wideHeap: TextSource,
  columnValues: (column: Column) => Array<unknown>,
  columnReader: (column: Column) => Reader,
  buildObjects: BuildObjects,
) => Array<Fields>

/** Wider literals are slow to compile, and get no hidden class. */
const MAX_COMPILED_COLUMNS = 500

// Collects the declarations that stand before the loop, and hands out names.
class Writer {
  readonly declarations: Array<string> = []
  private names = 0

  name(prefix: string): string {
    return `${prefix}${this.names++}`
  }

  declare(line: string): void {
    this.declarations.push(line)
  }

  vector(path: string, field: keyof Column): string {
    const name = this.name(field)
    this.declare(`const ${name} = ${path}.${field};`)
    return name
  }
}

// Lines that set `out` to value `i` of the column that the expression `path` gives.
function emitPresent(writer: Writer, path: string, out: string, i: string, column: Column): string {
  switch (column.kind) {
    case Kind.Null: return `${out} = null;`
    case Kind.Bool: return `${out} = ${writer.vector(path, `data`)}[${i}] === 1;`
    case Kind.Int32: return `${out} = ${writer.vector(path, `ints`)}[${i}];`
    case Kind.Float64: return `${out} = ${writer.vector(path, `doubles`)}[${i}];`
    case Kind.Date: return `${out} = new Date(${writer.vector(path, `doubles`)}[${i}]);`
    case Kind.Text: return emitText(writer, path, out, i)
    case Kind.TextDict: return emitDict(writer, path, out, i)
    case Kind.List: return emitList(writer, path, out, i, column)
    case Kind.Object: return emitObject(writer, path, out, i, column)
  }
  return emitByClosure(writer, path, out, i)
}

function emitText(writer: Writer, path: string, out: string, i: string): string {
  const ends = writer.vector(path, `ends`)
  const narrow = writer.name(`narrow`)
  const wide = writer.name(`wide`)
  const end = writer.name(`end`)
  writer.declare(`let ${narrow} = ${path}.narrowStart, ${wide} = ${path}.wideStart;`)
  return `const ${end} = ${ends}[${i}];
    if (${end} & 1) { ${out} = wideHeap.substring(${wide}, ${wide} = ${end} >>> 1); }
    else { ${out} = narrowHeap.substring(${narrow}, ${narrow} = ${end} >>> 1); }`
}

function emitDict(writer: Writer, path: string, out: string, i: string): string {
  const texts = writer.name(`texts`)
  writer.declare(`const ${texts} = columnValues(${path}.child);`)
  return `${out} = ${texts}[${writer.vector(path, `codes`)}[${i}]];`
}

// The kinds that are rare or heavy in themselves gain nothing from code of their own.
function emitByClosure(writer: Writer, path: string, out: string, i: string): string {
  const read = writer.name(`read`)
  writer.declare(`const ${read} = columnReader(${path});`)
  return `${out} = ${read}(${i});`
}

function emitList(writer: Writer, path: string, out: string, i: string, column: Column): string {
  const ends = writer.vector(path, `ends`)
  const at = writer.name(`at`)
  const end = writer.name(`end`)
  const item = writer.name(`item`)
  const to = writer.name(`to`)
  writer.declare(`let ${at} = 0;`)
  const body = emitColumn(writer, `${path}.child`, item, at, column.child!)
  // Pushing onto an empty array would make room for 17 items in each list.
  return `const ${end} = ${ends}[${i}];
    ${out} = new Array(${end} - ${at});
    for (let ${to} = 0; ${at} < ${end}; ${at}++, ${to}++) { ${body} ${out}[${to}] = ${item}; }`
}

function emitObject(writer: Writer, path: string, out: string, i: string, column: Column): string {
  const objects = column.objects!
  if (!isUniform(objects)) {
    const built = writer.name(`objects`)
    const position = writer.name(`next`)
    writer.declare(`const ${built} = buildObjects(${path}.objects);`)
    writer.declare(`let ${position} = 0;`)
    return `${out} = ${built}[${position}++];`
  }
  const groupPath = `${path}.objects.groups[0]`
  if (column.nulls === null) {
    const [lines, literal] = emitGroup(writer, groupPath, i, objects.groups[0])
    return `${lines}\n${out} = ${literal};`
  }
  const next = writer.name(`next`)
  writer.declare(`let ${next} = 0;`)
  const [lines, literal] = emitGroup(writer, groupPath, next, objects.groups[0])
  return `${lines}\n${out} = ${literal}; ${next}++;`
}

function emitColumn(writer: Writer, path: string, out: string, i: string, column: Column): string {
  const present = emitPresent(writer, path, out, i, column)
  if (column.nulls === null) return `let ${out};\n{ ${present} }`
  const nulls = writer.vector(path, `nulls`)
  return `let ${out} = null;\nif (!((${nulls}[${i} >> 3] >> (${i} & 7)) & 1)) { ${present} }`
}

// The lines that read the fields of object `i`, and the literal over them.
function emitGroup(writer: Writer, path: string, i: string, group: Group): [string, string] {
  const lines: Array<string> = []
  const fields: Array<string> = []
  group.fields.forEach((name, k) => {
    const out = writer.name(`value`)
    lines.push(emitColumn(writer, `${path}.columns[${k}]`, out, i, group.columns[k]))
    // Without brackets `__proto__` in a literal would set the prototype.
    const key = name === `__proto__` ? `["__proto__"]` : JSON.stringify(name)
    fields.push(`${key}: ${out}`)
  })
  return [lines.join(`\n`), `{${fields.join(`, `)}}`]
}

const PARAMETERS = [
  `group`, `narrowHeap`, `wideHeap`, `columnValues`, `columnReader`, `buildObjects`,
]

function compile(group: Group): GroupBuilder {
  const writer = new Writer()
  const [lines, literal] = emitGroup(writer, `group`, `i`, group)
  return new Function(...PARAMETERS, `
    'use strict';
    ${writer.declarations.join(`\n`)}
    const objects = [group];
    objects.length = 0;
    for (let i = 0; i < group.count; i++) {
      ${lines}
      objects.push(${literal});
    }
    return objects;`) as GroupBuilder
}

let compilable: boolean | undefined

/** Whether the platform lets code be generated; tried once, since a policy may report each try. */
export function canCompile(): boolean {
  if (compilable === undefined) {
    try {
      compilable = (new Function(`return true`) as () => boolean)()
    } catch {
      compilable = false
    }
  }
  return compilable
}

// What the code that builds a group depends on: names and kinds, not values.
function signatureOfGroup({ fields, columns }: Group): string {
  return `{${fields.map((name, i) => JSON.stringify(name) + signatureOf(columns[i])).join()}}`
}

function signatureOf(column: Column): string {
  let text = `:${column.kind}`
  if (column.nulls) text += `n`
  if (column.kind === Kind.List) text += `[${signatureOf(column.child!)}]`
  if (column.kind === Kind.Object && isUniform(column.objects!)) {
    text += signatureOfGroup(column.objects!.groups[0])
  }
  return text
}

function countColumns(group: Group): number {
  return group.columns.reduce((count, column) => count + countNested(column), 0)
}

function countNested(column: Column): number {
  if (column.kind === Kind.List) return 1 + countNested(column.child!)
  const inline = column.kind === Kind.Object && isUniform(column.objects!)
  return inline ? 1 + countColumns(column.objects!.groups[0]) : 1
}

const compiled = new Map<string, GroupBuilder>()
const MAX_COMPILED = 1000 // shapes of one process; beyond it the oldest goes

/** The function that builds such groups; null where closures serve better. */
export function builderFor(group: Group): GroupBuilder | null {
  if (countColumns(group) > MAX_COMPILED_COLUMNS) return null
  const signature = signatureOfGroup(group)
  let build = compiled.get(signature)
  if (build === undefined) {
    build = compile(group)
    if (compiled.size >= MAX_COMPILED) compiled.delete(compiled.keys().next().value!)
    compiled.set(signature, build)
  }
  return build
}
