// Decodes row batches into plain objects. `compile: false` keeps to closures, as under a content
// security policy without `unsafe-eval`; both ways give the same values.
import {LOOSE, Op} from './batch_layout.js';
import {buildGroupByClosures, columnReader, columnValues} from './closures.js';
import {builderFor} from './generate.js';
import {readHeaps} from './heaps.js';
import {isUniform, readBatch} from './tables.js';

// Compiling costs about as much as building a few dozen objects by closures.
const MIN_COMPILED = 32;

class Builder {
  constructor(heaps, compile) {
    this.heaps = heaps;
    this.compile = compile;
    this.objects = this.objects.bind(this);
    this.values = (column) => columnValues(column, heaps, this.objects);
    this.reader = (column) => columnReader(column, heaps, this.objects);
  }

  group(group) {
    if (!this.compile || group.count < MIN_COMPILED) {
      return buildGroupByClosures(group, this.heaps, this.objects);
    }
    return builderFor(group)(group, this.heaps.narrow, this.heaps.wide, this.values, this.reader,
                             this.objects);
  }

  // Objects of one or many groups, in their order.
  objects(objects) {
    if (isUniform(objects)) return this.group(objects.groups[0]);
    const groups = objects.groups.map((group) => this.group(group));
    const loose = objects.loose === null ? [] : this.values(objects.loose);
    const next = new Uint32Array(groups.length + 1);
    const all = [];
    for (const group of objects.groupOf ?? []) {
      const list = group === LOOSE ? loose : groups[group];
      const cursor = group === LOOSE ? groups.length : group;
      all.push(list[next[cursor]++]);
    }
    return all;
  }
}

// Gives {count, keys, values, ops, versions, metadataOps, metadata}: `values` has one object per
// row that has one, `metadata` one value per row whose metadata op is Set; null where absent.
export function decodeBatch(bytes, {compile = true, keys = true} = {}) {
  const batch = readBatch(bytes);
  const builder = new Builder(readHeaps(batch), compile);
  return {
    count: batch.count,
    keys: keys && batch.keys !== null ? builder.values(batch.keys) : null,
    values: batch.values === null ? [] : builder.objects(batch.values),
    ops: batch.ops,
    versions: batch.versions,
    metadataOps: batch.metadataOps,
    metadata: batch.metadata === null ? null : builder.values(batch.metadata),
  };
}

function hasValue(op) {
  return op === Op.Insert || op === Op.Update;
}

// The rows of a batch: {key, op, value, version, metadata}, absent parts left out.
export function decodeRows(bytes, options) {
  const batch = decodeBatch(bytes, options);
  let value = 0;
  let metadata = 0;
  return Array.from({length: batch.count}, (_, i) => {
    const row = {key: batch.keys[i], op: batch.ops === null ? Op.Insert : batch.ops[i]};
    if (hasValue(row.op)) row.value = batch.values[value++];
    if (batch.versions !== null) row.version = batch.versions[i];
    if (batch.metadataOps?.[i] === 1) row.metadata = batch.metadata[metadata++];
    return row;
  });
}
