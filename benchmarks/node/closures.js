// Builds objects from columns without generating code: one closure per column, which gives its
// values in order. It serves where a content security policy forbids `new Function`, and groups too
// small to be worth compiling.
import {Kind} from './batch_layout.js';
import {PortableReader, setField} from './portable.js';

function textReader(column, heaps) {
  const {ends} = column;
  let narrow = column.narrowStart;
  let wide = column.wideStart;
  return (i) => {
    const end = ends[i] >>> 1;
    if (ends[i] & 1) {
      const text = heaps.wide.substring(wide, end);
      wide = end;
      return text;
    }
    const text = heaps.narrow.substring(narrow, end);
    narrow = end;
    return text;
  };
}

function listReader(column, heaps, buildObjects) {
  const items = columnValues(column.child, heaps, buildObjects);
  let start = 0;
  return (i) => items.slice(start, start = column.ends[i]);
}

function dictReader(column, heaps) {
  const texts = columnValues(column.child, heaps);
  return (i) => texts[column.codes[i]];
}

function bytesReader({data, ends}) {
  let start = 0;
  return (i) => new Uint8Array(data.subarray(start, start = ends[i]));
}

function taggedReader({data, ends}) {
  const reader = new PortableReader(data);
  return (i) => {
    reader.at = i === 0 ? 0 : ends[i - 1];
    return reader.value();
  };
}

function objectReader(column, heaps, buildObjects) {
  const objects = buildObjects(column.objects, heaps);
  let next = 0;
  return () => objects[next++];
}

function presentReader(column, heaps, buildObjects) {
  switch (column.kind) {
    case Kind.Null: return () => null;
    case Kind.Bool: return (i) => column.data[i] === 1;
    case Kind.Int32: return (i) => column.ints[i];
    case Kind.Float64: return (i) => column.doubles[i];
    case Kind.Date: return (i) => new Date(column.doubles[i]);
    case Kind.Text: return textReader(column, heaps);
    case Kind.TextDict: return dictReader(column, heaps);
    case Kind.Bytes: return bytesReader(column);
    case Kind.List: return listReader(column, heaps, buildObjects);
    case Kind.Object: return objectReader(column, heaps, buildObjects);
    case Kind.Tagged: return taggedReader(column);
  }
  throw new TypeError(`unknown kind of column ${column.kind}`);
}

// A function that gives value 0, then 1 and so on; the order matters.
export function columnReader(column, heaps, buildObjects) {
  const present = presentReader(column, heaps, buildObjects);
  const {nulls} = column;
  if (nulls === null) return present;
  return (i) => ((nulls[i >> 3] >> (i & 7)) & 1 ? null : present(i));
}

export function columnValues(column, heaps, buildObjects) {
  const read = columnReader(column, heaps, buildObjects);
  const values = [];
  for (let i = 0; i < column.count; i++) values.push(read(i));
  return values;
}

export function buildGroupByClosures(group, heaps, buildObjects) {
  const readers = group.columns.map((column) => columnReader(column, heaps, buildObjects));
  const objects = [];
  for (let i = 0; i < group.count; i++) {
    const object = {};
    for (let k = 0; k < readers.length; k++) setField(object, group.fields[k], readers[k](i));
    objects.push(object);
  }
  return objects;
}
