// Text as WTF-8: UTF-8 in which a lone surrogate may stand. JavaScript strings may hold lone
// surrogates, and its own encoders replace them, so texts that have some take the slow path here.

// Whether bytes may hold a surrogate: only those begin with ED followed by A0 or more.
function mayHoldSurrogate(bytes, start, end) {
  for (let at = bytes.indexOf(0xed, start); at >= 0 && at + 1 < end; at = bytes.indexOf(0xed, at + 1)) {
    if (bytes[at + 1] >= 0xa0) return true;
  }
  return false;
}

function decodeSlowly(bytes, start, end) {
  let text = '';
  for (let i = start; i < end;) {
    const lead = bytes[i];
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let code = size === 1 ? lead : lead & (0xff >> (size + 1));
    for (let k = 1; k < size; k++) code = (code << 6) | (bytes[i + k] & 0x3f);
    text += String.fromCodePoint(code);
    i += size;
  }
  return text;
}

// `bytes` is a Buffer.
export function decodeWtf8(bytes, start, end) {
  if (mayHoldSurrogate(bytes, start, end)) return decodeSlowly(bytes, start, end);
  return bytes.utf8Slice(start, end);
}

function encodeSlowly(text) {
  const out = [];
  for (const character of text) {
    const code = character.codePointAt(0);
    if (code < 0x80) {
      out.push(code);
    } else if (code < 0x800) {
      out.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    } else {
      out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f),
               0x80 | (code & 0x3f));
    }
  }
  return Buffer.from(out);
}

export function encodeWtf8(text) {
  // String.prototype.isWellFormed is not in Node 18.
  return /\p{Surrogate}/u.test(text) ? encodeSlowly(text) : Buffer.from(text, 'utf8');
}

// eslint-disable-next-line no-control-regex
const BEYOND_ASCII = /[^\x00-\x7f]/;

export function isAscii(text) {
  return !BEYOND_ASCII.test(text);
}
