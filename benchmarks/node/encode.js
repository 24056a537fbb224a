// Encodes rows as a row batch: rows of one shape become a group of columns, texts go into the two
// heaps. This is the writing half of the proof; it favours clarity over speed.
import {Builder} from 'flatbuffers';
import {
  BatchSlot, ColumnSlot, Encoding, GroupSlot, Kind, LOOSE, MAX_COLUMN_DEPTH, MAX_GROUPS,
  MetadataOp, ObjectsSlot, Op,
} from './batch_layout.js';
import {PortableWriter, classOf, definedNames} from './portable.js';
import {encodeWtf8, isAscii} from './wtf8.js';

// The texts of a batch so far. Columns write theirs one after another.
class Heaps {
  constructor(encoding) {
    this.encoding = encoding;
    this.narrow = [];
    this.narrowSize = 0;
    this.wide = '';
  }

  // Adds a text and gives its entry of `ends`.
  add(text) {
    if (this.encoding === Encoding.Utf16 && !isAscii(text)) {
      this.wide += text;
      return this.wide.length * 2 + 1;
    }
    const bytes = encodeWtf8(text);
    this.narrow.push(bytes);
    this.narrowSize += bytes.length;
    return this.narrowSize * 2;
  }

  end() {
    return this.narrowSize * 2;
  }
}

const KIND_OF_CLASS = {
  bool: Kind.Bool, number: Kind.Float64, date: Kind.Date, text: Kind.Text, bytes: Kind.Bytes,
  array: Kind.List, object: Kind.Object, bigint: Kind.Tagged, undefined: Kind.Tagged,
};

function isInt32(value) {
  return Object.is(value | 0, value);
}

function kindOf(values, path, depth) {
  const classes = new Set(values.map((value, i) => classOf(value, `${path}(${i})`)));
  classes.delete('null');
  if (classes.size === 0) return Kind.Null;
  if (classes.size > 1) return Kind.Tagged;
  const kind = KIND_OF_CLASS[[...classes][0]];
  if (kind === Kind.Float64 && values.every((v) => v === null || isInt32(v))) return Kind.Int32;
  const nests = kind === Kind.List || kind === Kind.Object;
  return nests && depth >= MAX_COLUMN_DEPTH ? Kind.Tagged : kind;
}

// A text column is worth a dictionary where at least half of its texts repeat others.
function distinctTexts(values) {
  const distinct = new Map();
  let texts = 0;
  for (const text of values) {
    if (text === null) continue;
    texts++;
    if (!distinct.has(text)) distinct.set(text, distinct.size);
  }
  return texts >= 8 && distinct.size <= Math.min(texts / 2, 65536) ? distinct : null;
}

class BatchEncoder {
  constructor(encoding) {
    this.builder = new Builder(4096);
    this.heaps = new Heaps(encoding);
  }

  // A vector of a typed array's bytes, aligned for its elements.
  vector(array) {
    const size = array.BYTES_PER_ELEMENT;
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    this.builder.startVector(size, array.length, size);
    this.builder.bb.setPosition(this.builder.space -= bytes.length);
    this.builder.bb.bytes().set(bytes, this.builder.space);
    return this.builder.endVector();
  }

  offsets(list) {
    this.builder.startVector(4, list.length, 4);
    for (const offset of [...list].reverse()) this.builder.addOffset(offset);
    return this.builder.endVector();
  }

  // A table from {slot: writer of that field}; fields must be made before.
  table(slots, fields) {
    this.builder.startObject(Object.keys(slots).length);
    for (const [name, add] of Object.entries(fields)) {
      if (add !== null) add(slots[name]);
    }
    return this.builder.endObject();
  }

  ref(offset) {
    return offset === 0 ? null : (slot) => this.builder.addFieldOffset(slot, offset, 0);
  }

  u32(value) {
    return (slot) => this.builder.addFieldInt32(slot, value, 0);
  }

  u8(value) {
    return (slot) => this.builder.addFieldInt8(slot, value, 0);
  }

  nulls(values) {
    if (!values.includes(null)) return 0;
    const bits = new Uint8Array((values.length + 7) >> 3);
    values.forEach((value, i) => {
      if (value === null) bits[i >> 3] |= 1 << (i & 7);
    });
    return this.vector(bits);
  }

  column(values, path, depth) {
    const kind = kindOf(values, path, depth);
    const parts = {kind: this.u8(kind), count: this.u32(values.length)};
    if (kind !== Kind.Null) parts.nulls = this.ref(this.nulls(values));
    Object.assign(parts, this.parts(kind, values, path, depth));
    return this.table(ColumnSlot, parts);
  }

  parts(kind, values, path, depth) {
    switch (kind) {
      case Kind.Bool: return {data: this.ref(this.vector(Uint8Array.from(values, Number)))};
      case Kind.Int32: return {ints: this.ref(this.vector(Int32Array.from(values)))};
      case Kind.Float64:
      case Kind.Date: return {doubles: this.ref(this.vector(Float64Array.from(values, Number)))};
      case Kind.Text: return this.texts(values);
      case Kind.Bytes: return this.byteStrings(values);
      case Kind.List: return this.lists(values, path, depth);
      case Kind.Object: return this.nestedObjects(values, path, depth);
      case Kind.Tagged: return this.tagged(values, path, depth);
    }
    return {};
  }

  texts(values) {
    const distinct = distinctTexts(values);
    if (distinct === null) return this.textVectors(values);
    const child = this.table(ColumnSlot, {
      kind: this.u8(Kind.Text), count: this.u32(distinct.size),
      ...this.textVectors([...distinct.keys()]),
    });
    const Codes = distinct.size > 256 ? Uint16Array : Uint8Array;
    const codes = this.vector(Codes.from(values, (text) => distinct.get(text) ?? 0));
    return {
      kind: this.u8(Kind.TextDict), child: this.ref(child),
      [distinct.size > 256 ? 'codes16' : 'codes']: this.ref(codes),
    };
  }

  textVectors(values) {
    const starts = {
      narrowStart: this.u32(this.heaps.narrowSize), wideStart: this.u32(this.heaps.wide.length),
    };
    const ends = Uint32Array.from(values, (text) =>
      (text === null ? this.heaps.end() : this.heaps.add(text)));
    return {...starts, ends: this.ref(this.vector(ends))};
  }

  byteStrings(values) {
    let end = 0;
    const ends = Uint32Array.from(values, (bytes) => end += bytes === null ? 0 : bytes.length);
    const all = Buffer.concat(values.filter((bytes) => bytes !== null));
    return {data: this.ref(this.vector(all)), ends: this.ref(this.vector(ends))};
  }

  lists(values, path, depth) {
    let end = 0;
    const ends = Uint32Array.from(values, (list) => end += list === null ? 0 : list.length);
    const items = values.flatMap((list) => list ?? []);
    const child = this.column(items, `${path}[]`, depth + 1);
    return {child: this.ref(child), ends: this.ref(this.vector(ends))};
  }

  nestedObjects(values, path, depth) {
    const present = values.filter((value) => value !== null);
    return {objects: this.ref(this.objects(present, path, depth + 1))};
  }

  tagged(values, path, depth) {
    const writer = new PortableWriter();
    const ends = Uint32Array.from(values, (value, i) => {
      writer.value(value, `${path}(${i})`, depth);
      return writer.at;
    });
    return {data: this.ref(this.vector(writer.finish())), ends: this.ref(this.vector(ends))};
  }

  // `namesOf` gives the fields of an object: an update keeps undefined ones.
  objects(objects, path, depth, namesOf = definedNames) {
    const groups = new Map();
    const loose = [];
    const groupOf = Uint16Array.from(objects, (object) => {
      const names = namesOf(object);
      const shape = JSON.stringify(names);
      if (!groups.has(shape) && groups.size < MAX_GROUPS) {
        groups.set(shape, {index: groups.size, names, objects: []});
      }
      const group = groups.get(shape);
      (group?.objects ?? loose).push(object);
      return group?.index ?? LOOSE;
    });
    const tables = [...groups.values()].map((group) => this.group(group, path, depth));
    return this.objectsTable(tables, groupOf, loose, path, depth);
  }

  objectsTable(tables, groupOf, loose, path, depth) {
    const looseColumn = loose.length === 0 ? 0 : this.table(ColumnSlot, {
      kind: this.u8(Kind.Tagged), count: this.u32(loose.length),
      ...this.tagged(loose, path, depth - 1),
    });
    const uniform = tables.length === 1 && loose.length === 0;
    const groupVector = uniform ? 0 : this.vector(groupOf);
    return this.table(ObjectsSlot, {
      count: this.u32(groupOf.length), groupOf: this.ref(groupVector),
      groups: this.ref(this.offsets(tables)), loose: this.ref(looseColumn),
    });
  }

  group({names, objects}, path, depth) {
    const columns = names.map((name) =>
      this.column(objects.map((object) => object[name]), `${path}.${name}`, depth));
    const writer = new PortableWriter();
    writer.value(names);
    return this.table(GroupSlot, {
      fields: this.ref(this.vector(writer.finish())), count: this.u32(objects.length),
      columns: this.ref(this.offsets(columns)),
    });
  }

  finish(rows, parts) {
    const narrow = this.vector(Buffer.concat(this.heaps.narrow));
    const wide = Uint16Array.from({length: this.heaps.wide.length},
                                  (_, i) => this.heaps.wide.charCodeAt(i));
    const wideVector = this.vector(wide);
    this.builder.finish(this.table(BatchSlot, {
      count: this.u32(rows.length), ...parts, encoding: this.u8(this.heaps.encoding),
      narrow: this.ref(narrow), wide: this.ref(wideVector),
    }));
    return this.builder.asUint8Array();
  }
}

function metadataOps(rows) {
  return Uint8Array.from(rows, (row) => {
    if (row.removeMetadata) return MetadataOp.Remove;
    return row.metadata === undefined ? MetadataOp.Keep : MetadataOp.Set;
  });
}

// `rows`: {key, value, op = Insert, metadata, removeMetadata}. Undefined fields of an update remove
// the stored field; those of an insert are absent.
export function encodeRows(rows, {encoding = Encoding.Utf16} = {}) {
  const encoder = new BatchEncoder(encoding);
  const ops = rows.map((row) => row.op ?? Op.Insert);
  const withValue = rows.filter((_, i) => ops[i] === Op.Insert || ops[i] === Op.Update);
  const updates = new Set(rows.filter((_, i) => ops[i] === Op.Update).map((row) => row.value));
  const namesOf = (object) =>
    (updates.has(object) ? Object.keys(object) : definedNames(object));
  const keys = encoder.column(rows.map((row) => row.key), 'key', 1);
  const values = encoder.objects(withValue.map((row) => row.value), 'row', 1, namesOf);
  const metadata = rows.filter((row) => row.metadata !== undefined).map((row) => row.metadata);
  const parts = {keys: encoder.ref(keys), values: encoder.ref(values)};
  if (ops.some((op) => op !== Op.Insert)) {
    parts.ops = encoder.ref(encoder.vector(Uint8Array.from(ops)));
  }
  if (metadata.length > 0 || rows.some((row) => row.removeMetadata)) {
    parts.metadataOps = encoder.ref(encoder.vector(metadataOps(rows)));
  }
  if (metadata.length > 0) parts.metadata = encoder.ref(encoder.column(metadata, 'metadata', 1));
  return encoder.finish(rows, parts);
}
