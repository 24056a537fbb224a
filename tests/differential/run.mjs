// The differential test: random rows, indexes and queries, and named cases, over the engine and
// over the evaluator and the comparator of @tanstack/db. README.md says what is compared and what
// is not.
//
//   node run.mjs [--seed N] [--pairs N] [--only WORLD] [--kinds memory,file,executor]
//                [--host yes|no] [--without NAME,...] [--known yes|no|only] [--failures N]
//                [--program PATH] [--self] [--mutants] [--verbose]
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

import {newState, runStep} from './compare.mjs';
import {Engine} from './engine.mjs';
import {runKnown} from './known_runner.mjs';
import {Excluded} from './oracle.mjs';
import {mixSeeds, Random} from './random.mjs';
import {failureText} from './report.mjs';
import {MUTANTS, SelfEngine} from './self_engine.mjs';
import {shrink} from './shrink.mjs';
import {World} from './world.mjs';

const QUERIES_PER_WORLD = 12;
const KINDS = ['memory', 'file', 'executor'];
const PROGRAM =
    fileURLToPath(new URL('../../build/release/bin/cairn_differential', import.meta.url));

const {values: given} = parseArgs({
  options: {
    seed: {type: 'string', default: '1'},
    pairs: {type: 'string', default: '200000'},
    only: {type: 'string'},
    kinds: {type: 'string', default: KINDS.join()},
    host: {type: 'string'},
    without: {type: 'string', default: ''},
    known: {type: 'string', default: 'yes'},
    failures: {type: 'string', default: '5'},
    program: {type: 'string', default: process.env.CAIRN_DIFFERENTIAL ?? PROGRAM},
    self: {type: 'boolean', default: false},
    mutants: {type: 'boolean', default: false},
    verbose: {type: 'boolean', default: false},
  }
});

const seed = Number(given.seed);
const mostPairs = Number(given.pairs);
const mostFailures = Number(given.failures);
const kinds = given.kinds.split(',');
const worldOptions = {
  kinds,
  host: given.host === undefined ? undefined : given.host === 'yes',
  without: new Set(given.without.split(',').filter(Boolean)),
  queries: QUERIES_PER_WORLD,
};

const PARTS = ['where', 'orderBy', 'cursor', 'limit', 'offset', 'keys', 'fields', 'host'];

const callsIn = (tree) => (tree?.type === 'func' ? [tree.name, ...tree.args.flatMap(callsIn)] : []);

class Tally {
  constructor() {
    this.passed = 0;
    this.failed = 0;
    this.pairs = 0;
    this.seen = new Map();
  }

  count(what, number = 1) {
    this.seen.set(what, (this.seen.get(what) ?? 0) + number);
  }

  // What the queries were, and how the engine says that it answered them.
  load(query, rows, {explanation = {}, questions, rows: got = []}) {
    if (query.where) this.pairs += rows;
    const trees = [query.where, ...(query.orderBy ?? []).map((clause) => clause.expression)];
    for (const tree of trees)
      for (const name of callsIn(tree)) this.count(`calls of ${name}`);
    for (const part of PARTS)
      if (query[part]) this.count(`queries with ${part}`);
    for (const part of ['access', 'sorting']) {
      if (explanation[part]) this.count(`${part} ${explanation[part]}`);
    }
    if (explanation.ordered_by_index) this.count('ordered by an index');
    if (got.length > 0 && got.length < rows) this.count('queries that give some rows, and not all');
    this.count('questions', questions.length);
  }
}

// What is wrong with a step, null, or why it is not compared.
function tryStep(engine, step, state) {
  return runStep(engine, step, state).catch((error) => {
    if (error instanceof Excluded) return error;
    throw error;
  });
}

// Runs one world; gives the failing scenario, or null.
async function runWorld(engine, number, tally) {
  process.env.TZ = 'UTC';
  const world = new World(new Random(mixSeeds(seed, number)), worldOptions);
  const state = {...newState(world.zone), seen: tally.seen};
  const steps = [];
  const scenario = {kind: world.kind, zone: world.zone, steps};
  const watched = {perform: async (step) => (watched.reply = await engine.perform(step))};
  try {
    await engine.open(world.kind);
    for (const step of world.steps()) {
      steps.push(step);
      const failure = await tryStep(watched, step, state);
      if (failure instanceof Excluded) {
        tally.count(`excluded: ${failure.message}`);
        steps.pop();
        continue;
      }
      if (step.do === 'load') tally.load(step.query, state.model.byKey.size, watched.reply);
      if (failure) return {scenario, failure};
      if (step.do === 'load') tally.passed++;
    }
  } catch (error) {
    return {scenario, failure: {what: error.stack}};
  }
  tally.count('refused indexes', state.refused.size);
  return null;
}

async function runWorlds(engine, tally, report) {
  const first = given.only === undefined ? 0 : Number(given.only);
  const last = given.only === undefined ? Infinity : first;
  for (let number = first; number <= last && tally.pairs < mostPairs; number++) {
    const failing = await runWorld(engine, number, tally);
    if (!failing) continue;
    tally.failed++;
    await report(failing, number);
    if (tally.failed >= mostFailures) return;
  }
}

async function reportFailure(engine, failing, number) {
  const how = `--seed ${seed} --only ${number}${
      given.without && ` --without ${given.without}`} --kinds ${given.kinds}${
      given.host === undefined ? '' : ` --host ${given.host}`}`;
  console.log(failureText(await shrink(engine, failing.scenario, failing.failure), how));
}

// Each mutant must be found.
async function runMutants() {
  let found = 0;
  for (const mutant of MUTANTS) {
    const engine = new SelfEngine(mutant);
    const tally = new Tally();
    await runWorlds(engine, tally, async (failing, number) => {
      tally.failed = mostFailures;
      if (given.verbose) await reportFailure(engine, failing, number);
    });
    found += tally.failed > 0 ? 1 : 0;
    if (given.verbose || tally.failed === 0) {
      console.log(`${
          tally.failed > 0 ? `found after ${tally.pairs} pairs` : 'FAILED, not found'}: ${mutant}`);
    }
  }
  console.log(`${found} passed, ${MUTANTS.length - found} failed`);
  return found === MUTANTS.length;
}

function printTally(tally) {
  console.log(`seed ${seed}: ${tally.pairs} pairs of an expression and a row`);
  for (const [what, count] of [...tally.seen].sort()) {
    if (given.verbose || !what.startsWith('calls')) console.log(`  ${what}: ${count}`);
  }
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
}

// Nothing may be left of what the library gave, and indexes must have been of use.
async function checkEnd(engine, tally) {
  const whole = !given.self && given.known !== 'only' && given.only === undefined;
  const indexed = !worldOptions.without.has('indexes') && tally.failed === 0;
  if (whole && indexed && !tally.seen.get('access Index')) {
    tally.failed++;
    console.log('FAILED no query was read by an index');
  }
  try {
    await engine.stop();
  } catch (error) {
    tally.failed++;
    console.log(`FAILED ${error.message}`);
  }
}

async function main() {
  if (given.mutants) return runMutants();
  if (!given.self && !existsSync(given.program))
    throw new Error(`there is no ${given.program}: build it, or set CAIRN_DIFFERENTIAL`);
  const engine = given.self ? new SelfEngine() : new Engine(given.program);
  const tally = new Tally();
  if (given.known !== 'no' && given.only === undefined) {
    const known = await runKnown(engine, kinds);
    tally.passed += known.passed;
    tally.failed += known.failed;
  }
  const knownFailed = tally.failed;
  tally.failed = 0;
  if (given.known !== 'only')
    await runWorlds(engine, tally, (failing, number) => reportFailure(engine, failing, number));
  tally.failed += knownFailed;
  await checkEnd(engine, tally);
  printTally(tally);
  return tally.failed === 0 && tally.passed > 0;
}

process.exitCode = (await main()) ? 0 : 1;
