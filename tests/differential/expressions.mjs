// Random expressions over the fields of a world, with constants that its rows are likely to hold.
import {func, ref, val} from './json.mjs';
import {pickCopy, STRING_KINDS, valueOf} from './values.mjs';

export const ALIAS = 't';
const COMPARISONS = ['eq', 'gt', 'gte', 'lt', 'lte'];
const ARITHMETIC = ['add', 'subtract', 'multiply', 'divide'];
const MOMENT_KINDS = ['date', 'isoDate', 'freeDate'];
const NUMBER_KINDS = ['small', 'number', 'bigint', 'boolean', 'numeric'];
const FORMATS = ['%Y-%m-%d', '%Y-%m-%dT%H:%M:%fZ', '%H:%M', '', null];

export class Expressions {
  // `fields`: {path, domain}; `example`: gives the value of an expression for some row; `without`:
  // functions and features that must not come up.
  constructor(random, fields, example, without = new Set()) {
    this.random = random;
    this.fields = fields;
    this.example = example;
    this.without = without;
  }

  allowed(names) {
    return names.filter((name) => !this.without.has(name));
  }

  // --- leaves ---

  reference(field) {
    const {random} = this;
    let path = field.path;
    if (!this.without.has('alias') && random.chance(0.12))
      path = [random.chance(0.9) ? ALIAS : 'u', ...path];
    return ref(...path);
  }

  // A reference that is a little off: an element, a length, nothing, or an alias alone.
  oddReference() {
    const {random} = this;
    const {path} = random.pick(this.fields);
    const odd = [['nothing'], ['nothing', 'deeper'], [...path, 'deeper']];
    if (!this.without.has('elements'))
      odd.push([...path, '0'], [...path, 'length'], [...path, '1']);
    if (!this.without.has('alias')) odd.push([ALIAS], [ALIAS, ALIAS, ...path]);
    return ref(...random.pick(odd));
  }

  field() {
    return this.random.pick(this.fields);
  }

  // Most often a field that holds values of some kinds.
  fieldOf(kinds) {
    const fitting =
        this.fields.filter(({domain}) => domain.kinds.some((kind) => kinds.includes(kind)));
    return this.random.pick(fitting.length > 0 && this.random.chance(0.9) ? fitting : this.fields);
  }

  leaf() {
    const {random} = this;
    switch (random.weighted({field: 10, constant: 4, odd: 1})) {
      case 'field': return this.reference(this.field());
      case 'constant': return this.constant(this.field());
    }
    return this.oddReference();
  }

  // Most often a value that the field may hold.
  constantValue(field) {
    const {random} = this;
    switch (random.weighted({own: 12, kin: 4, any: 3, missing: 0.3})) {
      case 'own': return pickCopy(random, field.domain.values);
      case 'kin': return valueOf(random, field.domain.kinds);
      case 'missing': return undefined;
    }
    return valueOf(random);
  }

  constant(field) {
    return val(this.constantValue(field));
  }

  // --- values ---

  // Something that is of some kinds more often than not.
  fitting(kinds, depth) {
    const {random} = this;
    switch (random.weighted({field: 5, constant: 2, value: 3})) {
      case 'field': return this.reference(this.fieldOf(kinds));
      case 'constant': return val(valueOf(random, kinds));
    }
    return this.value(depth);
  }

  value(depth) {
    const {random} = this;
    if (depth <= 0 || random.chance(0.35)) return this.leaf();
    const names = this.allowed([
      'upper', 'lower', 'length', 'concat', 'coalesce', 'caseWhen', 'date', 'datetime', 'strftime',
      ...ARITHMETIC
    ]);
    if (names.length === 0 || random.chance(0.1)) return this.predicate(depth - 1);
    return this.call(random.pick(names), depth - 1);
  }

  call(name, depth) {
    const {random} = this;
    const values = (least, most) =>
        Array.from({length: random.between(least, most)}, () => this.value(depth));
    switch (name) {
      case 'concat': return func(name, ...values(0, 3));
      case 'coalesce': return func(name, ...values(0, 3));
      case 'strftime': {
        const format = random.chance(0.9) ? val(random.pick(FORMATS)) : this.value(depth);
        return func(name, format, this.fitting([...MOMENT_KINDS, 'number'], depth));
      }
      case 'date':
      case 'datetime': return func(name, this.fitting(MOMENT_KINDS, depth));
      case 'upper':
      case 'lower':
      case 'length': return func(name, this.fitting(STRING_KINDS, depth));
      case 'caseWhen': return this.caseWhen(() => this.value(depth), depth);
    }
    return func(name, this.operand(depth), this.operand(depth));
  }

  caseWhen(result, depth) {
    const {random} = this;
    const list = [];
    for (let pairs = random.between(1, 2); pairs > 0; pairs--)
      list.push(this.condition(depth), result());
    if (random.chance(0.6)) list.push(result());
    return func('caseWhen', ...list);
  }

  // What arithmetic works on: now and then bigints with numbers, which throws.
  operand(depth) {
    const {random} = this;
    if (!this.without.has('throws') && random.chance(0.03)) return val(valueOf(random, ['bigint']));
    return this.fitting(random.chance(0.8) ? NUMBER_KINDS : MOMENT_KINDS, depth);
  }

  // --- predicates ---

  // What stands where a truth is wanted: seldom something else.
  condition(depth) {
    return this.random.chance(0.93) ? this.predicate(depth) : this.value(depth);
  }

  predicate(depth) {
    const {random} = this;
    const weights = {compare: 9, in : 3, like: 2.5, check: 2};
    if (depth > 0) Object.assign(weights, {and: 4, or: 4, not: 2.5, caseWhen: 0.7, constant: 0.2});
    for (const name of this.without) delete weights[name];
    switch (random.weighted(weights)) {
      case 'in': return this.inList(depth);
      case 'like': return this.like(depth);
      case 'check':
        return func(random.pick(this.allowed(['isNull', 'isUndefined'])), this.value(depth - 1));
      case 'and': return func('and', ...this.conditions(depth));
      case 'or': return func('or', ...this.conditions(depth));
      case 'not': return func('not', this.condition(depth - 1));
      case 'caseWhen': return this.caseWhen(() => this.condition(depth - 1), depth - 1);
      case 'constant': return val(random.pick([true, false, null]));
    }
    return this.compare(depth);
  }

  conditions(depth) {
    const {random} = this;
    const count = random.chance(0.05) ? random.pick([0, 1]) : random.between(2, 4);
    // A range over one field, which an index can read.
    if (count >= 2 && random.chance(0.3)) {
      const field = this.field();
      const ends = ['gt', 'lt'].map(
          (name) =>
              func(name + random.pick(['', 'e']), this.reference(field), this.constant(field)));
      return [...ends, ...Array.from({length: count - 2}, () => this.condition(depth - 1))];
    }
    return Array.from({length: count}, () => this.condition(depth - 1));
  }

  compare(depth) {
    const {random} = this;
    const name = random.pick(this.allowed(COMPARISONS));
    const sides = this.sides(depth);
    return func(name, ...(random.chance(0.8) ? sides : sides.reverse()));
  }

  // A field and a constant, something and what it may give, or any two things.
  sides(depth) {
    const {random} = this;
    switch (random.weighted({field: 5, example: 3, values: 2})) {
      case 'field': {
        const field = this.field();
        return [this.reference(field), this.constant(field)];
      }
      case 'example': {
        const value = this.value(depth);
        return [value, val(this.example(value))];
      }
    }
    return [this.value(depth - 1), this.value(depth - 1)];
  }

  inList(depth) {
    const {random} = this;
    const field = this.field();
    const overField = random.chance(0.7);
    const left = overField ? this.reference(field) : this.value(depth);
    if (random.chance(0.1)) return func('in', left, this.value(depth - 1));
    const count = Number(random.weighted({0: 1, 1: 2, 3: 8, 6: 6, 40: 1, 1500: 0.15}));
    const item = () => (overField ? this.constantValue(field) : this.example(left));
    return func('in', left, val(Array.from({length: count}, (_, i) => (i < 30 ? item() : i * 7))));
  }

  // Patterns are made of what the left side may give, so that they match now and then.
  like(depth) {
    const {random} = this;
    const name = random.pick(this.allowed(['like', 'ilike']));
    const left = random.chance(0.75) ? this.reference(this.fieldOf(STRING_KINDS))
                                     : this.fitting(STRING_KINDS, depth);
    if (random.chance(0.1)) return func(name, left, this.fitting(STRING_KINDS, depth - 1));
    const example = this.example(left);
    return func(
        name, left,
        val(this.pattern(typeof example === 'string' ? example : valueOf(random, STRING_KINDS))));
  }

  pattern(text) {
    const {random} = this;
    const part = text.slice(0, random.between(0, text.length));
    switch (
        random.weighted({prefix: 5, whole: 2, inner: 2, suffix: 1, hole: 2, upper: 2, lower: 2})) {
      case 'prefix': return `${part}%`;
      case 'inner': return `%${part}%`;
      case 'suffix': return `%${text.slice(part.length)}`;
      case 'hole': return text.replace(/./u, '_') + random.pick(['', '%']);
      case 'upper': return `${part.toUpperCase()}%`;
      case 'lower': return text.toLowerCase();
    }
    return text;
  }
}
