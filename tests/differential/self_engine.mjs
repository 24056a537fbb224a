// A stand-in for the engine, to test the test: it takes the same commands, chooses rows by the
// evaluator of @tanstack/db, and orders them by sort keys instead of comparisons. With the name of
// a mutant it makes one mistake, which the test must find.
import {compileSingleRowExpression} from '@tanstack/db';

import {commandOf} from './engine.mjs';
import {answer} from './host.mjs';
import {decodeExpression, decodeValue, encodeValue, func, same, val} from './json.mjs';

// Mistakes of evaluation, as another expression in the place of a call.
const REWRITES = {
  'gte as gt': (call) => (call.name === 'gte' ? {...call, name: 'gt'} : call),
  'lt as lte': (call) => (call.name === 'lt' ? {...call, name: 'lte'} : call),
  'like ignores case': (call) => (call.name === 'like' ? {...call, name: 'ilike'} : call),
  'ilike heeds case': (call) => (call.name === 'ilike' ? {...call, name: 'like'} : call),
  'isUndefined of null': (call) =>
      (call.name === 'isUndefined' ? func('or', call, {...call, name: 'isNull'}) : call),
  'not of unknown is true': (call) =>
      (call.name === 'not' ? func('coalesce', call, val(true)) : call),
  'or of unknown is false': (call) =>
      (call.name === 'or' ? func('coalesce', call, val(false)) : call),
  'in of an empty list is true': (call) =>
      (call.name === 'in' && call.args[1].value?.length === 0 ? val(true) : call),
  'lower of ASCII alone': (call) =>
      (call.name === 'lower' && typeof call.args[0].value === 'string'
           ? val(call.args[0].value.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
           : call),
  'length in code points': (call) =>
      (call.name === 'length' && typeof call.args[0].value === 'string'
           ? val([...call.args[0].value].length)
           : call),
};

const OTHERS = [
  'nulls of the other end',
  'ties descend',
  '-0 below 0',
  'dates by the second',
  'bigints as doubles',
  'NaN lowest',
  'strings by code point',
  'locale ignored',
  'numeric keys first',
  'arrays by length',
  'second clause ignored',
  'limit one more',
  'offset with a cursor',
  'cursor gives its own row',
  'limit over equal rows',
  'cursor in lexical order',
  'update replaces',
  'deleted rows in an index',
  'replaced rows move to the end',
  'alias is kept',
  'alias over fields',
  '-0 is lost',
  'fields are sorted',
  'all fields',
  'no error',
  'zone is UTC',
  'keys are ignored',
];

export const MUTANTS = [...Object.keys(REWRITES), ...OTHERS];

// --- sort keys: lists of numbers, bigints, texts and lists, compared in one way for all ---

// A finite double or a bigint as a whole number of the smallest doubles.
function scaled(number) {
  if (typeof number === 'bigint') return number << 1074n;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, number);
  const raw = bits.getBigUint64(0);
  const exponent = (raw >> 52n) & 0x7ffn;
  const fraction = raw & 0xfffffffffffffn;
  const magnitude = exponent === 0n ? fraction : (fraction | 0x10000000000000n) << (exponent - 1n);
  return raw >> 63n ? -magnitude : magnitude;
}

function compareSortKeys(a, b) {
  if (!Array.isArray(a)) return a < b ? -1 : a > b ? 1 : 0;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const result = compareSortKeys(a[i], b[i]);
    if (result !== 0) return result;
  }
  return a.length - b.length;
}

const END = [-2];  // ends a list: below all that goes on

class SortKeys {
  // `ranks`: from text to number, where the host ordered the texts.
  constructor(engine, clause, ranks) {
    this.engine = engine;
    this.nulls = clause.nulls === 'Last' ? [99] : [-1];
    if (engine.is('nulls of the other end')) this.nulls = [98 - this.nulls[0]];
    this.ranks = ranks;
  }

  of(value) {
    if (value === null || value === undefined) return this.nulls;
    if (typeof value === 'boolean') return [0, Number(value)];
    if (typeof value === 'number' || typeof value === 'bigint') return this.ofNumber(value);
    if (typeof value === 'string') return [2, this.ofText(value)];
    if (value instanceof Date)
      return [
        3, this.engine.is('dates by the second') ? Math.floor(value / 1000) : value.getTime()
      ];
    if (value instanceof Uint8Array) return [4, [...value]];
    if (!Array.isArray(value)) return [6];
    const list = [...value.map((item) => this.of(item)), END];
    return [5, this.engine.is('arrays by length') ? [value.length, ...list] : list];
  }

  ofNumber(value) {
    if (Number.isNaN(value))
      return [this.engine.is('NaN lowest') ? 1 : 7, ...(this.engine.is('NaN lowest') ? [-2] : [])];
    if (value === Infinity || value === -Infinity) return [1, Math.sign(value)];
    if (this.engine.is('-0 below 0') && Object.is(value, -0)) return [1, 0, -1n];
    const exact =
        this.engine.is('bigints as doubles') && typeof value === 'bigint' ? Number(value) : value;
    return Number.isFinite(exact) || typeof exact === 'bigint' ? [1, 0, scaled(exact)]
                                                               : [1, Math.sign(exact)];
  }

  ofText(text) {
    if (this.ranks) return this.ranks.get(text);
    if (this.engine.is('strings by code point'))
      return [...text].map((character) => character.codePointAt(0));
    return text;
  }
}

function keySortKey(key, engine) {
  const numeric = engine.is('numeric keys first') ? -1 : 1;
  return typeof key === 'string' ? [0, key] : [numeric, key, Object.is(key, -0) ? 0 : 1];
}

// All texts in values, those in arrays included.
function textsIn(values, texts = new Set()) {
  for (const value of values) {
    if (typeof value === 'string')
      texts.add(value);
    else if (Array.isArray(value))
      textsIn(value, texts);
  }
  return texts;
}

// --- the engine ---

const isAlias = (node, path) =>
    path.length > 1 && node.path?.length > 1 && node.path[0] === path[0];

export class SelfEngine {
  constructor(mutant) {
    this.mutant = mutant;
  }

  is(mutant) {
    return this.mutant === mutant;
  }

  async open() {
    this.rows = new Map();
    this.indexes = new Set();
  }

  async stop() {}

  async perform(step) {
    const command = JSON.parse(JSON.stringify(commandOf(step)));
    const questions = [];
    try {
      return {...this[command.do](command, questions), questions};
    } catch (error) {
      const refused =
          error instanceof TypeError || error instanceof RangeError ? 'VALUE' : 'ARGUMENT';
      return {error: {status: `CAIRN_INVALID_${refused}`, message: error.message}, questions};
    }
  }

  apply({mutations}) {
    for (const [op, keyText, valueText] of mutations) {
      const old = this.rows.get(keyText)?.value;
      if (op === 'delete') {
        if (!this.is('deleted rows in an index') || this.indexes.size === 0)
          this.rows.delete(keyText);
        continue;
      }
      const given = decodeValue(JSON.parse(valueText));
      const value = op === 'update' && !this.is('update replaces') ? {...old, ...given} : given;
      for (const name of Object.keys(value))
        if (value[name] === undefined) delete value[name];
      if (this.is('replaced rows move to the end')) this.rows.delete(keyText);
      if (!old || !same(old, value, false))
        this.rows.set(keyText, {key: decodeValue(JSON.parse(keyText)), value});
    }
    return {};
  }

  ensure({request}) {
    this.indexes.add(JSON.parse(request).signature);
    return {};
  }

  remove({signature}) {
    this.indexes.delete(signature);
    return {};
  }

  // The value of an expression for a row: references are replaced by what they give.
  evaluate(expression, row, root = expression) {
    const zone = process.env.TZ;
    if (this.is('zone is UTC')) process.env.TZ = 'UTC';
    try {
      return compileSingleRowExpression(this.resolve(expression, row, root))(row);
    } finally {
      if (this.is('zone is UTC')) process.env.TZ = zone;
    }
  }

  resolve(node, row, root) {
    if (node.type === 'val') return node;
    if (node.type === 'ref') return val(this.follow(node.path, row, root));
    const call = {...node, args: node.args.map((argument) => this.resolve(argument, row, root))};
    return REWRITES[this.mutant] ? REWRITES[this.mutant](call) : call;
  }

  follow(path, row, root) {
    const owned = Object.hasOwn(row, path[0]) && row[path[0]] !== undefined;
    const aliased = path.length > 1 || this.hasAlias(root, path[0]);
    const drop = (!owned || (this.is('alias over fields') && path.length > 1)) && aliased &&
        !this.is('alias is kept');
    let value = row;
    for (const name of drop ? path.slice(1) : path)
      value = value === null || value === undefined ? value : value[name];
    return value;
  }

  hasAlias(node, name) {
    return isAlias(node, [name, '']) ||
        Boolean(node.args?.some((argument) => this.hasAlias(argument, name)));
  }

  load({request}, questions) {
    const {subset, ...options} = JSON.parse(request);
    const clauses = (subset.order_by ??
                     []).map((clause) => ({...clause, tree: decodeExpression(clause.expression)}));
    if (this.is('second clause ignored')) clauses.splice(1);
    const found = this.matches(subset, clauses);
    const cursor = subset.cursor && {values: decodeValue(subset.cursor.values), ...subset.cursor};
    const boundary = cursor && decodeValue(subset.cursor.values);
    const sorters = clauses.map(
        (clause, i) => this.sorter(
            clause, [...found.map((row) => row.values[i]), ...(cursor ? [boundary[i]] : [])],
            options, questions));
    const compare = (a, b, count = clauses.length) =>
        this.compareBy(sorters.slice(0, count), clauses, a, b);
    if (clauses.length > 0)
      found.sort((a, b) => compare(a.values, b.values) || this.compareKeys(a.key, b.key, clauses));
    const rows = this.page(found, subset, boundary, compare, clauses);
    return {rows: rows.map((row) => this.output(row, options)), explanation: {access: 'Scan'}};
  }

  matches(subset, clauses) {
    const where = subset.where && decodeExpression(subset.where);
    const keys = subset.keys && !this.is('keys are ignored') &&
        new Set(subset.keys.map((key) => JSON.stringify(key)));
    const found = [];
    let left = clauses.length === 0 && !keys
        ? (subset.limit === 0 ? 0 : (subset.offset ?? 0) + (subset.limit ?? Infinity))
        : Infinity;
    for (const [keyText, {key, value}] of this.rows) {
      if ((keys && !keys.has(keyText)) || left <= 0) continue;
      if (where && this.safely(() => this.evaluate(where, value)) !== true) continue;
      found.push({
        key,
        value,
        values: clauses.map((clause) => this.safely(() => this.evaluate(clause.tree, value)))
      });
      left--;
    }
    return found;
  }

  safely(work) {
    try {
      return work();
    } catch (error) {
      if (this.is('no error')) return null;
      throw error;
    }
  }

  sorter(clause, values, options, questions) {
    let ranks = null;
    if (clause.string_sort === 'Locale' && options.host && !this.is('locale ignored')) {
      const texts = [...textsIn(values)];
      const question = {
        values: texts.map(encodeValue),
        ...(clause.locale && {locale: clause.locale})
      };
      questions.push(question);
      const answers = decodeValue(answer(question));
      ranks = new Map(texts.map((text, i) => [text, answers[i]]));
    }
    return new SortKeys(this, clause, ranks);
  }

  compareBy(sorters, clauses, a, b) {
    for (let i = 0; i < sorters.length; i++) {
      const result = compareSortKeys(sorters[i].of(a[i]), sorters[i].of(b[i]));
      const unplaced = [a[i], b[i]].every((value) => value !== null && value !== undefined);
      if (result !== 0) return unplaced && clauses[i].direction === 'Descending' ? -result : result;
    }
    return 0;
  }

  compareKeys(a, b, clauses) {
    const result = compareSortKeys(keySortKey(a, this), keySortKey(b, this));
    return this.is('ties descend') && clauses[0].direction === 'Descending' ? -result : result;
  }

  page(sorted, subset, boundary, compare, clauses) {
    let {limit = Infinity, offset = 0} = subset;
    if (this.is('limit one more')) limit += 1;
    if (!subset.cursor) return sorted.slice(offset, offset + limit);
    if (!this.is('offset with a cursor')) offset = 0;
    const place = (row) =>
        (this.is('cursor in lexical order')
             ? this.compareBy(
                   clauses.map((clause) => new SortKeys(this, clause)).slice(0, boundary.length),
                   clauses, row.values, boundary)
             : compare(row.values, boundary, boundary.length));
    if (subset.cursor.key === undefined) {
      const equal = sorted.filter((row) => place(row) === 0);
      const after = sorted.filter((row) => place(row) > 0).slice(offset, offset + limit);
      return this.is('limit over equal rows') ? [...equal, ...after].slice(0, limit)
                                              : [...equal, ...after];
    }
    const key = decodeValue(subset.cursor.key);
    const least = this.is('cursor gives its own row') ? -0.5 : 0;
    return sorted
        .filter(
            (row) => (place(row) || this.compareKeys(row.key, key, clauses)) > least ||
                (least < 0 && place(row) === 0 && Object.is(row.key, key)))
        .slice(offset, offset + limit);
  }

  output({key, value}, options) {
    let names = Object.keys(value);
    if (options.fields && !this.is('all fields'))
      names = names.filter((name) => options.fields.includes(name));
    if (this.is('fields are sorted')) names.sort();
    const plain = (one) => (this.is('-0 is lost') && one === 0 ? 0 : one);
    const shown = Object.fromEntries(names.map((name) => [name, plain(value[name])]));
    return {key: encodeValue(key), ...(!options.keys_only && {value: encodeValue(shown)})};
  }
}
