// Generates one function per shape and kinds of columns, which builds the objects of a group as
// literals: V8 then knows their hidden class, and every value is read straight from its column.
// Only names (quoted) and positions stand in the code; values never do.
import {Kind} from './batch_layout.js';
import {isUniform} from './tables.js';

// Collects the declarations that stand before the loop, and hands out names.
class Writer {
  constructor() {
    this.declarations = [];
    this.names = 0;
  }

  name(prefix) {
    return `${prefix}${this.names++}`;
  }

  declare(line) {
    this.declarations.push(line);
  }
}

// Each kind's lines set `out` to value `i` of the column that the expression `path` gives.
const EMITTERS = {
  [Kind.Null]: (writer, path, out) => `${out} = null;`,
  [Kind.Bool]: (writer, path, out, i) => `${out} = ${vector(writer, path, 'data')}[${i}] === 1;`,
  [Kind.Int32]: (writer, path, out, i) => `${out} = ${vector(writer, path, 'ints')}[${i}];`,
  [Kind.Float64]: (writer, path, out, i) => `${out} = ${vector(writer, path, 'doubles')}[${i}];`,
  [Kind.Date]: (writer, path, out, i) =>
    `${out} = new Date(${vector(writer, path, 'doubles')}[${i}]);`,
  [Kind.Text]: emitText,
  [Kind.TextDict]: emitDict,
  [Kind.Bytes]: emitByClosure,
  [Kind.List]: emitList,
  [Kind.Object]: emitObject,
  [Kind.Tagged]: emitByClosure,
};

function vector(writer, path, field) {
  const name = writer.name(field);
  writer.declare(`const ${name} = ${path}.${field};`);
  return name;
}

function emitText(writer, path, out, i) {
  const ends = vector(writer, path, 'ends');
  const narrow = writer.name('narrow');
  const wide = writer.name('wide');
  const end = writer.name('end');
  writer.declare(`let ${narrow} = ${path}.narrowStart, ${wide} = ${path}.wideStart;`);
  return `const ${end} = ${ends}[${i}];
    if (${end} & 1) { ${out} = wideHeap.substring(${wide}, ${wide} = ${end} >>> 1); }
    else { ${out} = narrowHeap.substring(${narrow}, ${narrow} = ${end} >>> 1); }`;
}

function emitDict(writer, path, out, i) {
  const texts = writer.name('texts');
  writer.declare(`const ${texts} = columnValues(${path}.child);`);
  return `${out} = ${texts}[${vector(writer, path, 'codes')}[${i}]];`;
}

// The kinds that are rare or heavy in themselves gain nothing from code of their own.
function emitByClosure(writer, path, out, i) {
  const read = writer.name('read');
  writer.declare(`const ${read} = columnReader(${path});`);
  return `${out} = ${read}(${i});`;
}

function emitList(writer, path, out, i, column) {
  const ends = vector(writer, path, 'ends');
  const at = writer.name('at');
  const end = writer.name('end');
  const item = writer.name('item');
  const to = writer.name('to');
  writer.declare(`let ${at} = 0;`);
  const body = emitColumn(writer, `${path}.child`, item, at, column.child);
  // Pushing onto an empty array would make room for 17 items in each list.
  return `const ${end} = ${ends}[${i}];
    ${out} = new Array(${end} - ${at});
    for (let ${to} = 0; ${at} < ${end}; ${at}++, ${to}++) { ${body} ${out}[${to}] = ${item}; }`;
}

function emitObject(writer, path, out, i, column) {
  const next = writer.name('next');
  if (!isUniform(column.objects)) {
    const objects = writer.name('objects');
    writer.declare(`const ${objects} = buildObjects(${path}.objects);`);
    writer.declare(`let ${next} = 0;`);
    return `${out} = ${objects}[${next}++];`;
  }
  const at = column.nulls === null ? i : next;
  if (at === next) writer.declare(`let ${next} = 0;`);
  const [lines, literal] = emitGroup(writer, `${path}.objects.groups[0]`, at,
                                     column.objects.groups[0]);
  return `${lines}\n${out} = ${literal};${at === next ? ` ${next}++;` : ''}`;
}

function emitColumn(writer, path, out, i, column) {
  const present = EMITTERS[column.kind](writer, path, out, i, column);
  if (column.nulls === null) return `let ${out};\n{ ${present} }`;
  const nulls = vector(writer, path, 'nulls');
  return `let ${out} = null;\nif (!((${nulls}[${i} >> 3] >> (${i} & 7)) & 1)) { ${present} }`;
}

// The lines that read the fields of object `i`, and the literal over them.
function emitGroup(writer, path, i, group) {
  const lines = [];
  const fields = [];
  group.fields.forEach((name, k) => {
    const out = writer.name('value');
    lines.push(emitColumn(writer, `${path}.columns[${k}]`, out, i, group.columns[k]));
    // Without brackets `__proto__` in a literal would set the prototype.
    const key = name === '__proto__' ? '["__proto__"]' : JSON.stringify(name);
    fields.push(`${key}: ${out}`);
  });
  return [lines.join('\n'), `{${fields.join(', ')}}`];
}

function compile(group) {
  const writer = new Writer();
  const [lines, literal] = emitGroup(writer, 'group', 'i', group);
  return new Function('group', 'narrowHeap', 'wideHeap', 'columnValues', 'columnReader', 'buildObjects', `
    'use strict';
    ${writer.declarations.join('\n')}
    const objects = [];
    for (let i = 0; i < group.count; i++) {
      ${lines}
      objects.push(${literal});
    }
    return objects;`);
}

const compiled = new Map();
const MAX_COMPILED = 1000;  // shapes of one process; beyond it the oldest goes

export function builderFor(group) {
  let build = compiled.get(group.signature);
  if (build === undefined) {
    build = compile(group);
    if (compiled.size >= MAX_COMPILED) compiled.delete(compiled.keys().next().value);
    compiled.set(group.signature, build);
  }
  return build;
}
