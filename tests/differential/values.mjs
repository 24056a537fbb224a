// The values that rows and constants are made of: small pools, so that values meet their equals,
// and one of each kind of trouble. What is picked to be used is a copy.
import {copy} from './json.mjs';

const bytes = (...list) => Uint8Array.from(list);
const date = (ms) => new Date(ms);

export const POOLS = {
  boolean: [true, false],
  small: [0, 1, 2, 3, -1, 10],
  number: [
    0,         -0,          NaN,         Infinity,
    -Infinity, 5e-324,      -5e-324,     2.2250738585072014e-308,
    2 ** 53,   2 ** 53 - 1, 2 ** 53 + 2, -(2 ** 53),
    1.5,       0.1,         -2.5,        2 ** 31,
    2 ** 63,   1e21,        1e300,       1700000000000
  ],
  bigint: [
    0n, 1n, -1n, 2n, 10n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n, -(2n ** 64n), 10n ** 30n,
    -(10n ** 400n), 10n ** 400n
  ],
  ascii: ['', 'a', 'b', 'ab', 'A', 'B', 'abc', 'aa', 'Zed', 'zed', 'a b'],
  numeric: [
    '10',
    '9',
    ' 5 ',
    '0x10',
    '1e3',
    '',
    'Infinity',
    '-0',
    '1',
    '0b11',
    '007',
    '5n',
    '1_000',
    '\u00a07\n',
    '.5',
    '-1',
    '9007199254740993',
    '1.0',
    '-0x1',
    '123456789012345678901234567890'
  ],
  unicode: [
    'ä', 'Ä', 'a\u0308', 'z',      'Z',    'ß',    'ẞ', 'SS', 'ss',     'İ',      'i',
    'I', 'ı', 'Σ',       'ΟΔΟΣ',   'οδος', 'οδοσ', 'ﬁ', 'FI', 'é',      'ǆ',      'ǅ',
    'ŉ', 'ΐ', 'Å',       '\u212b', 'å',    'ö',    'o', 'ﬁx', 'straße', 'STRASSE'
  ],
  units: [
    '😀', '\uffff', '\ue000', '𐐀', '𐐨', '\ud800', '\udc00', 'a\ud83d', '\ude00', '\0', 'a\0b', 'a',
    '\ud7ff', '\u{10ffff}'
  ],
  pattern: ['%', '_', 'a%b', 'a_b', '100%', '%%', 'a\\%b', '', 'a%', '_b', 'axb', 'a\nb'],
  date: [
    0, 1, -1, 1700000000000, 1700000000001, 1700000000999, 1700000001000, -62135596800000,
    -62198755200000, 8.64e15, -8.64e15, 253402300800000, 1730613600000, 1730617200000
  ].map(date),
  isoDate: [
    '2025-11-03', '2025-11-03T10:00:00Z', '2025-11-03T10:00:00.123Z',
    '2025-11-03T10:00:00.999+05:30', '2025-11-03T10:00', '2025-11', '2025',
    '+010000-01-01T00:00:00Z', '-000001-01-01T00:00:00.000Z', '2025-11-03T10:00:00.001Z',
    '2024-03-10T02:30:00', '0000-01-01', '2025-11-03T23:59:59-11:00'
  ],
  freeDate: [
    'Nov 3 2025', 'Mon, 03 Nov 2025 10:00:00 GMT', '2025/11/03', '11/3/2025 5:30 PM', 'tomorrow',
    '2025-02-30', '2025-13-01', '2025-11-03T24:00:00Z', '2025-11-03T10:00:00.123456Z',
    '-000000-01-01T00:00:00Z', '2025-02-29', '2024-02-29', '2025-11-03 10:00',
    '3 November 2025 10:00 UTC'
  ],
  bytes: [
    bytes(), bytes(0), bytes(1, 2), bytes(1), bytes(255), bytes(49), bytes(1, 2, 3), bytes(0x61)
  ],
  array: [
    [],         [1],      [1, 2],    ['a'],      ['b', 'a'],      [null],
    [[1], [2]], [1, 'a'], [NaN],     [1n],       [date(0)],       [{a: 1}],
    [[]],       [-0],     [0],       ['10'],     [true, null, 2], ['ä'],
    ['z'],      [2, 1],   [null, 1], [bytes(1)], [[1, 'x'], 5n]
  ],
  object: [
    {}, {a: 1}, {a: 'x', b: {c: 2}}, {a: null}, {b: {c: 'deep'}}, {'': 1}, {$date: 'x'},
    {a: [1, {b: 2}]}
  ],
  null: [null],
};

const KINDS = Object.keys(POOLS);
export const STRING_KINDS =
    ['ascii', 'numeric', 'unicode', 'units', 'pattern', 'isoDate', 'freeDate'];

export const pickCopy = (random, values) => copy(random.pick(values));

// A value of one of some kinds.
export const valueOf = (random, kinds = KINDS) => pickCopy(random, POOLS[random.pick(kinds)]);

// What one field holds: some values of one pool, of a few, or of all.
export function randomDomain(random) {
  const kinds = {
    one: () => [random.pick(KINDS)],
    few: () => random.sample(KINDS, random.between(2, 3)),
    all: () => KINDS
  };
  const chosen = kinds[random.weighted({one: 7, few: 3, all: 1})]();
  const values = chosen.flatMap((kind) => random.sample(POOLS[kind], random.between(2, 8)));
  if (random.chance(0.5)) values.push(null);
  return {kinds: chosen, values, missing: random.pick([0, 0, 0.1, 0.4])};
}

const KEYS = {
  text: [
    'a', 'b', 'B', 'aa', '', '10', '9', 'ä', 'z', '😀', '\uffff', '\ue000', '\ud800', 'k1', 'k2',
    'k10', '\0', 'key'
  ],
  number: [0, -0, 1, 2, 10, 9, -1, 1.5, 2 ** 53, -1e300, 5e-324, 3, 4, 5, 6, 7, 8, 100],
};

// A key that no row has yet, most often one of the troublesome ones.
export function newKey(random, style, taken) {
  const kind = style === 'mixed' ? random.pick(['text', 'number']) : style;
  for (let tries = 0; tries < 3; tries++) {
    const key = random.pick(KEYS[kind]);
    if (!taken(key)) return key;
  }
  for (;;) {
    const number = random.below(100000);
    const key = kind === 'text' ? `k${number}` : number;
    if (!taken(key)) return key;
  }
}
