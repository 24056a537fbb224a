// Runs the named cases of known.mjs.
import {setZone} from './compare.mjs';
import {decodeValue, ref} from './json.mjs';
import {KNOWN} from './known.mjs';
import {evaluate, expectedOf, keyText} from './oracle.mjs';

const texts = (keys) => keys.map(keyText).join(', ');

const indexOver = (name) => ({do: 'ensure', index: {signature: name, expressions: [ref(name)]}});

// The keys that a query gives, page by page with `page`.
async function keysOf(engine, {query, page, rows}) {
  const keys = [];
  let reply = await engine.perform({do: 'load', query: page ? {...query, limit: page} : query});
  for (;;) {
    if (reply.error) throw new Error(`${reply.error.status}: ${reply.error.message}`);
    const got = reply.rows.map((row) => decodeValue(row.key));
    keys.push(...got);
    if (!page || got.length === 0 || keys.length > rows.length) return keys;
    const key = got[got.length - 1];
    const row = rows.find(([one]) => keyText(one) === keyText(key))[1];
    const values = query.orderBy.map((clause) => evaluate(clause.expression, row));
    reply =
        await engine.perform({do: 'load', query: {...query, limit: page, cursor: {values, key}}});
  }
}

async function runCase(engine, known, kind, indexed) {
  setZone(known.zone ?? 'UTC', known.query);
  await engine.open(kind);
  const names = indexed ? [...new Set(known.rows.flatMap(([, value]) => Object.keys(value)))] : [];
  const apply = {do: 'apply', mutations: known.rows.map(([key, value]) => ['insert', key, value])};
  for (const step of [apply, ...names.map(indexOver)]) {
    const {error} = await engine.perform(step);
    if (error) throw new Error(`${step.do}: ${error.status}: ${error.message}`);
  }
  if (known.status) {
    const {error, rows} = await engine.perform({do: 'load', query: known.query});
    if (!known.status.includes(error?.status))
      throw new Error(`not ${known.status} but ${error?.status ?? `${rows.length} rows`}`);
    return;
  }
  const keys = await keysOf(engine, known);
  if (texts(keys) !== texts(known.keys))
    throw new Error(`expected ${texts(known.keys)}\n  got      ${texts(keys)}`);
}

// What the oracle makes of a case, so that the list above is no other opinion.
function checkAgainstOracle(known) {
  setZone(known.zone ?? 'UTC', known.query);
  const expected = expectedOf(known.rows.map(([key, value]) => ({key, value})), known.query);
  if (known.status) {
    if (!expected.mustThrow) throw new Error('@tanstack/db does not throw');
  } else if (texts(expected.rows.map((row) => row.key)) !== texts(known.keys)) {
    throw new Error(`@tanstack/db gives ${texts(expected.rows.map((row) => row.key))}`);
  }
}

// Runs all cases; gives how many passed and failed.
export async function runKnown(engine, kinds) {
  let passed = 0;
  let failed = 0;
  for (const [name, known] of Object.entries(KNOWN)) {
    const ways = kinds.flatMap((kind) => [[kind, false], [kind, true]]);
    const runs = [
      ['the oracle', () => checkAgainstOracle(known)],
      ...ways.map(
          ([kind, indexed]) =>
              [`${kind}${indexed ? ', indexed' : ''}`, () => runCase(engine, known, kind, indexed)])
    ];
    for (const [way, run] of runs) {
      try {
        await run();
        passed++;
      } catch (error) {
        failed++;
        console.log(`FAILED ${name} (${way})\n  ${error.message}`);
      }
    }
  }
  return {passed, failed};
}
