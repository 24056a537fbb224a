// The documented total order of values and rows (core/query/ORDER.md), written from its
// description:
//
//   null and undefined, placed by `nulls` | booleans | numbers and bigints by exact value |
//   strings | dates | bytes by content | arrays, element by element, then by length |
//   objects, which all tie | NaN
//
// Descending reverses all but the place of null. Ties break by key, ascending in both directions:
// strings by UTF-16 unit, then numbers, -0 before 0. Within a class this order must be the one of
// TanStack DB's comparator; comparableByOracle says for which pairs.

const CLASSES = ['boolean', 'number', 'string', 'date', 'bytes', 'array', 'object', 'nan'];

export function classOf(value) {
  switch (typeof value) {
    case 'boolean': return 'boolean';
    case 'number': return Number.isNaN(value) ? 'nan' : 'number';
    case 'bigint': return 'number';
    case 'string': return 'string';
  }
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return 'date';
  if (value instanceof Uint8Array) return 'bytes';
  return Array.isArray(value) ? 'array' : 'object';
}

const plain = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function compareLists(a, b, compareItems) {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const result = compareItems(a[i], b[i]);
    if (result !== 0) return result;
  }
  return plain(a.length, b.length);
}

const WITHIN = {
  boolean: plain,
  number: plain,  // exact, also between a number and a bigint
  string: (a, b, options) =>
      (options.stringSort === 'locale' ? a.localeCompare(b, options.locale) : plain(a, b)),
  date: (a, b) => plain(a.getTime(), b.getTime()),
  bytes: (a, b) => compareLists(a, b, plain),
  array: (a, b, options) => compareLists(a, b, (x, y) => compareAscending(x, y, options)),
  object: () => 0,
  nan: () => 0,
};

function compareAscending(a, b, options) {
  const [x, y] = [classOf(a), classOf(b)];
  const first = options.nulls === 'first' ? -1 : 1;
  if (x === 'null' || y === 'null') return x === y ? 0 : x === 'null' ? first : -first;
  return x === y ? WITHIN[x](a, b, options) : plain(CLASSES.indexOf(x), CLASSES.indexOf(y));
}

// `options`: direction, nulls, stringSort, locale.
export function compareValues(a, b, options) {
  const reversed = options.direction === 'desc' && classOf(a) !== 'null' && classOf(b) !== 'null';
  return reversed ? -compareAscending(a, b, options) : compareAscending(a, b, options);
}

export function compareKeys(a, b) {
  if (typeof a !== typeof b) return typeof a === 'string' ? -1 : 1;
  if (a === 0 && b === 0) return plain(Object.is(b, -0), Object.is(a, -0));
  return plain(a, b);
}

// By the values of the clauses; those of `b` may be fewer.
export function compareTuples(a, b, clauses) {
  for (let i = 0; i < b.length; i++) {
    const result = compareValues(a[i], b[i], clauses[i]);
    if (result !== 0) return result;
  }
  return 0;
}

// Whether TanStack DB's comparator orders the two as we do. It is no order across classes, and
// compares objects and bytes by identity.
export function comparableByOracle(a, b) {
  const [x, y] = [classOf(a), classOf(b)];
  if (x === 'null' || y === 'null') return true;
  if (x !== y || x === 'object' || x === 'bytes') return false;
  if (x !== 'array') return true;
  return a.slice(0, b.length).every((item, i) => comparableByOracle(item, b[i]));
}
