// The whole way: JavaScript objects, encoded as row batches, applied to a database through the C
// API, read back from the reopened file as row batches, and decoded, in all four pairs of text
// encodings. The helper cairn_bench_batches is looked for in CAIRN_BENCH_BIN, then in
// build/release/bin.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {readBatchFile, writeBatchFile} from '../batch_file.js';
import {Encoding, Op} from '../batch_layout.js';
import {decodeRows} from '../decode.js';
import {encodeRows} from '../encode.js';
import {corpus, randomRows} from '../support/corpus.js';
import {assertSame, countValues, keyText} from '../support/same.js';

const folder = process.env.CAIRN_BENCH_BIN ??
    new URL('../../../build/release/bin', import.meta.url).pathname;
const helper = join(folder, 'cairn_bench_batches');
const skip = existsSync(helper) ? false : `no ${helper}; set CAIRN_BENCH_BIN to its folder`;

// Applies batches to a new database and gives its rows, decoded in both ways, by key.
function throughEngine(batches, readEncoding) {
  const scratch = mkdtempSync(join(tmpdir(), 'cairn-node-'));
  try {
    const [database, written, read] = ['db.sqlite', 'in', 'out'].map((name) => join(scratch, name));
    writeBatchFile(written, batches);
    execFileSync(helper, ['apply', database, written, readEncoding, read]);
    const files = readBatchFile(read);
    return [true, false].map((compile) => {
      const rows = files.flatMap((bytes) => decodeRows(bytes, {compile}));
      return new Map(rows.map((row) => [keyText(row.key), row]));
    });
  } finally {
    rmSync(scratch, {recursive: true});
  }
}

function assertRows(found, expected) {
  assert.equal(found.size, expected.length, 'number of rows');
  for (const {key, value, metadata} of expected) {
    const row = found.get(keyText(key));
    assert.ok(row, `${keyText(key)} is missing`);
    assertSame(row.key, key);
    assertSame(row.value, value, keyText(key));
    assertSame(row.metadata, metadata, keyText(key));
    assert.ok(row.version > 0n, 'a row version');
  }
}

for (const [written, encoding] of Object.entries(Encoding)) {
  for (const read of Object.keys(Encoding)) {
    test(`every kind of value survives the engine, ${written} in and ${read} out`, {skip}, (t) => {
      const sets = corpus().map((set) => set.rows);
      for (let seed = 1; seed <= 20; seed++) sets.push(randomRows(seed, 60));
      const batches = sets.map((rows) => encodeRows(rows, {encoding}));
      for (const found of throughEngine(batches, read)) assertRows(found, sets.flat());
      const values = sets.flat().reduce((sum, row) => sum + countValues(row.value), 0);
      t.diagnostic(`${sets.length} batches, ${sets.flat().length} rows, ${values} values`);
    });
  }
}

// Merges shallowly; undefined removes the field, as the engine does.
function merged(stored, change) {
  const all = {...stored, ...change};
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

test('updates merge, deletes remove and metadata is kept', {skip}, (t) => {
  const rows = corpus().find((set) => set.name === 'repeated texts, generated code').rows;
  const metadata = (i) => ({etag: `é${i}`, seen: i % 2 === 0 ? null : [new Date(i), -0, 5n]});
  const inserts = rows.map((row, i) => (i % 3 === 0 ? {...row, metadata: metadata(i)} : row));
  const change = (i) => ({number: undefined, word: `now ${i}`, [`added${i % 4}`]: [i, {x: -0}]});
  const updates = rows.slice(0, 500)
      .map((row, i) => ({key: row.key, op: Op.Update, value: change(i)}));
  const deletes = rows.slice(900).map((row) => ({key: row.key, op: Op.Delete}));
  const touches = rows.slice(600, 700).map((row, i) =>
    ({key: row.key, op: Op.Touch, ...(i % 2 === 0 ? {metadata: 'touched'} : {removeMetadata: true})}));
  const expected = inserts.slice(0, 900).map((row, i) => {
    const result = {...row, value: i < 500 ? merged(row.value, change(i)) : row.value};
    if (i >= 600 && i < 700) result.metadata = i % 2 === 0 ? 'touched' : undefined;
    return result;
  });
  const batches = [inserts, [...updates, ...deletes, ...touches]].map((list) => encodeRows(list));
  for (const found of throughEngine(batches, 'Utf16')) assertRows(found, expected);
  t.diagnostic(`${updates.length} updates, ${deletes.length} deletes, ${touches.length} touches`);
});
