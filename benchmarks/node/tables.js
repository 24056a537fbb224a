// Reads the tables of a row batch by slot, through FlatBuffers' ByteBuffer: scalars, and vectors as
// typed arrays over the buffer itself. Columns become plain objects, a few dozen per batch.
import {ByteBuffer} from 'flatbuffers';
import {BatchSlot, ColumnSlot, GroupSlot, Kind, ObjectsSlot} from './batch_layout.js';
import {PortableReader} from './portable.js';

class Table {
  constructor(buffer, position) {
    this.buffer = buffer;
    this.position = position;
  }

  // Where a field's value stands, or 0.
  at(slot) {
    const offset = this.buffer.__offset(this.position, 4 + 2 * slot);
    return offset === 0 ? 0 : this.position + offset;
  }

  u8(slot) {
    const at = this.at(slot);
    return at === 0 ? 0 : this.buffer.readUint8(at);
  }

  u32(slot) {
    const at = this.at(slot);
    return at === 0 ? 0 : this.buffer.readUint32(at);
  }

  table(slot) {
    const at = this.at(slot);
    return at === 0 ? null : new Table(this.buffer, this.buffer.__indirect(at));
  }

  tables(slot) {
    const at = this.at(slot);
    if (at === 0) return [];
    const start = this.buffer.__vector(at);
    return Array.from({length: this.buffer.__vector_len(at)}, (_, i) =>
      new Table(this.buffer, this.buffer.__indirect(start + 4 * i)));
  }

  // A vector as a typed array; copied only where the buffer is not aligned for it.
  vector(slot, Type) {
    const at = this.at(slot);
    if (at === 0) return null;
    const bytes = this.buffer.bytes();
    const start = bytes.byteOffset + this.buffer.__vector(at);
    const length = this.buffer.__vector_len(at);
    if (start % Type.BYTES_PER_ELEMENT === 0) return new Type(bytes.buffer, start, length);
    return new Type(bytes.buffer.slice(start, start + length * Type.BYTES_PER_ELEMENT));
  }

  bytes(slot) {
    const vector = this.vector(slot, Uint8Array);
    return vector && Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  }
}

const NO_BYTES = Buffer.alloc(0);

function readColumn(table) {
  const child = table.table(ColumnSlot.child);
  const objects = table.table(ColumnSlot.objects);
  return {
    kind: table.u8(ColumnSlot.kind),
    count: table.u32(ColumnSlot.count),
    nulls: table.vector(ColumnSlot.nulls, Uint8Array),
    data: table.bytes(ColumnSlot.data) ?? NO_BYTES,
    ints: table.vector(ColumnSlot.ints, Int32Array),
    doubles: table.vector(ColumnSlot.doubles, Float64Array),
    ends: table.vector(ColumnSlot.ends, Uint32Array),
    codes: table.vector(ColumnSlot.codes, Uint8Array) ??
        table.vector(ColumnSlot.codes16, Uint16Array),
    child: child && readColumn(child),
    objects: objects && readObjects(objects),
    narrowStart: table.u32(ColumnSlot.narrowStart),
    wideStart: table.u32(ColumnSlot.wideStart),
  };
}

function readGroup(table) {
  const fields = new PortableReader(table.bytes(GroupSlot.fields)).value();
  const columns = table.tables(GroupSlot.columns).map(readColumn);
  const group = {fields, count: table.u32(GroupSlot.count), columns};
  group.signature = signatureOfGroup(group);
  return group;
}

export function readObjects(table) {
  const loose = table.table(ObjectsSlot.loose);
  return {
    count: table.u32(ObjectsSlot.count),
    groupOf: table.vector(ObjectsSlot.groupOf, Uint16Array),
    groups: table.tables(ObjectsSlot.groups).map(readGroup),
    loose: loose && readColumn(loose),
  };
}

// Whether all objects have one shape, so that they can be built where they stand.
export function isUniform(objects) {
  return objects.groupOf === null && objects.groups.length === 1;
}

// What the code that builds a group depends on: names and kinds, not values.
function signatureOfGroup({fields, columns}) {
  return `{${fields.map((name, i) => JSON.stringify(name) + signature(columns[i])).join()}}`;
}

function signature(column) {
  let text = `:${column.kind}`;
  if (column.nulls) text += 'n';
  if (column.kind === Kind.List) text += `[${signature(column.child)}]`;
  if (column.kind === Kind.Object && isUniform(column.objects)) {
    text += column.objects.groups[0].signature;
  }
  return text;
}

// The parts of a batch, its texts aside.
export function readBatch(bytes) {
  const buffer = new ByteBuffer(bytes);
  const table = new Table(buffer, buffer.readInt32(buffer.position()) + buffer.position());
  const keys = table.table(BatchSlot.keys);
  const values = table.table(BatchSlot.values);
  const metadata = table.table(BatchSlot.metadata);
  return {
    count: table.u32(BatchSlot.count),
    keys: keys && readColumn(keys),
    ops: table.vector(BatchSlot.ops, Uint8Array),
    values: values && readObjects(values),
    versions: table.vector(BatchSlot.versions, BigUint64Array),
    metadataOps: table.vector(BatchSlot.metadataOps, Uint8Array),
    metadata: metadata && readColumn(metadata),
    encoding: table.u8(BatchSlot.encoding),
    narrow: table.bytes(BatchSlot.narrow) ?? NO_BYTES,
    wide: table.vector(BatchSlot.wide, Uint16Array),
  };
}
