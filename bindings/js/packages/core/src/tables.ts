// What the tables of requests and results have in common: building one into bytes, and portable
// values in them.
import { Builder, ByteBuffer } from 'flatbuffers'
import { readValue, writeValue } from './batch/index.js'
import { MetadataEntry } from './schemas/index.js'
import type { Offset } from 'flatbuffers'

/** A change of collection metadata; `undefined` removes the entry. */
export type MetadataChange = { key: string; value: unknown }

const FIRST_SIZE = 1024
// What the builder may keep for the next table.
const KEPT = 1024 * 1024

// Its memory serves table after table. It is taken away while in use, so that a getter of a value may
// have a table built, and left to be collected where one failed half-way.
let spare: Builder | null = null

export function buildTable(put: (builder: Builder) => Offset): Uint8Array {
  const builder = spare ?? new Builder(FIRST_SIZE)
  spare = null
  builder.finish(put(builder))
  const bytes = builder.asUint8Array().slice()
  if (builder.dataBuffer().capacity() > KEPT) return bytes
  builder.clear()
  spare = builder
  return bytes
}

export function tableOf(bytes: Uint8Array): ByteBuffer {
  return new ByteBuffer(bytes)
}

export function putValue(builder: Builder, value: unknown): Offset {
  return builder.createByteVector(writeValue(value))
}

export function putString(builder: Builder, text: string | undefined): Offset {
  return text === undefined ? 0 : builder.createString(text)
}

export function putOffsets(builder: Builder, offsets: ReadonlyArray<Offset>): Offset {
  builder.startVector(4, offsets.length, 4)
  for (let i = offsets.length - 1; i >= 0; i--) builder.addOffset(offsets[i]!)
  return builder.endVector()
}

export function putStrings(builder: Builder, texts: ReadonlyArray<string>): Offset {
  return putOffsets(builder, texts.map((text) => builder.createString(text)))
}

export function putMetadata(builder: Builder, changes: ReadonlyArray<MetadataChange>): Offset {
  const entries = changes.map(({ key, value }) => {
    const name = builder.createString(key)
    const bytes = value === undefined ? 0 : putValue(builder, value)
    MetadataEntry.startMetadataEntry(builder)
    MetadataEntry.addKey(builder, name)
    if (bytes !== 0) MetadataEntry.addValue(builder, bytes)
    return MetadataEntry.endMetadataEntry(builder)
  })
  return putOffsets(builder, entries)
}

/** The entries of a table's vector; those without a value were removed. */
export function readMetadata(table: {
  metadataLength: () => number
  metadata: (i: number) => MetadataEntry | null
}): Array<MetadataChange> {
  return Array.from({ length: table.metadataLength() }, (_, i) => readEntry(table.metadata(i)!))
}

export function readEntry(entry: MetadataEntry): MetadataChange {
  const bytes = entry.valueArray()
  return { key: entry.key()!, value: bytes === null ? undefined : readValue(bytes) }
}
