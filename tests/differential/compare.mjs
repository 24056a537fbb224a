// Runs steps over an engine, and holds what it gives against what the oracle says.
import {decodeValue, same} from './json.mjs';
import {Excluded, expectedOf, keyText} from './oracle.mjs';
import {Model} from './world.mjs';

function project(value, fields) {
  return Object.fromEntries(Object.entries(value).filter(([name]) => fields.includes(name)));
}

function differs(got, row, query) {
  if (!same(got.key, row.key)) return 'another key';
  if (query.keysOnly)
    return Object.keys(got.value ?? {}).length > 0 ? 'a value beside the key' : '';
  if (query.fields)
    return same(got.value, project(row.value, query.fields), false) ? '' : 'other fields';
  return same(got.value, row.value) ? '' : 'another value';
}

const byKey = (a, b) => (keyText(a.key) < keyText(b.key) ? -1 : 1);
const keysOf = (rows) => rows.map((row) => keyText(row.key)).sort().join('\n');

function compareRows(reply, expected, query) {
  const got =
      reply.rows.map(({key, value}) => ({key: decodeValue(key), value: decodeValue(value)}));
  const [found, wanted] = expected.anyOrder ? [[...got].sort(byKey), [...expected.rows].sort(byKey)]
                                            : [got, expected.rows];
  const difference =
      wanted.map((row, i) => found[i] && differs(found[i], row, query)).find(Boolean);
  if (found.length === wanted.length && !difference) return null;
  const moved = difference === 'another key' && keysOf(found) === keysOf(wanted);
  const what = found.length !== wanted.length ? `${found.length} rows instead of ${wanted.length}`
      : moved ? 'the rows are in another order'
              : difference;
  return {
    what,
    expected: expected.rows.map((row) => row.key),
    got: got.map((row) => row.key),
    rows: got
  };
}

function compareError(error, expected) {
  if (error.status === 'CAIRN_INVALID_VALUE' && expected.mayThrow) return null;
  return {
    what: `an error: ${error.status}: ${error.message}`,
    expected: expected.rows.map((row) => row.key)
  };
}

// Rows that an index left out were not evaluated, so they threw nothing.
const readByIndex = (explanation) => ['Index', 'Nothing', undefined].includes(explanation?.access);

function checkQuestions(questions, query) {
  if (questions.length > 0 && !query.host) return {what: 'a question without a host'};
  for (const question of questions) {
    const texts = (question.values ?? []).map((value) => JSON.stringify(value));
    if (new Set(texts).size < texts.length) return {what: 'a question that asks for a value twice'};
  }
  return null;
}

// The difference between a reply and what is expected; null where there is none. `seen` counts.
export function check(reply, expected, query, seen = new Map()) {
  const count = (what) => seen.set(what, (seen.get(what) ?? 0) + 1);
  if (expected.disagreement)
    return {
      what: 'the documented order differs from the comparator of @tanstack/db',
      ...expected.disagreement
    };
  const difference = checkQuestions(reply.questions, query);
  if (difference) return difference;
  if (reply.error) {
    const wrong = compareError(reply.error, expected);
    if (!wrong) count('threw');
    return wrong;
  }
  if (expected.mustThrow && !readByIndex(reply.explanation)) {
    return {
      what: 'no error, where @tanstack/db throws',
      got: reply.rows.map((row) => decodeValue(row.key))
    };
  }
  if (expected.mayThrow) count('rows where @tanstack/db throws for one that was not read');
  if (expected.throwsInOrder) return null;
  return compareRows(reply, expected, query);
}

// --- scenarios: {kind, zone, steps} ---

// What must happen in a step that is no query: nothing, but that an index may be refused unless it
// is over fields alone.
export function checkStep(step, reply, model, refused) {
  if (step.do === 'apply') model.apply(step.mutations);
  if (!reply.error) return null;
  const plain =
      step.index?.expressions.every((expression) => expression.type === 'ref') && !step.index.where;
  if (step.do === 'ensure' && !plain &&
      ['CAIRN_INVALID_ARGUMENT', 'CAIRN_INVALID_VALUE'].includes(reply.error.status)) {
    refused.add(step.index.signature);
    return null;
  }
  if (step.do === 'remove' && refused.has(step.signature) &&
      reply.error.status === 'CAIRN_NOT_FOUND')
    return null;
  return {what: `an error: ${reply.error.status}: ${reply.error.message}`};
}

// Sets the time zone of the queries' dates: without a host it is UTC.
export function setZone(zone, query) {
  const wanted = query.host ? zone : 'UTC';
  if (process.env.TZ !== wanted) process.env.TZ = wanted;
}

// Runs one step and gives what is wrong with it, or null. `state`: model, refused, zone, seen.
export async function runStep(engine, step, state) {
  if (step.do !== 'load')
    return checkStep(step, await engine.perform(step), state.model, state.refused);
  setZone(state.zone, step.query);
  const expected = expectedOf(state.model.rows, step.query);
  if (expected.needsHost) throw new Excluded('a date of free form without a host');
  return check(await engine.perform(step), expected, step.query, state.seen);
}

export const newState = (zone) => ({model: new Model(), refused: new Set(), zone, seen: new Map()});

// What the last step of a scenario does wrong, or null; earlier ones must go well.
export async function runScenario(engine, {kind, zone, steps}) {
  const state = newState(zone);
  try {
    await engine.open(kind);
    for (const step of steps.slice(0, -1))
      if (await runStep(engine, step, state)) return null;
    return await runStep(engine, steps[steps.length - 1], state);
  } catch (error) {
    if (error instanceof Excluded) return null;
    return {what: error.message};
  }
}
