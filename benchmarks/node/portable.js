// Portable values (core/value/ENCODING.md, 'Values'): one value of any kind as bytes. They stand in
// columns of mixed types, in the names of a group, and where objects have shapes of their own.
import {decodeWtf8, encodeWtf8, isAscii} from './wtf8.js';

export const MAX_DEPTH = 128;
const INTEGER_SIZES = [1, 2, 3, 4, 6, 8];  // of tags 04 to 09

// A field of an object, also where its name is `__proto__`.
export function setField(object, name, value) {
  if (name === '__proto__') {
    Object.defineProperty(object, name,
                          {value, writable: true, enumerable: true, configurable: true});
  } else {
    object[name] = value;
  }
}

function readInteger(bytes, at, size) {
  if (size === 8) return Number(bytes.readBigInt64LE(at));
  return bytes.readIntLE(at, size);
}

// Reads values from a Buffer, from `at` on.
export class PortableReader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  value() {
    return this.payload(this.bytes[this.at++]);
  }

  varint() {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  payload(tag) {
    if (tag >= 0x80) return this.ascii(tag - 0x80);
    if (tag >= 0x20 && tag <= 0x3f) return tag - 0x20;
    if (tag >= 0x04 && tag <= 0x09) return this.integer(INTEGER_SIZES[tag - 4]);
    switch (tag) {
      case 0x00: return null;
      case 0x01: return false;
      case 0x02: return true;
      case 0x03: return undefined;
      case 0x0a: this.at += 4; return this.bytes.readFloatLE(this.at - 4);
      case 0x0b: this.at += 8; return this.bytes.readDoubleLE(this.at - 8);
      case 0x0c: return new Date(this.integer(6));
      case 0x0d: return new Date(this.integer(8));
    }
    return this.sized(tag);
  }

  integer(size) {
    this.at += size;
    return readInteger(this.bytes, this.at - size, size);
  }

  ascii(size) {
    this.at += size;
    return this.bytes.latin1Slice(this.at - size, this.at);
  }

  sized(tag) {
    const size = this.varint();
    const start = this.at;
    if (tag === 0x14) return this.array();
    if (tag === 0x15) return this.object();
    this.at += size;
    switch (tag) {
      case 0x10: return this.bigint(start, this.at);
      case 0x11: return new Uint8Array(this.bytes.subarray(start, this.at));
      case 0x12: return this.bytes.latin1Slice(start, this.at);
      case 0x13: return decodeWtf8(this.bytes, start, this.at);
    }
    throw new TypeError(`unknown tag ${tag} in a portable value`);
  }

  bigint(start, end) {
    let value = 0n;
    for (let at = end - 1; at > start; at--) value = (value << 8n) | BigInt(this.bytes[at]);
    return this.bytes[start] === 1 ? -value : value;
  }

  array() {
    const count = this.varint();
    const tags = this.at;
    this.at += count;
    const values = new Array(count);
    for (let i = 0; i < count; i++) values[i] = this.payload(this.bytes[tags + i]);
    return values;
  }

  object() {
    if (this.varint() !== 0) throw new TypeError('an object of a portable value names a shape');
    const names = new Array(this.varint());
    for (let i = 0; i < names.length; i++) {
      const size = this.varint();
      this.at += size;
      names[i] = decodeWtf8(this.bytes, this.at - size, this.at);
    }
    const tags = this.at;
    this.at += names.length;
    const object = {};
    for (let i = 0; i < names.length; i++) {
      setField(object, names[i], this.payload(this.bytes[tags + i]));
    }
    return object;
  }
}

// What a value is to Cairn; throws for what it does not keep, naming the path.
export function classOf(value, path) {
  switch (typeof value) {
    case 'string': return 'text';
    case 'number': return 'number';
    case 'boolean': return 'bool';
    case 'bigint': return 'bigint';
    case 'undefined': return 'undefined';
    case 'object': return classOfObject(value, path);
  }
  throw new TypeError(`${path}: a ${typeof value} cannot be kept`);
}

function classOfObject(value, path) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new TypeError(`${path}: an invalid date`);
    return 'date';
  }
  if (value instanceof Uint8Array) return 'bytes';
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`${path}: a ${prototype.constructor?.name} cannot be kept`);
  }
  return 'object';
}

// The names of an object's fields that have a value: undefined means absence.
export function definedNames(object) {
  return Object.keys(object).filter((name) => object[name] !== undefined);
}

// Writes portable values into a buffer that grows.
export class PortableWriter {
  constructor() {
    this.bytes = Buffer.allocUnsafe(1024);
    this.at = 0;
  }

  finish() {
    return this.bytes.subarray(0, this.at);
  }

  // Room for `size` bytes; gives where they begin.
  room(size) {
    if (this.at + size > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + size));
      this.bytes.copy(grown, 0, 0, this.at);
      this.bytes = grown;
    }
    this.at += size;
    return this.at - size;
  }

  put(bytes) {
    const at = this.room(bytes.length);  // may replace this.bytes
    this.bytes.set(bytes, at);
  }

  byte(value) {
    const at = this.room(1);
    this.bytes[at] = value;
  }

  varint(value) {
    for (; value >= 0x80; value = Math.floor(value / 128)) this.byte((value % 128) | 0x80);
    this.byte(value);
  }

  // One value: its tag, then its payload.
  value(value, path = 'value', depth = 0) {
    this.tuple([value], () => path, depth);
  }

  // Tags of all values, then their payloads.
  tuple(values, pathOf, depth) {
    const tags = this.room(values.length);
    values.forEach((value, i) => {
      const tag = this.payload(value, pathOf(i), depth);
      this.bytes[tags + i] = tag;
    });
  }

  // Appends a payload and gives its tag.
  payload(value, path, depth) {
    switch (classOf(value, path)) {
      case 'null': return 0x00;
      case 'bool': return value ? 0x02 : 0x01;
      case 'undefined': return 0x03;
      case 'number': return this.number(value);
      case 'date': return this.date(value.getTime());
      case 'bigint': return this.bigint(value);
      case 'bytes': return this.sized(0x11, value);
      case 'text': return this.text(value);
      case 'array': return this.nested(0x14, path, depth, () => this.array(value, path, depth));
      default: return this.nested(0x15, path, depth, () => this.object(value, path, depth));
    }
  }

  sized(tag, bytes) {
    this.varint(bytes.length);
    this.put(bytes);
    return tag;
  }

  number(value) {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return this.integer(value);
    if (Object.is(Math.fround(value), value)) {
      const at = this.room(4);
      this.bytes.writeFloatLE(value, at);
      return 0x0a;
    }
    const at = this.room(8);
    this.bytes.writeDoubleLE(value, at);
    return 0x0b;
  }

  integer(value) {
    if (value >= 0 && value < 32) return 0x20 + value;
    const which = INTEGER_SIZES.findIndex((size) => size === 8 || Math.abs(value + 0.5) < 2 ** (8 * size - 1));
    this.writeInteger(value, INTEGER_SIZES[which]);
    return 0x04 + which;
  }

  writeInteger(value, size) {
    const at = this.room(size);
    if (size === 8) this.bytes.writeBigInt64LE(BigInt(value), at);
    else this.bytes.writeIntLE(value, at, size);
  }

  date(ms) {
    const size = Math.abs(ms + 0.5) < 2 ** 47 ? 6 : 8;
    this.writeInteger(ms, size);
    return size === 6 ? 0x0c : 0x0d;
  }

  bigint(value) {
    const payload = [value < 0n ? 1 : 0];
    for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 8n) {
      payload.push(Number(rest & 0xffn));
    }
    return this.sized(0x10, payload);
  }

  text(value) {
    if (!isAscii(value)) return this.sized(0x13, encodeWtf8(value));
    const bytes = Buffer.from(value, 'latin1');
    if (bytes.length >= 96) return this.sized(0x12, bytes);
    this.put(bytes);
    return 0x80 + bytes.length;
  }

  // A body with its size before it: written behind, then moved by the size's own bytes.
  nested(tag, path, depth, body) {
    if (depth >= MAX_DEPTH) throw new TypeError(`${path}: nested more than ${MAX_DEPTH} deep`);
    const start = this.at;
    body();
    const size = this.at - start;
    this.varint(size);
    const width = this.at - start - size;
    const prefix = Buffer.from(this.bytes.subarray(start + size, this.at));
    this.bytes.copyWithin(start + width, start, start + size);
    this.bytes.set(prefix, start);
    return tag;
  }

  array(values, path, depth) {
    this.varint(values.length);
    this.tuple(values, (i) => `${path}[${i}]`, depth + 1);
  }

  object(object, path, depth) {
    const names = definedNames(object);
    this.varint(0);
    this.varint(names.length);
    for (const name of names) {
      const bytes = encodeWtf8(name);
      this.varint(bytes.length);
      this.put(bytes);
    }
    this.tuple(names.map((name) => object[name]), (i) => `${path}.${names[i]}`, depth + 1);
  }
}
