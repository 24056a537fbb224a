// How long it takes to turn row batches into plain objects, cold (the first time in this process)
// and warm, by generated code and by closures, against JSON.parse of one text of the same rows.
// Usage: node benchmark.js NAME BATCHES JSON REPETITIONS DATE_FIELDS, a line of JSON as result.
// DATE_FIELDS: fields of the JSON that are ISO dates, separated by commas.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {performance} from 'node:perf_hooks';
import {readBatchFile} from './batch_file.js';
import {decodeBatch} from '../../bindings/js/packages/core/dist/esm/batch/index.js';

function decodeAll(batches, options) {
  const rows = [];
  for (const batch of batches) rows.push(decodeBatch(batch, options).values);
  return rows;
}

function parseWithDates(text, fields) {
  const rows = JSON.parse(text);
  for (const row of rows) {
    for (const field of fields) row[field] = new Date(row[field]);
  }
  return rows;
}

function nsPerRow(work, rows) {
  const start = performance.now();
  const result = work();
  return {ns: (performance.now() - start) * 1e6 / rows, result};
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

// Both sides must build the same rows, or the comparison means nothing.
function assertEqualRows(batches, text, fields) {
  const decoded = decodeAll(batches, {keys: false}).flat();
  assert.deepStrictEqual(decoded, parseWithDates(text, fields));
  return decoded.length;
}


function main([name, batchPath, jsonPath, repetitions, dateFields = '']) {
  const fields = dateFields.split(',').filter((field) => field !== '');
  const batches = readBatchFile(batchPath);
  const text = readFileSync(jsonPath, 'utf8');
  const paths = {
    columns: () => decodeAll(batches, {keys: false}),
    columns_and_keys: () => decodeAll(batches, {}),
    closures: () => decodeAll(batches, {keys: false, compile: false}),
    json: () => JSON.parse(text),
    json_and_dates: () => parseWithDates(text, fields),
  };
  const first = nsPerRow(paths.columns, 1);
  const rows = first.result.reduce((sum, list) => sum + list.length, 0);
  const times = Object.fromEntries(Object.keys(paths).map((path) => [path, []]));
  for (let i = 0; i < Number(repetitions); i++) {
    for (const [path, work] of Object.entries(paths)) times[path].push(nsPerRow(work, rows).ns);
  }
  assert.equal(assertEqualRows(batches, text, fields), rows);
  const warm = Object.fromEntries(Object.entries(times).map(([path, list]) => [path, median(list)]));
  console.log(JSON.stringify({name, rows, batches: batches.length, cold: first.ns / rows, warm}));
}

main(process.argv.slice(2));
