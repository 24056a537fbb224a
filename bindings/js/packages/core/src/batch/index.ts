// The codec of row batches and of portable values: what the engine takes and gives as bytes, as
// plain JavaScript values. It needs nothing of any platform.
export { decodeBatch, decodeRows } from './decode.js'
export { encodeRows } from './encode.js'
export { Encoding, MetadataOp, Op } from './layout.js'
export { readValue, writeValue } from './portable.js'
export { encodeBatches } from './split.js'
export type { DecodedBatch, DecodedRow, DecodeOptions } from './decode.js'
export type { EncodableRow, EncodeOptions } from './encode.js'
export type { SplitOptions } from './split.js'
export type { Fields } from './values.js'
