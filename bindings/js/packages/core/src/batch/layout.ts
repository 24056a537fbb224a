// The numbers of schemas/batch.fbs: kinds, ops and the slot of each field in its table. Reading
// and writing go by slot, so that a column is one typed array over the buffer and no object is made
// per value.

export const Kind = {
  Null: 0,
  Bool: 1,
  Int32: 2,
  Float64: 3,
  Date: 4,
  Text: 5,
  TextDict: 6,
  Bytes: 7,
  List: 8,
  Object: 9,
  Tagged: 10,
} as const
export type Kind = (typeof Kind)[keyof typeof Kind]

/** What happens to a row's value. Touch leaves it and serves changes of metadata alone. */
export const Op = { Insert: 0, Update: 1, Delete: 2, Touch: 3 } as const
export type Op = (typeof Op)[keyof typeof Op]

export const MetadataOp = { Keep: 0, Set: 1, Remove: 2 } as const
export type MetadataOp = (typeof MetadataOp)[keyof typeof MetadataOp]

/** Whether texts outside ASCII are kept as WTF-8 or as UTF-16. */
export const Encoding = { Utf8: 0, Utf16: 1 } as const
export type Encoding = (typeof Encoding)[keyof typeof Encoding]

export const LOOSE = 65535
export const MAX_GROUPS = 256
export const MAX_COLUMN_DEPTH = 16
export const MAX_DEPTH = 128
export const MAX_FIELDS = 65535
export const MAX_BATCH_BYTES = 64 * 1024 * 1024

export const ColumnSlot = {
  kind: 0,
  nulls: 1,
  data: 2,
  ints: 3,
  doubles: 4,
  ends: 5,
  codes: 6,
  codes16: 7,
  child: 8,
  objects: 9,
  narrowStart: 10,
  wideStart: 11,
  count: 12,
} as const
export const COLUMN_SLOTS = 13

export const GroupSlot = { fields: 0, count: 1, columns: 2 } as const
export const GROUP_SLOTS = 3

export const ObjectsSlot = { count: 0, groupOf: 1, groups: 2, loose: 3 } as const
export const OBJECTS_SLOTS = 4

export const BatchSlot = {
  count: 0,
  keys: 1,
  ops: 2,
  values: 3,
  versions: 4,
  metadataOps: 5,
  metadata: 6,
  encoding: 7,
  narrow: 8,
  wide: 9,
} as const
export const BATCH_SLOTS = 10
