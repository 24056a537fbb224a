// Portable values (core/value/ENCODING.md, 'Values'): one value of any kind as bytes. They stand in
// columns of mixed types, in the names of a group, and wherever the C API takes or gives a value.
import { PortableReader } from './portable_reader.js'
import { PortableWriter } from './portable_writer.js'
import { Unkeepable, explain } from './values.js'

/** The value that portable bytes hold. */
export function readValue(bytes: Uint8Array): unknown {
  return new PortableReader(bytes).value()
}

/** A value as portable bytes; a TypeError names the path of what cannot be kept. */
export function writeValue(value: unknown): Uint8Array {
  const writer = new PortableWriter(true)
  try {
    writer.value(value, 0)
  } catch (error) {
    if (error instanceof Unkeepable) explain(value, `value`, 0, { where: ``, undefinedInArrays: true })
    throw error
  }
  return writer.bytes.slice(0, writer.at)
}
