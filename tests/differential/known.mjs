// Named cases, with the keys that must come: above all what other persistence layers for TanStack
// DB are known to answer wrongly. Each runs over every kind of database, without an index and with
// one over each field. A case is {rows, query, keys}; `status` instead of keys: one of these
// errors; `page`: the query is asked page by page, each from the last row of the former, until
// there is nothing left.
import {func, ref, val} from './json.mjs';

const date = (ms) => new Date(ms);
const by = (name, direction = 'asc', options = {}) =>
    ({expression: ref(name), direction, nulls: 'first', stringSort: 'lexical', ...options});
const rowsOf = (values) =>
    values.map((value, i) => [`k${i}`, value === undefined ? {} : {v: value}]);
const v = ref('v');
const REFUSED = ['CAIRN_INVALID_ARGUMENT', 'CAIRN_UNSUPPORTED'];

export const KNOWN = {
  'dates in the same second differ': {
    rows: rowsOf([1000, 1001, 1999, 2000].map(date)),
    query: {where: func('gt', v, val(date(1001)))},
    keys: ['k2', 'k3'],
  },
  'dates in the same second are not equal': {
    rows: rowsOf([1000, 1001].map(date)),
    query: {where: func('eq', v, val(date(1001)))},
    keys: ['k1'],
  },
  'dates in the same second have an order': {
    rows: rowsOf([1001, 1000, 1999].map(date)),
    query: {orderBy: [by('v', 'desc')]},
    keys: ['k2', 'k0', 'k1'],
  },
  'a date equals its milliseconds': {
    rows: rowsOf([date(5), 5, '5', 5n]),
    query: {where: func('eq', v, val(5))},
    keys: ['k0', 'k1'],
  },
  'lower beyond ASCII': {
    rows: rowsOf(['ÄÖÜ', 'äöü', 'AOU', 'İ', 'ΟΔΟΣ']),
    query: {where: func('in', func('lower', v), val(['äöü', 'i\u0307', 'οδος']))},
    keys: ['k0', 'k1', 'k3', 'k4'],
  },
  'upper makes two letters of one': {
    rows: rowsOf(['straße', 'ﬁ', 'STRASSE']),
    query: {where: func('in', func('upper', v), val(['STRASSE', 'FI']))},
    keys: ['k0', 'k1', 'k2'],
  },
  'ilike beyond ASCII': {
    rows: rowsOf(['ÄRGER', 'ärger', 'arger', 'Ärgernis']),
    query: {where: func('ilike', v, val('ärger%'))},
    keys: ['k0', 'k1', 'k3'],
  },
  'ilike lowers the pattern by itself': {
    rows: rowsOf(['ΟΔΟΣ', 'οδοσ']),
    query: {where: func('ilike', v, val('%Σ'))},
    keys: ['k1'],
  },
  'like heeds case, and takes a backslash as it is': {
    rows: rowsOf(['abc', 'ABC', 'a\\%', 'a%']),
    query: {where: func('like', v, val('a\\%'))},
    keys: ['k2'],
  },
  'not(like)': {
    rows: rowsOf(['abc', 'xyz', null, undefined, 5]),
    query: {where: func('not', func('like', v, val('a%')))},
    keys: ['k1', 'k4'],
  },
  'not(isUndefined)': {
    rows: rowsOf(['a', undefined, null]),
    query: {where: func('not', func('isUndefined', v))},
    keys: ['k0', 'k2'],
  },
  'isNull is not isUndefined':
      {rows: rowsOf(['a', undefined, null]), query: {where: func('isNull', v)}, keys: ['k2']},
  'ascending, nulls last': {
    rows: rowsOf([2, null, 1, undefined]),
    query: {orderBy: [by('v', 'asc', {nulls: 'last'})]},
    keys: ['k2', 'k0', 'k1', 'k3'],
  },
  'descending, nulls first': {
    rows: rowsOf([2, null, 1, undefined, 3]),
    query: {orderBy: [by('v', 'desc')]},
    keys: ['k1', 'k3', 'k4', 'k0', 'k2'],
  },
  'an alias before a field':
      {rows: rowsOf([1, 2]), query: {where: func('eq', ref('todo', 'v'), val(2))}, keys: ['k1']},
  'an alias in an order': {
    rows: rowsOf([2, 1]),
    query: {orderBy: [{...by('v'), expression: ref('todo', 'v')}]},
    keys: ['k1', 'k0'],
  },
  'an alias that is a field of some rows': {
    rows: [['a', {v: 1}], ['b', {v: 1, todo: {v: 2}}], ['c', {v: 2, todo: null}], ['d', {v: 2}]],
    query: {where: func('eq', ref('todo', 'v'), val(2))},
    keys: ['b', 'd'],
  },
  'an alias alone is the row': {
    rows: rowsOf([1]),
    query: {
      where:
          func('and', func('eq', ref('t', 'v'), val(1)), func('not', func('isUndefined', ref('t'))))
    },
    keys: ['k0'],
  },
  'a cursor under locale order loses no row': {
    rows: rowsOf(['b', 'A', 'a', 'B', 'ä', 'Z', 'z', 'a']),
    page: 2,
    query: {orderBy: [by('v', 'asc', {stringSort: 'locale', locale: 'en'})], host: true},
    keys: ['k2', 'k7', 'k1', 'k4', 'k0', 'k3', 'k6', 'k5'],
  },
  'a cursor under locale order, descending': {
    rows: rowsOf(['b', 'A', 'a', 'B', 'ä', null, 'Z']),
    page: 1,
    query: {
      orderBy: [by('v', 'desc', {stringSort: 'locale', locale: 'en', nulls: 'last'})],
      host: true
    },
    keys: ['k6', 'k3', 'k0', 'k4', 'k1', 'k2', 'k5'],
  },
  'the locale decides': {
    rows: rowsOf(['z', 'ä', 'a']),
    query: {orderBy: [by('v', 'asc', {stringSort: 'locale', locale: 'sv'})], host: true},
    keys: ['k2', 'k0', 'k1'],
  },
  'the page after a null boundary is not empty': {
    rows: rowsOf([null, 1, undefined, 2, null]),
    page: 2,
    query: {orderBy: [by('v')]},
    keys: ['k0', 'k2', 'k4', 'k1', 'k3'],
  },
  'the page after a null boundary, descending': {
    rows: rowsOf([null, 1, undefined, 2, null]),
    page: 2,
    query: {orderBy: [by('v', 'desc')]},
    keys: ['k0', 'k2', 'k4', 'k3', 'k1'],
  },
  'a cursor without a key gives all equal rows, and a page after them': {
    rows: rowsOf([1, 1, 1, 2, 2, 0, 3]),
    query: {orderBy: [by('v')], cursor: {values: [1]}, limit: 1, offset: 3},
    keys: ['k0', 'k1', 'k2', 'k3'],
  },
  'a list with null': {
    rows: rowsOf([1, null, 2]),
    query: {where: func('in', v, val([null, 1]))},
    keys: ['k0'],
  },
  'outside of a list': {
    rows: rowsOf([1, null, 2]),
    query: {where: func('not', func('in', v, val([null, 1])))},
    keys: ['k2']
  },
  'NaN equals itself and is above all': {
    rows: rowsOf([NaN, Infinity, 1, 'z']),
    query: {where: func('gte', v, val(NaN))},
    keys: ['k0'],
  },
  'NaN is last': {
    rows: rowsOf([NaN, 'a', 1, {}]),
    query: {orderBy: [by('v')]},
    keys: ['k2', 'k1', 'k3', 'k0']
  },
  'numbers and strings compare as JavaScript has it': {
    rows: rowsOf(['10', '9', 'x', '', ' 8 ']),
    query: {where: func('lt', v, val(9.5))},
    keys: ['k1', 'k3', 'k4'],
  },
  'bigints compare exactly': {
    rows: rowsOf([2 ** 53, 2n ** 53n + 1n, 2n ** 53n]),
    query: {where: func('gt', v, val(2 ** 53))},
    keys: ['k1'],
  },
  'a bigint never equals a number':
      {rows: rowsOf([1, 1n]), query: {where: func('eq', v, val(1n))}, keys: ['k1']},
  'numbers that tie: by key': {
    rows: [[2, {v: 1n}], ['b', {v: 1}], [-1, {v: 1}], ['a', {v: 1n}]],
    query: {orderBy: [by('v', 'desc')]},
    keys: ['a', 'b', -1, 2],
  },
  'zero and -0 tie':
      {rows: [['b', {v: -0}], ['a', {v: 0}]], query: {orderBy: [by('v')]}, keys: ['a', 'b']},
  'strings by UTF-16 unit': {
    rows: rowsOf(['\uffff', '😀', '\ue000', 'z']),
    query: {orderBy: [by('v')]},
    keys: ['k3', 'k1', 'k2', 'k0'],
  },
  'without an order: as inserted': {
    rows: [['b', {v: 1}], ['a', {v: 2}], [3, {v: 1}]],
    query: {where: func('gt', v, val(0)), limit: 2},
    keys: ['b', 'a'],
  },
  'a date of free form, by the host': {
    rows: rowsOf(['Nov 3 2025', '2025-11-03', 'no date']),
    query: {where: func('eq', func('date', v), val('2025-11-03')), host: true},
    keys: ['k0', 'k1'],
  },
  'a date as text, by the host': {
    rows: rowsOf([date(0), date(1)]),
    zone: 'Asia/Kolkata',
    query: {
      where: func('like', func('concat', v), val('Thu Jan 01 1970 05:30:00 GMT+0530%')),
      host: true
    },
    keys: ['k0', 'k1'],
  },
  'a local time is the host\'s': {
    rows: rowsOf(['2025-11-03T00:00']),
    zone: 'Asia/Kolkata',
    query: {where: func('eq', func('datetime', v), val('2025-11-02T18:30:00.000Z')), host: true},
    keys: ['k0'],
  },
  'a number and a bigint do not add': {
    rows: rowsOf([1]),
    query: {where: func('eq', func('add', v, val(1n)), val(2))},
    status: ['CAIRN_INVALID_VALUE'],
  },
  'what is not evaluated does not throw': {
    rows: rowsOf([1, 2n]),
    query:
        {where: func('and', func('eq', v, val(2n)), func('eq', func('add', v, val(1n)), val(3n)))},
    keys: ['k1'],
  },
  'an unknown function is an error': {
    rows: rowsOf([1]),
    query: {where: func('soundex', v)},
    status: REFUSED,
  },
  'a case without a result is an error': {
    rows: rowsOf([1]),
    query: {where: func('caseWhen', v)},
    status: REFUSED,
  },
};
