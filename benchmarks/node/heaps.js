// The two text heaps of a batch, each decoded once. With Utf16 the narrow heap is ASCII and becomes
// a one-byte string; with Utf8 it does so too where it happens to be ASCII, else each text is
// decoded on its own. `narrow` and `wide` answer `substring(start, end)` in any case.
import {isAscii} from 'node:buffer';
import {Encoding} from './batch_layout.js';
import {decodeWtf8} from './wtf8.js';

class BytesAsText {
  constructor(bytes) {
    this.bytes = bytes;
  }

  substring(start, end) {
    return decodeWtf8(this.bytes, start, end);
  }
}

export function readHeaps({encoding, narrow, wide}) {
  const ascii = encoding === Encoding.Utf16 || isAscii(narrow);
  return {
    narrow: ascii ? narrow.latin1Slice(0, narrow.length) : new BytesAsText(narrow),
    wide: wide === null ? '' :
        Buffer.from(wide.buffer, wide.byteOffset, wide.byteLength).ucs2Slice(0, wide.byteLength),
  };
}
