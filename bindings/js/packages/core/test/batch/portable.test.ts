// Portable values: what is written reads back, in the one form that core/value/ENCODING.md gives,
// with and without the methods of Buffer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readValue, writeValue } from '../../src/batch/index.js'
import { EVERY, corpus, nested } from './support/corpus.js'
import { assertSame } from './support/same.js'
import { TEXT_IOS, withTextIo } from './support/text_ios.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString(`hex`)

for (const [name, io] of TEXT_IOS) {
  test(`every value survives, ${name}`, () => {
    const values = [undefined, ...EVERY, EVERY, ...corpus().flatMap(({ rows }) => rows.map((row) => row.value))]
    for (const value of values) {
      const bytes = withTextIo(io, () => writeValue(value))
      assertSame(withTextIo(io, () => readValue(bytes)), value)
      const moved = new Uint8Array(bytes.length + 9).subarray(5, 5 + bytes.length)
      moved.set(bytes)
      assertSame(withTextIo(io, () => readValue(moved)), value)
    }
  })
}

test(`values take their one form`, () => {
  const forms: Array<[unknown, string]> = [
    [null, `00`], [false, `01`], [true, `02`], [undefined, `03`], [0, `20`], [31, `3f`],
    [32, `0420`], [-1, `04ff`], [-128, `0480`], [128, `058000`], [-32769, `06ff7fff`],
    [2 ** 31 - 1, `07ffffff7f`], [2 ** 31, `08000000800000`], [-(2 ** 47), `08000000000080`],
    [2 ** 47, `090000000000800000`], [-1 - 2 ** 47, `09ffffffffff7fffff`],
    [-0, `0a00000080`], [0.5, `0a0000003f`], [NaN, `0a0000c07f`], [0.1, `0b9a9999999999b93f`],
    [new Date(1), `0c010000000000`], [new Date(8.64e15), `0d0000dcc208b21e00`],
    [0n, `100100`], [-256n, `1003010001`], [Uint8Array.of(7), `110107`],
    [``, `80`], [`ab`, `826162`], [`a`.repeat(96), `1260${`61`.repeat(96)}`],
    [`é`, `1302c3a9`], [`\ud800`, `1303eda080`], [[], `140100`], [[1, `b`], `1404022181` + `62`],
    [{}, `15020000`], [{ é: null }, `15060001` + `02c3a9` + `00`],
  ]
  for (const [value, form] of forms) assert.equal(hex(writeValue(value)), form)
})

test(`bodies of every size of their size`, () => {
  for (const size of [125, 126, 127, 128, 129, 16380, 16384, 2 ** 21, 2 ** 21 + 5]) {
    const value = [new Uint8Array(size), [new Uint8Array(size)], { a: `é`.repeat(size) }]
    assertSame(readValue(writeValue(value)), value)
  }
})

test(`128 containers may stand in one another`, () => {
  const value = nested(128, (inner) => [inner], null)
  assertSame(readValue(writeValue(value)), value)
})

test(`an unknown tag is an error`, () => {
  assert.throws(() => readValue(Uint8Array.of(0xff)), TypeError)
})
