// The codec of row batches and of portable values: what the engine takes and gives as bytes, as
// plain JavaScript values. It needs nothing of any platform.
export { decodeBatch, decodeRows } from './decode.js'
export { encodeBatches, encodeRows } from './encode.js'
export { Encoding, MetadataOp, Op } from './layout.js'
export { readValue, writeValue } from './portable.js'
export type { DecodedBatch, DecodedRow, DecodeOptions } from './decode.js'
export type { EncodeOptions, SplitOptions } from './encode.js'
export type { EncodableRow } from './row_parts.js'
export type { Fields } from './values.js'
