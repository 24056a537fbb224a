// Reads the tables of a row batch by slot: scalars, and vectors as typed arrays over the buffer itself.
// Columns become plain objects, a few dozen per batch. FlatBuffers' own accessors look a field up in
// several calls and make a TextDecoder for each buffer, which is most of the work for a batch of few rows.
import { BatchSlot, ColumnSlot, GroupSlot, Kind, ObjectsSlot } from './layout.js'
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

// A table of FlatBuffers (https://flatbuffers.dev/internals): where its fields stand is in a list of
// 16-bit numbers, which begins with its own size and the table's; offsets are from where they stand.
class Table {
  private readonly list: number
  private readonly listSize: number

  constructor(
    private readonly view: DataView,
    private readonly position: number,
  ) {
    this.list = position - view.getInt32(position, true)
    this.listSize = view.getUint16(this.list, true)
  }

  static root(bytes: Uint8Array): Table {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return new Table(view, view.getUint32(0, true))
  }

  // Where a field's value stands, or 0.
  private at(slot: number): number {
    const entry = 4 + 2 * slot
    if (entry >= this.listSize) return 0
    const offset = this.view.getUint16(this.list + entry, true)
    return offset === 0 ? 0 : this.position + offset
  }

  // What the offset at `at` points to.
  private target(at: number): number {
    return at + this.view.getUint32(at, true)
  }

  u8(slot: number): number {
    const at = this.at(slot)
    return at === 0 ? 0 : this.view.getUint8(at)
  }

  u32(slot: number): number {
    const at = this.at(slot)
    return at === 0 ? 0 : this.view.getUint32(at, true)
  }

  table(slot: number): Table | null {
    const at = this.at(slot)
    return at === 0 ? null : new Table(this.view, this.target(at))
  }

  tables(slot: number): Array<Table> {
    const at = this.at(slot)
    const tables: Array<Table> = []
    if (at === 0) return tables
    const start = this.target(at)
    const end = start + 4 * this.view.getUint32(start, true)
    for (let i = start; i < end; i += 4) tables.push(new Table(this.view, this.target(i + 4)))
    return tables
  }

  // A vector as a typed array; copied only where the buffer is not aligned for it.
  vector<T>(slot: number, Type: VectorType<T>): T | null {
    const at = this.at(slot)
    if (at === 0) return null
    const { buffer, byteOffset } = this.view
    const target = this.target(at)
    const start = byteOffset + target + 4
    const length = this.view.getUint32(target, true)
    if (start % Type.BYTES_PER_ELEMENT === 0) return new Type(buffer, start, length)
    return new Type(buffer.slice(start, start + length * Type.BYTES_PER_ELEMENT))
  }

  bytes(slot: number): Uint8Array {
    return this.vector(slot, Uint8Array) ?? NO_BYTES
  }
}

function emptyColumn(table: Table): Column {
  return {
    kind: table.u8(ColumnSlot.kind),
    count: table.u32(ColumnSlot.count),
    nulls: table.vector(ColumnSlot.nulls, Uint8Array),
    data: NO_BYTES,
    ints: null,
    doubles: null,
    ends: null,
    codes: null,
    child: null,
    objects: null,
    narrowStart: 0,
    wideStart: 0,
  }
}

const readEnds = (table: Table) => table.vector(ColumnSlot.ends, Uint32Array)
const readCodes = (table: Table) =>
  table.vector(ColumnSlot.codes, Uint8Array) ?? table.vector(ColumnSlot.codes16, Uint16Array)

// Reads what columns of its kind have: a batch of a few rows has little else to be read.
function readColumn(table: Table): Column {
  const column = emptyColumn(table)
  switch (column.kind) {
    case Kind.Bool:
      column.data = table.bytes(ColumnSlot.data)
      break
    case Kind.Int32:
      column.ints = table.vector(ColumnSlot.ints, Int32Array)
      break
    case Kind.Float64:
    case Kind.Date:
      column.doubles = table.vector(ColumnSlot.doubles, Float64Array)
      break
    case Kind.Text:
      column.ends = readEnds(table)
      column.narrowStart = table.u32(ColumnSlot.narrowStart)
      column.wideStart = table.u32(ColumnSlot.wideStart)
      break
    case Kind.TextDict:
      column.codes = readCodes(table)
      column.child = readColumn(table.table(ColumnSlot.child)!)
      break
    case Kind.Bytes:
    case Kind.Tagged:
      column.ends = readEnds(table)
      column.data = table.bytes(ColumnSlot.data)
      break
    case Kind.List:
      column.ends = readEnds(table)
      column.child = readColumn(table.table(ColumnSlot.child)!)
      break
    case Kind.Object:
      column.objects = readObjects(table.table(ColumnSlot.objects)!)
      break
  }
  return column
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
  const table = Table.root(bytes)
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
