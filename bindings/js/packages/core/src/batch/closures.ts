// Builds objects from columns without generating code: one closure per column, which gives its
// values in order. It serves where a content security policy forbids `new Function`, and groups too
// small or too wide to be worth compiling.
import { anyValues } from './groups.js'
import { Kind } from './layout.js'
import { PortableReader } from './portable_reader.js'
import { setField } from './values.js'
import type { Heaps } from './heaps.js'
import type { Column, Group, Objects } from './tables.js'
import type { Fields } from './values.js'

/** Gives value 0, then 1 and so on; the order matters. */
export type Reader = (i: number) => unknown
export type BuildObjects = (objects: Objects) => Array<Fields>

function textReader(column: Column, heaps: Heaps): Reader {
  const ends = column.ends!
  let narrow = column.narrowStart
  let wide = column.wideStart
  return (i) => {
    const end = ends[i] >>> 1
    if (ends[i] & 1) {
      const text = heaps.wide.substring(wide, end)
      wide = end
      return text
    }
    const text = heaps.narrow.substring(narrow, end)
    narrow = end
    return text
  }
}

function listReader(column: Column, heaps: Heaps, build: BuildObjects): Reader {
  const ends = column.ends!
  const items = columnValues(column.child!, heaps, build)
  let start = 0
  return (i) => items.slice(start, (start = ends[i]))
}

function dictReader(column: Column, heaps: Heaps, build: BuildObjects): Reader {
  const codes = column.codes!
  const texts = columnValues(column.child!, heaps, build)
  return (i) => texts[codes[i]]
}

function bytesReader(column: Column): Reader {
  const { data } = column
  const ends = column.ends!
  let start = 0
  return (i) => data.slice(start, (start = ends[i]))
}

function taggedReader(column: Column): Reader {
  const ends = column.ends!
  const reader = new PortableReader(column.data)
  return (i) => {
    reader.at = i === 0 ? 0 : ends[i - 1]
    return reader.value()
  }
}

function objectReader(column: Column, build: BuildObjects): Reader {
  const objects = build(column.objects!)
  let next = 0
  return () => objects[next++]
}

function presentReader(column: Column, heaps: Heaps, build: BuildObjects): Reader {
  const { data, ints, doubles } = column
  switch (column.kind) {
    case Kind.Null: return () => null
    case Kind.Bool: return (i) => data[i] === 1
    case Kind.Int32: return (i) => ints![i]
    case Kind.Float64: return (i) => doubles![i]
    case Kind.Date: return (i) => new Date(doubles![i])
    case Kind.Text: return textReader(column, heaps)
    case Kind.TextDict: return dictReader(column, heaps, build)
    case Kind.Bytes: return bytesReader(column)
    case Kind.List: return listReader(column, heaps, build)
    case Kind.Object: return objectReader(column, build)
    case Kind.Tagged: return taggedReader(column)
  }
  throw new TypeError(`unknown kind of column ${column.kind}`)
}

export function columnReader(column: Column, heaps: Heaps, build: BuildObjects): Reader {
  const present = presentReader(column, heaps, build)
  const { nulls } = column
  if (nulls === null) return present
  return (i) => ((nulls[i >> 3] >> (i & 7)) & 1 ? null : present(i))
}

export function columnValues(column: Column, heaps: Heaps, build: BuildObjects): Array<unknown> {
  const read = columnReader(column, heaps, build)
  const values = anyValues()
  for (let i = 0; i < column.count; i++) values.push(read(i))
  return values
}

export function buildGroupByClosures(group: Group, heaps: Heaps, build: BuildObjects): Array<Fields> {
  const readers = group.columns.map((column) => columnReader(column, heaps, build))
  const objects = anyValues() as Array<Fields>
  for (let i = 0; i < group.count; i++) {
    const object: Fields = {}
    for (let k = 0; k < readers.length; k++) setField(object, group.fields[k], readers[k](i))
    objects.push(object)
  }
  return objects
}
