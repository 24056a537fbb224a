// The JavaScript half alone: what is encoded decodes to the same, by generated code and by
// closures, in both encodings of texts.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Encoding, Op} from '../batch_layout.js';
import {decodeBatch, decodeRows} from '../decode.js';
import {encodeRows} from '../encode.js';
import {readBatch} from '../tables.js';
import {corpus, randomRows} from '../support/corpus.js';
import {assertSame, countValues} from '../support/same.js';

const ENCODINGS = Object.entries(Encoding);

function assertRoundTrip(rows, encoding) {
  const bytes = encodeRows(rows, {encoding});
  for (const compile of [true, false]) {
    const decoded = decodeBatch(bytes, {compile});
    assertSame(decoded.keys, rows.map((row) => row.key), 'keys');
    assertSame(decoded.values, rows.map((row) => row.value),
               compile ? 'generated code' : 'closures');
  }
}

for (const [name, encoding] of ENCODINGS) {
  test(`every kind of value survives encoding and decoding, ${name}`, (t) => {
    const sets = corpus();
    for (const {rows} of sets) assertRoundTrip(rows, encoding);
    const values = sets.flatMap((set) => set.rows).map((row) => countValues(row.value));
    t.diagnostic(`${sets.length} sets, ${values.length} rows, ` +
                 `${values.reduce((a, b) => a + b, 0)} values`);
  });

  test(`random rows survive encoding and decoding, ${name}`, (t) => {
    for (let seed = 1; seed <= 50; seed++) assertRoundTrip(randomRows(seed, 60), encoding);
    t.diagnostic('50 batches of 60 random rows');
  });
}

test('shapes beyond 256 in one batch go to the loose column', () => {
  const {rows} = corpus().find((set) => set.name === '400 shapes');
  const {values} = readBatch(encodeRows(rows));
  assert.equal(values.groups.length, 256);
  assert.equal(values.loose.count, 288);
});

test('ops, metadata and undefined fields of updates are kept', () => {
  const rows = [
    {key: 'a', op: Op.Insert, value: {x: 1, gone: undefined}, metadata: {etag: 'é'}},
    {key: 'b', op: Op.Update, value: {x: undefined, y: 2n}},
    {key: 3, op: Op.Delete},
    {key: 'd', op: Op.Touch, metadata: null},
  ];
  assertSame(decodeRows(encodeRows(rows)), [
    {key: 'a', op: Op.Insert, value: {x: 1}, metadata: {etag: 'é'}},
    {key: 'b', op: Op.Update, value: {x: undefined, y: 2n}},
    {key: 3, op: Op.Delete},
    {key: 'd', op: Op.Touch, metadata: null},
  ]);
});

test('what cannot be kept is named with its path', () => {
  const encode = (value) => () => encodeRows([{key: 'a', value}]);
  assert.throws(encode({f: () => 1}), /row\.f.*function/);
  assert.throws(encode({f: [1, new Map()]}), /row\.f.*Map/);
  assert.throws(encode({f: new Date(NaN)}), /invalid date/);
  assert.throws(encode({f: Symbol('s')}), /symbol/);
});
