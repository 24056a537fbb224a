// Both implementations of texts: tests run with each.
import { bufferTextIo, portableTextIo, textIo, useTextIo } from '../../../src/batch/text_io.js'
import type { TextIo } from '../../../src/batch/text_io.js'

export const TEXT_IOS: Array<[string, TextIo]> = [
  [`methods of Buffer`, bufferTextIo!],
  [`portable`, portableTextIo],
]

export function withTextIo<T>(io: TextIo, work: () => T): T {
  const before = textIo
  useTextIo(io)
  try {
    return work()
  } finally {
    useTextIo(before)
  }
}
