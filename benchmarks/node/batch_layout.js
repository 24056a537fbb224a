// The numbers of schemas/batch.fbs: kinds, ops and the slot of each field in its table. Reading
// and writing use FlatBuffers' own accessors by slot, so that a column is one typed array over the
// buffer and no object is made per value.

export const Kind = Object.freeze({
  Null: 0, Bool: 1, Int32: 2, Float64: 3, Date: 4, Text: 5, TextDict: 6, Bytes: 7, List: 8,
  Object: 9, Tagged: 10,
});

export const Op = Object.freeze({Insert: 0, Update: 1, Delete: 2, Touch: 3});
export const MetadataOp = Object.freeze({Keep: 0, Set: 1, Remove: 2});
export const Encoding = Object.freeze({Utf8: 0, Utf16: 1});

export const LOOSE = 65535;
export const MAX_GROUPS = 256;
export const MAX_COLUMN_DEPTH = 16;

export const ColumnSlot = Object.freeze({
  kind: 0, nulls: 1, data: 2, ints: 3, doubles: 4, ends: 5, codes: 6, codes16: 7, child: 8,
  objects: 9, narrowStart: 10, wideStart: 11, count: 12,
});
export const GroupSlot = Object.freeze({fields: 0, count: 1, columns: 2});
export const ObjectsSlot = Object.freeze({count: 0, groupOf: 1, groups: 2, loose: 3});
export const BatchSlot = Object.freeze({
  count: 0, keys: 1, ops: 2, values: 3, versions: 4, metadataOps: 5, metadata: 6, encoding: 7,
  narrow: 8, wide: 9,
});
