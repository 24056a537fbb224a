// Both implementations of texts answer alike, and the faster one is picked where it is there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bufferTextIo, portableTextIo, textIo } from '../../src/batch/text_io.js'
import { decodeWtf8, encodeWtf8 } from '../../src/batch/wtf8.js'
import { TEXT_IOS, withTextIo } from './support/text_ios.js'

const SIZES = [0, 1, 23, 24, 25, 100, 4095, 4096, 4097, 20000]

test(`Node has the methods of Buffer, and they are used`, () => {
  assert.notEqual(bufferTextIo, null)
  assert.equal(textIo, bufferTextIo)
  assert.notEqual(textIo, portableTextIo)
})

for (const [name, io] of TEXT_IOS) {
  test(`texts of ASCII of any size, ${name}`, () => {
    for (const size of SIZES) {
      const text = Array.from({ length: size }, (_, i) => String.fromCharCode(i % 128)).join(``)
      const bytes = new Uint8Array(3 * size + 10)
      assert.equal(io.writeAscii(bytes, 7, text), true)
      assert.equal(io.ascii(bytes, 7, 7 + size), text)
      for (const other of [`\x80`, `é`, `🚀`, `\ud800`]) {
        assert.equal(io.writeAscii(new Uint8Array(3 * size + 20), 7, text + other), false)
        assert.equal(io.writeAscii(new Uint8Array(3 * size + 20), 7, other + text), false)
      }
    }
  })

  test(`UTF-16 units of any number, lone surrogates included, ${name}`, () => {
    for (const size of SIZES) {
      const units = Uint16Array.from({ length: size }, (_, i) => (i * 7919 + 0xd7f0) & 0xffff)
      const text = Array.from(units, (unit) => String.fromCharCode(unit)).join(``)
      assert.equal(io.utf16(units), text)
    }
  })

  test(`WTF-8, ${name}`, () => {
    const texts = [``, `a`, `é東🚀`, `\ufeffx`, `\ud800`, `a\udc00é\ud83d`, `\ud7ff\ue000`, `é`.repeat(5000)]
    for (const text of texts) {
      const bytes = encodeWtf8(text)
      const padded = Uint8Array.of(0x80, ...bytes, 0xa0)
      assert.equal(withTextIo(io, () => decodeWtf8(padded, 1, 1 + bytes.length)), text)
    }
  })
}
