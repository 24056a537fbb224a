// What a query must give: rows are chosen by the evaluator of @tanstack/db, and ordered by the
// documented total order, which is held against the comparator of @tanstack/db where that is one.
import {compileSingleRowExpression, makeComparator, toBooleanPredicate} from '@tanstack/db';

import {comparableByOracle, compareKeys, compareTuples} from './order.mjs';

// --- what the host alone can decide ---

const RealDate = Date;
const ISO = new RegExp(
    '^(?:\\d{4}|\\+\\d{6}|-(?!000000)\\d{6})(?:-(\\d\\d)(?:-(\\d\\d))?)?' +
    '(?:T(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.\\d{3})?)?(?:Z|[+-](\\d\\d):(\\d\\d))?)?$');
const parsed = new Set();

// The evaluator parses dates by `new Date(text)`: note the texts.
globalThis.Date = new Proxy(RealDate, {
  construct(target, parameters) {
    if (typeof parameters[0] === 'string') parsed.add(parameters[0]);
    return new target(...parameters);
  },
});

// Whether ECMAScript itself defines what date a text is, given the time zone.
function isIsoDate(text) {
  const parts = ISO.exec(text);
  if (!parts) return false;
  const [month, day, hour, minute, second, zoneHour, zoneMinute] =
      parts.slice(1).map((part) => (part === undefined ? undefined : Number(part)));
  const days = new RealDate(RealDate.UTC(2000, month ?? 1, 0)).getUTCDate();
  const shortFebruary = month === 2 && day === 29;  // whether it is one depends on the year: ask
  return (month ?? 1) >= 1 && (month ?? 1) <= 12 && (day ?? 1) >= 1 && (day ?? 1) <= days &&
      !shortFebruary && (hour ?? 0) <= 23 && (minute ?? 0) <= 59 && (second ?? 0) <= 59 &&
      (zoneHour ?? 0) <= 23 && (zoneMinute ?? 0) <= 59;
}

// --- evaluation ---

function references(expression, found = []) {
  if (expression.type === 'ref')
    found.push(expression);
  else if (expression.type === 'func')
    expression.args.forEach((argument) => references(argument, found));
  return found;
}

const owns = (row, name) => Object.hasOwn(row, name) && row[name] !== undefined;

// What a reference means for a row: a first name that is no field of the row is an alias, also
// where it stands alone and is an alias elsewhere in the expression.
function resolvedPath(path, row, aliases) {
  if (owns(row, path[0])) return path;
  return path.length > 1 || aliases.has(path[0]) ? path.slice(1) : path;
}

// Elements and length of bytes are excluded: to JavaScript alone are they an object with
// properties.
function entersBytes(path, row) {
  let value = row;
  for (const name of path) {
    if (value instanceof Uint8Array && /^(\d+|length)$/.test(name)) return true;
    value = value?.[name];
  }
  return false;
}

function replaceReferences(expression, paths) {
  if (expression.type === 'ref') return {type: 'ref', path: paths.shift()};
  if (expression.type !== 'func') return expression;
  return {
    ...expression,
    args: expression.args.map((argument) => replaceReferences(argument, paths))
  };
}

// An expression, compiled once for each way in which rows resolve its references.
class Evaluator {
  constructor(expression) {
    this.expression = expression;
    this.paths = references(expression).map((reference) => reference.path);
    this.aliases = new Set(this.paths.filter((path) => path.length > 1).map((path) => path[0]));
    this.compiled = new Map();
  }

  evaluate(row) {
    const paths = this.paths.map((path) => resolvedPath(path, row, this.aliases));
    if (paths.some((path) => entersBytes(path, row))) throw new Excluded('a property of bytes');
    const way = paths.map((path) => path.length).join();
    let evaluate = this.compiled.get(way);
    if (!evaluate) {
      evaluate = compileSingleRowExpression(replaceReferences(this.expression, paths));
      this.compiled.set(way, evaluate);
    }
    return evaluate(row);
  }
}

// Why a query is not compared.
export class Excluded extends Error {}

// Evaluates for one row; a throw becomes a value of its own.
export const THROWS = Symbol('throws');

function tryEvaluate(evaluator, row) {
  try {
    return evaluator.evaluate(row);
  } catch (error) {
    if (error instanceof Excluded) throw error;
    return THROWS;
  }
}

// --- a query over all rows ---

export const keyText = (key) => (Object.is(key, -0) ? 'number -0' : `${typeof key} ${key}`);

// The rows that match with their values for the clauses, and which threw, in the order of
// insertion.
function matches(rows, query) {
  const where = query.where && new Evaluator(query.where);
  const clauses = (query.orderBy ?? []).map((clause) => new Evaluator(clause.expression));
  const wanted = query.keys && new Set(query.keys.map(keyText));
  const found = [];
  for (const {key, value} of rows) {
    if (wanted && !wanted.has(keyText(key))) continue;
    const truth = where ? tryEvaluate(where, value) : true;
    if (truth !== THROWS && !toBooleanPredicate(truth)) continue;
    const values = truth === THROWS ? [] : clauses.map((clause) => tryEvaluate(clause, value));
    const threwInOrder = values.includes(THROWS) ? 'order' : '';
    found.push({key, value, values, threw: truth === THROWS ? 'where' : threwInOrder});
  }
  return found;
}

// Where a clause's comparator of @tanstack/db says otherwise than the documented order.
export function disagreement(sorted, orderBy) {
  const comparators = orderBy.map((clause) => makeComparator(clause));
  for (let i = 1; i < sorted.length; i++) {
    for (let k = 0; k < orderBy.length; k++) {
      const [a, b] = [sorted[i - 1].values[k], sorted[i].values[k]];
      if (!comparableByOracle(a, b)) break;
      const result = comparators[k](a, b);
      if (result > 0) return {clause: k, first: a, second: b};
      if (result < 0) break;
    }
  }
  return null;
}

function sort(found, orderBy) {
  if (!orderBy?.length) return found;
  return [...found].sort(
      (a, b) => compareTuples(a.values, b.values, orderBy) || compareKeys(a.key, b.key));
}

// What the cursor, limit and offset leave of sorted rows.
function page(sorted, {orderBy, cursor, limit = Infinity, offset = 0}) {
  if (!cursor) return sorted.slice(offset, offset + limit);
  const place = (row) => compareTuples(row.values, cursor.values, orderBy);
  if (cursor.key !== undefined) {
    return sorted.filter((row) => (place(row) || compareKeys(row.key, cursor.key)) > 0)
        .slice(0, limit);
  }
  const after = sorted.filter((row) => place(row) > 0);
  return [...sorted.filter((row) => place(row) === 0), ...after.slice(0, limit)];
}

// Without an order, reading ends when the page is full: what comes behind is not evaluated.
function throwsBeforeEnd(found, {orderBy, limit = Infinity, offset = 0, keys}) {
  if (orderBy?.length || keys) return found.some((row) => row.threw);
  let left = limit === 0 ? 0 : offset + limit;
  for (const row of found) {
    if (left <= 0) return false;
    if (row.threw) return true;
    left--;
  }
  return false;
}

// Without a host strings are ordered lexically.
const withoutHost = (orderBy) =>
    orderBy?.map((clause) => ({...clause, stringSort: 'lexical', locale: undefined}));

// The rows that a query must give. `mustThrow`: every way of evaluating it comes upon an error, but
// for one that leaves rows unread by an index. `mayThrow`: some way does. `needsHost`: it cannot be
// decided without one.
export function expectedOf(rows, query) {
  const asked = query.host ? query : {...query, orderBy: withoutHost(query.orderBy)};
  parsed.clear();
  const found = matches(rows, asked);
  const sorted = sort(found.filter((row) => !row.threw), asked.orderBy);
  return {
    rows: page(sorted, asked),
    anyOrder: Boolean(query.keys) && !query.orderBy?.length,
    disagreement: disagreement(sorted, asked.orderBy ?? []),
    mayThrow: found.some((row) => row.threw),
    mustThrow: throwsBeforeEnd(found, asked),
    throwsInOrder: found.some((row) => row.threw === 'order'),
    needsHost: !query.host && [...parsed].some((text) => !isIsoDate(text)),
    matched: found.length,
  };
}

// The value of one expression for one row, for what only wants to know.
export function evaluate(expression, row) {
  return tryEvaluate(new Evaluator(expression), row);
}
