// A world: one collection with rows of a few fields, and random steps over it: mutations, indexes
// that come and go, and queries. A step is data, so that a failing list of them can be cut down.
import {ALIAS, Expressions} from './expressions.mjs';
import {copy, func, ref, same} from './json.mjs';
import {evaluate, Excluded, expectedOf, keyText, THROWS} from './oracle.mjs';
import {newKey, pickCopy, randomDomain} from './values.mjs';

const LOCALES = [undefined, undefined, 'en', 'de', 'sv', 'ja', 'tr'];
const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Europe/Berlin', 'Australia/Lord_Howe'];
const ROW_COUNTS = [0, 1, 5, 20, 20, 20, 20, 30, 60];
const FIELD_PATHS =
    [['a'], ['b'], ['c'], ['o', 'p'], ['o', 'q', 'r'], ['x.y'], ['é'], [''], ['o'], [ALIAS]];

// The rows of a collection as the engine must hold them, in the order of their insertion. A change
// of the order of fields alone is no change.
export class Model {
  constructor() {
    this.byKey = new Map();
  }

  get rows() {
    return [...this.byKey.values()];
  }

  has(key) {
    return this.byKey.has(keyText(key));
  }

  apply(mutations) {
    for (const [op, key, value] of mutations) {
      const text = keyText(key);
      const old = this.byKey.get(text)?.value;
      const made = withoutUndefined({...(op === 'update' && old), ...value});
      if (op === 'delete')
        this.byKey.delete(text);
      else if (!old || !same(old, made, false))
        this.byKey.set(text, {key, value: made});
    }
  }
}

function withoutUndefined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function setPath(object, path, value) {
  for (const name of path.slice(0, -1)) {
    if (object[name] === null || typeof object[name] !== 'object' ||
        object[name].constructor !== Object)
      object[name] = {};
    object = object[name];
  }
  object[path[path.length - 1]] = value;
}

const COMPARED = ['eq', 'gt', 'gte', 'lt', 'lte', 'in', 'like', 'ilike'];

export class World {
  // `options`: kinds of database, host (true, false or undefined for both), without.
  constructor(random, options) {
    this.random = random;
    this.options = options;
    this.kind = random.pick(options.kinds);
    this.zone = random.pick(ZONES);
    this.keyStyle = random.pick(['text', 'text', 'number', 'mixed']);
    const paths = random.sample(FIELD_PATHS.slice(0, 8), random.between(2, 5));
    if (random.chance(0.15)) paths.push(...random.sample(FIELD_PATHS.slice(8), 1));
    this.fields = paths.map((path) => ({path, domain: randomDomain(random)}));
    for (const field of this.fields)
      if (field.path[0] === ALIAS) field.domain.missing = 0.6;
    this.expressions = new Expressions(
        random, this.fields, (expression) => this.example(expression), options.without);
    this.model = new Model();
    this.indexes = new Map();
  }

  // All steps of a world, each made with the state that the former ones leave.
  * steps() {
    const {random, options} = this;
    // With an index from the start, or over rows that are there.
    if (random.chance(0.3)) yield* this.indexSteps();
    yield this.applied(this.inserts(random.chance(0.01) ? 700 : random.pick(ROW_COUNTS)));
    for (let i = 0; i < options.queries; i++) {
      if (random.chance(0.3)) yield* this.indexSteps();
      if (random.chance(0.35)) yield this.applied(this.changes());
      const query = this.decidable();
      if (query) yield {do: 'load', query};
    }
  }

  // --- rows ---

  value(field) {
    return this.random.chance(field.domain.missing) ? undefined
                                                    : pickCopy(this.random, field.domain.values);
  }

  row() {
    const row = {};
    for (const field of this.random.chance(0.1) ? this.random.sample(this.fields, 9)
                                                : this.fields) {
      const value = this.value(field);
      if (value !== undefined) setPath(row, field.path, value);
    }
    return row;
  }

  // The value of an expression for one of the rows, or some other value where it throws.
  example(expression) {
    const rows = this.model.rows;
    const row = rows.length > 0 ? this.random.pick(rows).value : this.row();
    let value = THROWS;
    try {
      value = evaluate(expression, row);
    } catch (error) {
      if (!(error instanceof Excluded)) throw error;
    }
    return value === THROWS ? pickCopy(this.random, this.random.pick(this.fields).domain.values)
                            : copy(value);
  }

  inserts(count) {
    const taken = new Set();
    return Array.from({length: count}, () => {
      const key = newKey(
          this.random, this.keyStyle, (one) => this.model.has(one) || taken.has(keyText(one)));
      taken.add(keyText(key));
      return ['insert', key, this.row()];
    });
  }

  changes() {
    const {random} = this;
    const keys = random.sample(this.model.rows.map((row) => row.key), random.between(1, 6));
    const changes = keys.map((key) => {
      switch (random.weighted({insert: 2, update: 3, delete: 2})) {
        case 'insert': return ['insert', key, this.row()];
        case 'update': return ['update', key, this.part()];
      }
      return ['delete', key];
    });
    return [...changes, ...this.inserts(random.between(0, 3))];
  }

  // Some top fields for a row to take over; undefined removes one.
  part() {
    const row = this.row();
    const names = this.random.sample(this.fields.map((field) => field.path[0]), 2);
    return Object.fromEntries(names.map((name) => [name, row[name]]));
  }

  applied(mutations) {
    this.model.apply(mutations);
    return {do: 'apply', mutations};
  }

  // --- indexes ---

  * indexSteps() {
    const {random, indexes} = this;
    if (this.options.without.has('indexes')) return;
    if (indexes.size > 0 && random.chance(0.4)) {
      const signature = random.pick([...indexes.keys()]);
      indexes.delete(signature);
      yield {do: 'remove', signature};
    }
    for (let count = random.between(0, 3 - indexes.size); count > 0; count--) {
      const index = this.index();
      indexes.set(index.signature, index);
      yield {do: 'ensure', index};
    }
  }

  index() {
    const {random, expressions} = this;
    const one = () =>
        (random.chance(0.85) ? ref(...random.pick(this.fields).path) : this.indexedCall());
    return {
      signature: `${random.pick(['', 'by ', 'é'])}${random.below(1000)}`,
      expressions: random.chance(0.7) ? [one()] : [one(), one()],
      ...(random.chance(0.15) && {where: expressions.predicate(1)}),
      ...(random.chance(0.2) && {maxRows: random.between(1, 7)}),
    };
  }

  indexedCall() {
    const {random, expressions} = this;
    const field = ref(...random.pick(this.fields).path);
    return random.chance(0.7) ? func(random.pick(['lower', 'upper', 'length']), field)
                              : expressions.value(2);
  }

  // --- queries ---

  // A query that can be compared: with a host where it needs one.
  decidable() {
    try {
      const query = this.query();
      if (query && !query.host && expectedOf(this.model.rows, query).needsHost) {
        return this.options.host === false ? null : {...query, host: true};
      }
      return query;
    } catch (error) {
      if (error instanceof Excluded) return null;
      throw error;
    }
  }

  query() {
    const {random, options} = this;
    process.env.TZ = this.zone;
    const host = options.host ?? random.chance(0.6);
    const query = {host, ...(random.chance(0.85) && {where: this.where()})};
    if (random.chance(0.6)) query.orderBy = this.orderBy(host);
    if (random.chance(0.06)) query.keys = this.someKeys();
    const paged = query.orderBy || !query.keys;
    if (paged && random.chance(0.4)) query.limit = random.pick([0, 1, 2, 3, 5, 10, 1000]);
    if (paged && random.chance(0.25)) query.offset = random.pick([0, 1, 2, 5, 100]);
    if (query.orderBy && !options.without.has('cursor') && random.chance(0.35))
      query.cursor = this.cursor(query);
    if (query.orderBy && query.cursor === null) return null;
    if (random.chance(0.08))
      query.keysOnly = true;
    else if (random.chance(0.12))
      query.fields = random.sample(['nothing', ...this.topFields()], random.between(0, 3));
    if (random.chance(0.3)) query.batchRows = random.pick([1, 2, 7]);
    if (random.chance(0.3)) query.encoding = 'Utf16';
    return query;
  }

  topFields() {
    return [...new Set(this.fields.map((field) => field.path[0]))];
  }

  // Half of the predicates meet an index where there is one.
  where() {
    const {random, expressions} = this;
    const depth = random.pick([0, 1, 1, 2, 2, 3]);
    const predicate = expressions.predicate(depth);
    if (this.indexes.size === 0 || random.chance(0.5)) return predicate;
    const indexes = [...this.indexes.values()];
    const indexed = this.overIndex(random.pick(indexes));
    if (random.chance(0.15)) return func('or', indexed, this.overIndex(random.pick(indexes)));
    return random.chance(0.4)
        ? indexed
        : func(random.pick(['and', 'and', 'or']), ...random.sample([indexed, predicate], 2));
  }

  overIndex(index) {
    const {random, expressions} = this;
    const one = (expression, i) => {
      const field = this.fields.find(({path}) => path.join() === expression.path?.join()) ??
          random.pick(this.fields);
      const leads = i < index.expressions.length - 1 && random.chance(0.6);
      const name = random.pick(expressions.allowed(leads ? ['eq', 'in'] : COMPARED));
      if (name !== 'in') return func(name, expression, expressions.constant(field));
      return func(name, expression, {
        type: 'val',
        value: [expressions.constantValue(field), expressions.constantValue(field)]
      });
    };
    const parts = index.expressions.map(one);
    if (index.where) parts.push(index.where);
    return parts.length === 1 ? parts[0] : func('and', ...parts);
  }

  // Now and then what an index is over, in one direction.
  orderBy(host) {
    const {random} = this;
    const clauses = Array.from({length: random.between(1, 3)}, () => this.clause(host));
    if (this.indexes.size === 0 || random.chance(0.7)) return clauses;
    const {expressions} = random.pick([...this.indexes.values()]);
    return expressions.map((expression) => ({...clauses[0], expression}));
  }

  clause(host) {
    const {random} = this;
    const stringSort =
        !this.options.without.has('locale') && random.chance(0.4) ? 'locale' : 'lexical';
    const locale = stringSort === 'locale' && host ? random.pick(LOCALES) : undefined;
    return {
      expression: this.clauseExpression(),
      direction: random.pick(['asc', 'desc']),
      nulls: random.pick(['first', 'last']),
      stringSort,
      ...(locale && {locale}),
    };
  }

  clauseExpression() {
    const {random, expressions} = this;
    if (this.indexes.size > 0 && random.chance(0.4))
      return random.pick(random.pick([...this.indexes.values()]).expressions);
    return random.chance(0.8) ? expressions.reference(random.pick(this.fields))
                              : expressions.value(2);
  }

  someKeys() {
    const {random, model} = this;
    const keys = random.sample(model.rows.map((row) => row.key), random.between(0, 6));
    const absent = newKey(random, this.keyStyle, (key) => model.has(key));
    return random.chance(0.3) ? [...keys, absent] : keys;
  }

  // The boundary of a page that some row ends, seldom one that no row ends; null where it throws.
  cursor(query) {
    const {random} = this;
    const rows = expectedOf(this.model.rows, {...query, limit: undefined, offset: undefined}).rows;
    const row = rows.length > 0 && random.chance(0.9) ? random.pick(rows)
                                                      : {key: 'none', value: this.row()};
    const values = query.orderBy.map((clause) => evaluate(clause.expression, row.value));
    if (values.includes(THROWS)) return null;
    if (random.chance(0.5)) return {values, key: row.key};
    return {
      values: random.chance(0.4) ? values.slice(0, random.between(1, values.length)) : values
    };
  }
}
