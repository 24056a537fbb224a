// Values, expressions and requests as the JSON of the C API (cairn/value.h, schemas/), and back.

const SURROGATE = /\p{Surrogate}/u;  // a lone one: pairs are one character here

// WTF-8: UTF-8 in which a lone surrogate may stand.
function wtf8(text) {
  const parts = [];
  for (const character of text) {
    const code = character.codePointAt(0);
    const lone = code >= 0xd800 && code <= 0xdfff;
    parts.push(
        lone ? Buffer.from([0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)])
             : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}

function fromWtf8(bytes) {
  let text = '';
  let start = 0;
  for (let i = 0; i + 2 < bytes.length; i++) {
    if (bytes[i] !== 0xed || bytes[i + 1] < 0xa0) continue;
    text += bytes.toString('utf8', start, i);
    text += String.fromCharCode(0xd000 | ((bytes[i + 1] & 0x3f) << 6) | (bytes[i + 2] & 0x3f));
    start = i + 3;
  }
  return text + bytes.toString('utf8', start);
}

function encodeNumber(value) {
  if (Object.is(value, -0)) return {$number: '-0'};
  return Number.isFinite(value) ? value : {$number: String(value)};
}

function encodeObject(object) {
  const names = Object.keys(object);
  const fields = names.map((name) => [name, encodeValue(object[name])]);
  if (names.length === 1 && names[0].startsWith('$')) return {$object: fields};
  return Object.fromEntries(fields);
}

export function encodeValue(value) {
  switch (typeof value) {
    case 'undefined': return {$undefined: true};
    case 'number': return encodeNumber(value);
    case 'bigint': return {$bigint: String(value)};
    case 'string': return SURROGATE.test(value) ? {$text: wtf8(value).toString('base64')} : value;
    case 'boolean': return value;
  }
  if (value === null) return null;
  if (value instanceof Date) return {$date: value.getTime()};
  if (value instanceof Uint8Array) return {$bytes: Buffer.from(value).toString('base64')};
  return Array.isArray(value) ? value.map(encodeValue) : encodeObject(value);
}

const SPECIAL = {
  $number: Number,
  $bigint: BigInt,
  $text: (text) => fromWtf8(Buffer.from(text, 'base64')),
  $date: (date) => new Date(date),
  $bytes: (text) => new Uint8Array(Buffer.from(text, 'base64')),
  $undefined: () => undefined,
  $object: (fields) =>
      Object.fromEntries(fields.map(([name, value]) => [decodeValue(name), decodeValue(value)])),
};

export function decodeValue(json) {
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map(decodeValue);
  const names = Object.keys(json);
  if (names.length === 1 && Object.hasOwn(SPECIAL, names[0]))
    return SPECIAL[names[0]](json[names[0]]);
  return Object.fromEntries(names.map((name) => [name, decodeValue(json[name])]));
}

// Arrays and objects equal themselves alone: a copy is another one.
export const copy = (value) => decodeValue(encodeValue(value));

// Equal as the engine must keep values: by class, -0 and NaN included, fields in their order.
export function same(a, b, ordered = true) {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null)
    return Object.is(a, b);
  if (a instanceof Date || b instanceof Date) {
    return a instanceof Date && b instanceof Date && a.getTime() === b.getTime();
  }
  const kind = (value) => (value instanceof Uint8Array ? 'bytes' : Array.isArray(value));
  const [names, others] = [Object.keys(a), Object.keys(b)];
  return kind(a) === kind(b) && names.length === others.length &&
      names.every(
          (name, i) => (ordered ? others[i] === name : Object.hasOwn(b, name)) &&
              same(a[name], b[name], ordered));
}

export const valueText = (value) => JSON.stringify(encodeValue(value));

// --- expressions: TanStack DB's trees of {type: val | ref | func}, and the nodes of query.fbs ---

export const val = (value) => ({type: 'val', value});
export const ref = (...path) => ({type: 'ref', path});
export const func = (name, ...args) => ({type: 'func', name, args});

function addNode(nodes, expression) {
  switch (expression.type) {
    case 'val': return nodes.push({kind: 'Value', value: encodeValue(expression.value)}) - 1;
    case 'ref': return nodes.push({kind: 'Reference', path: expression.path}) - 1;
  }
  const positions = expression.args.map((argument) => addNode(nodes, argument));
  return nodes.push({kind: 'Call', function: expression.name, arguments: positions}) - 1;
}

export function encodeExpression(expression) {
  const nodes = [];
  addNode(nodes, expression);
  return {nodes};
}

export function decodeExpression({nodes}) {
  const made = [];
  for (const node of nodes) {
    if (node.kind === 'Value')
      made.push(val(decodeValue(node.value)));
    else if (node.kind === 'Reference')
      made.push(ref(...node.path));
    else
      made.push(func(node.function, ...node.arguments.map((i) => made[i])));
  }
  return made[made.length - 1];
}

// An expression for people, such as gt(a.b, 5).
export function expressionText(expression) {
  switch (expression.type) {
    case 'val': return valueText(expression.value);
    case 'ref':
      return expression.path.map((name) => (/^\w+$/.test(name) ? name : JSON.stringify(name)))
          .join('.');
  }
  return `${expression.name}(${expression.args.map(expressionText).join(', ')})`;
}

// --- requests ---

const capital = (word) => word[0].toUpperCase() + word.slice(1);

function encodeClause(clause) {
  return {
    expression: encodeExpression(clause.expression),
    direction: clause.direction === 'asc' ? 'Ascending' : 'Descending',
    nulls: capital(clause.nulls),
    string_sort: capital(clause.stringSort),
    ...(clause.locale && {locale: clause.locale}),
  };
}

function encodeCursor({values, key}) {
  return {values: encodeValue(values), ...(key !== undefined && {key: encodeValue(key)})};
}

// A query as LoadRequest. Parts that are not given are left out.
export function encodeRequest(query) {
  const {where, orderBy, limit, offset, cursor, keys} = query;
  return {
    subset: {
      ...(keys && {keys: encodeValue(keys)}),
      ...(where && {where: encodeExpression(where)}),
      ...(orderBy?.length && {order_by: orderBy.map(encodeClause)}),
      ...(limit !== undefined && {limit}),
      ...(offset !== undefined && {offset}),
      ...(cursor && {cursor: encodeCursor(cursor)}),
    },
    ...(query.batchRows && {batch_rows: query.batchRows}),
    ...(query.encoding && {encoding: query.encoding}),
    ...(query.host && {host: true}),
    ...(query.keysOnly && {keys_only: true}),
    ...(query.fields && {fields: query.fields}),
  };
}

export function encodeIndex(index) {
  return {
    signature: index.signature,
    expressions: index.expressions.map(encodeExpression),
    ...(index.where && {where: encodeExpression(index.where)}),
    ...(index.maxRows && {max_rows: index.maxRows}),
  };
}
