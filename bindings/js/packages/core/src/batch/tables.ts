// Reads the tables of a row batch by slot, through FlatBuffers' ByteBuffer: scalars, and vectors as
// typed arrays over the buffer itself. Columns become plain objects, a few dozen per batch.
import { ByteBuffer } from 'flatbuffers'
import { BatchSlot, ColumnSlot, GroupSlot, ObjectsSlot } from './layout.js'
import { PortableReader } from './portable_reader.js'

export interface Column {
  kind: number
  count: number
  nulls: Uint8Array | null
  data: Uint8Array
  ints: Int32Array | null
  doubles: Float64Array | null
  ends: Uint32Array | null
  codes: Uint8Array | Uint16Array | null
  child: Column | null
  objects: Objects | null
  narrowStart: number
  wideStart: number
}

export interface Group {
  fields: Array<string>
  count: number
  columns: Array<Column>
}

export interface Objects {
  count: number
  groupOf: Uint16Array | null
  groups: Array<Group>
  loose: Column | null
}

/** The parts of a batch, its texts undecoded. */
export interface BatchTables {
  count: number
  keys: Column | null
  ops: Uint8Array | null
  values: Objects | null
  versions: BigUint64Array | null
  metadataOps: Uint8Array | null
  metadata: Column | null
  encoding: number
  narrow: Uint8Array
  wide: Uint16Array | null
}

interface VectorType<T> {
  new (buffer: ArrayBufferLike, offset?: number, length?: number): T
  readonly BYTES_PER_ELEMENT: number
}

const NO_BYTES = new Uint8Array(0)

class Table {
  constructor(
    private readonly buffer: ByteBuffer,
    private readonly position: number,
  ) {}

  // Where a field's value stands, or 0.
  private at(slot: number): number {
    const offset = this.buffer.__offset(this.position, 4 + 2 * slot)
    return offset === 0 ? 0 : this.position + offset
  }

  u8(slot: number): number {
    const at = this.at(slot)
    return at === 0 ? 0 : this.buffer.readUint8(at)
  }

  u32(slot: number): number {
    const at = this.at(slot)
    return at === 0 ? 0 : this.buffer.readUint32(at)
  }

  table(slot: number): Table | null {
    const at = this.at(slot)
    return at === 0 ? null : new Table(this.buffer, this.buffer.__indirect(at))
  }

  tables(slot: number): Array<Table> {
    const at = this.at(slot)
    const tables: Array<Table> = []
    if (at === 0) return tables
    const start = this.buffer.__vector(at)
    const end = start + 4 * this.buffer.__vector_len(at)
    for (let i = start; i < end; i += 4) {
      tables.push(new Table(this.buffer, this.buffer.__indirect(i)))
    }
    return tables
  }

  // A vector as a typed array; copied only where the buffer is not aligned for it.
  vector<T>(slot: number, Type: VectorType<T>): T | null {
    const at = this.at(slot)
    if (at === 0) return null
    const bytes = this.buffer.bytes()
    const start = bytes.byteOffset + this.buffer.__vector(at)
    const length = this.buffer.__vector_len(at)
    if (start % Type.BYTES_PER_ELEMENT === 0) return new Type(bytes.buffer, start, length)
    return new Type(bytes.buffer.slice(start, start + length * Type.BYTES_PER_ELEMENT))
  }

  bytes(slot: number): Uint8Array {
    return this.vector(slot, Uint8Array) ?? NO_BYTES
  }
}

function readColumn(table: Table): Column {
  const child = table.table(ColumnSlot.child)
  const objects = table.table(ColumnSlot.objects)
  return {
    kind: table.u8(ColumnSlot.kind),
    count: table.u32(ColumnSlot.count),
    nulls: table.vector(ColumnSlot.nulls, Uint8Array),
    data: table.bytes(ColumnSlot.data),
    ints: table.vector(ColumnSlot.ints, Int32Array),
    doubles: table.vector(ColumnSlot.doubles, Float64Array),
    ends: table.vector(ColumnSlot.ends, Uint32Array),
    codes:
      table.vector(ColumnSlot.codes, Uint8Array) ?? table.vector(ColumnSlot.codes16, Uint16Array),
    child: child && readColumn(child),
    objects: objects && readObjects(objects),
    narrowStart: table.u32(ColumnSlot.narrowStart),
    wideStart: table.u32(ColumnSlot.wideStart),
  }
}

function readGroup(table: Table): Group {
  return {
    fields: new PortableReader(table.bytes(GroupSlot.fields)).value() as Array<string>,
    count: table.u32(GroupSlot.count),
    columns: table.tables(GroupSlot.columns).map(readColumn),
  }
}

function readObjects(table: Table): Objects {
  const loose = table.table(ObjectsSlot.loose)
  return {
    count: table.u32(ObjectsSlot.count),
    groupOf: table.vector(ObjectsSlot.groupOf, Uint16Array),
    groups: table.tables(ObjectsSlot.groups).map(readGroup),
    loose: loose && readColumn(loose),
  }
}

/** Whether all objects have one shape, so that they can be built where they stand. */
export function isUniform(objects: Objects): boolean {
  return objects.groupOf === null && objects.groups.length === 1
}

export function readBatch(bytes: Uint8Array): BatchTables {
  const buffer = new ByteBuffer(bytes)
  const table = new Table(buffer, buffer.readInt32(buffer.position()) + buffer.position())
  const keys = table.table(BatchSlot.keys)
  const values = table.table(BatchSlot.values)
  const metadata = table.table(BatchSlot.metadata)
  return {
    count: table.u32(BatchSlot.count),
    keys: keys && readColumn(keys),
    ops: table.vector(BatchSlot.ops, Uint8Array),
    values: values && readObjects(values),
    versions: table.vector(BatchSlot.versions, BigUint64Array),
    metadataOps: table.vector(BatchSlot.metadataOps, Uint8Array),
    metadata: metadata && readColumn(metadata),
    encoding: table.u8(BatchSlot.encoding),
    narrow: table.bytes(BatchSlot.narrow),
    wide: table.vector(BatchSlot.wide, Uint16Array),
  }
}
