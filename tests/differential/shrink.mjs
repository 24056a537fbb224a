// Cuts a failing scenario down: leaves out steps, rows, fields, clauses and parts of expressions as
// long as it still fails.
import {runScenario} from './compare.mjs';
import {Model} from './world.mjs';

const MOST_RUNS = 3000;

const without = (list, at, count = 1) => [...list.slice(0, at), ...list.slice(at + count)];

// What may stand in an expression's place, simpler first.
function* simplerExpressions(expression) {
  if (expression.type === 'ref' && expression.path.length > 1)
    yield {...expression, path: expression.path.slice(1)};
  if (expression.type === 'val' && Array.isArray(expression.value)) {
    const {value} = expression;
    for (let size = value.length >> 1; size > 0; size >>= 1) {
      for (let at = 0; at < value.length; at += size)
        yield {...expression, value: without(value, at, size)};
    }
  }
  if (expression.type !== 'func') return;
  yield* expression.args;
  if (['and', 'or', 'concat', 'coalesce'].includes(expression.name)) {
    for (let i = 0; i < expression.args.length; i++)
      yield {...expression, args: without(expression.args, i)};
  }
  for (let i = 0; i < expression.args.length; i++) {
    for (const argument of simplerExpressions(expression.args[i])) {
      yield {
        ...expression,
        args: [...expression.args.slice(0, i), argument, ...expression.args.slice(i + 1)]
      };
    }
  }
}

function* simplerQueries(query) {
  for (const name
           of ['batchRows', 'encoding', 'fields', 'keysOnly', 'keys', 'offset', 'limit', 'cursor',
               'where', 'host']) {
    if (query[name]) yield {...query, [name]: undefined};
  }
  const {orderBy = [], cursor} = query;
  for (let i = 0; i < orderBy.length; i++) {
    const values = cursor && without(cursor.values, i);
    if (orderBy.length > 1 && (!cursor || values.length > 0)) {
      yield {...query, orderBy: without(orderBy, i), ...(cursor && {cursor: {...cursor, values}})};
    }
  }
  if (orderBy.length > 0 && !cursor && !query.keys) yield {...query, orderBy: undefined};
  if (query.where)
    for (const where of simplerExpressions(query.where)) yield {...query, where};
  for (let i = 0; i < orderBy.length; i++) {
    for (const expression of simplerExpressions(orderBy[i].expression)) {
      yield {
        ...query,
        orderBy: orderBy.map((clause, k) => (k === i ? {...clause, expression} : clause))
      };
    }
  }
}

function* simplerIndexes(index) {
  for (const name of ['maxRows', 'where'])
    if (index[name]) yield {...index, [name]: undefined};
  if (index.expressions.length > 1) {
    for (let i = 0; i < index.expressions.length; i++)
      yield {...index, expressions: without(index.expressions, i)};
  }
}

function* simplerMutations(mutations) {
  for (let size = mutations.length; size > 0; size >>= 1) {
    for (let at = 0; at < mutations.length; at += size) yield without(mutations, at, size);
  }
  for (let i = 0; i < mutations.length; i++) {
    const [op, key, value] = mutations[i];
    for (const name of Object.keys(value ?? {})) {
      const {[name]: gone, ...rest} = value;
      yield mutations.map((mutation, k) => (k === i ? [op, key, rest] : mutation));
    }
  }
}

function simplerSteps(step) {
  if (step.do === 'load') return map(simplerQueries(step.query), (query) => ({...step, query}));
  if (step.do === 'ensure') return map(simplerIndexes(step.index), (index) => ({...step, index}));
  if (step.do === 'apply')
    return map(simplerMutations(step.mutations), (mutations) => ({...step, mutations}));
  return [];
}

function* map(items, change) {
  for (const item of items) yield change(item);
}

// The same rows at once, with the indexes that are left: before the rows or after.
function* flattened(steps) {
  const model = new Model();
  const indexes = new Map();
  for (const step of steps.slice(0, -1)) {
    if (step.do === 'apply')
      model.apply(step.mutations);
    else if (step.do === 'ensure')
      indexes.set(step.index.signature, step);
    else if (step.do === 'remove')
      indexes.delete(step.signature);
  }
  const apply = {do: 'apply', mutations: model.rows.map(({key, value}) => ['insert', key, value])};
  const last = steps[steps.length - 1];
  yield [apply, last];
  yield [apply, ...indexes.values(), last];
  yield [...indexes.values(), apply, last];
  yield steps.filter((step) => step.do !== 'load' || step === last);
}

function* simplerScenarios(scenario) {
  const {steps} = scenario;
  for (let i = 0; i < steps.length - 1; i++) yield {...scenario, steps: without(steps, i)};
  for (let i = steps.length - 1; i >= 0; i--) {
    for (const step of simplerSteps(steps[i]))
      yield {...scenario, steps: [...steps.slice(0, i), step, ...steps.slice(i + 1)]};
  }
  if (scenario.kind !== 'memory') yield {...scenario, kind: 'memory'};
  if (scenario.zone !== 'UTC') yield {...scenario, zone: 'UTC'};
}

// The smallest scenario that was found to fail, with what is wrong with it.
export async function shrink(engine, scenario, failure) {
  let best = {scenario, failure};
  if (scenario.steps.length === 0) return best;  // opening the database failed
  let runs = 0;
  const attempt = async (candidate) => {
    runs++;
    const found = await runScenario(engine, candidate);
    if (found) best = {scenario: candidate, failure: found};
    return Boolean(found);
  };
  for (const steps of flattened(scenario.steps))
    if (await attempt({...scenario, steps})) break;
  for (let better = true; better && runs < MOST_RUNS;) {
    better = false;
    for (const candidate of simplerScenarios(best.scenario)) {
      if (runs >= MOST_RUNS) break;
      better = await attempt(candidate);
      if (better) break;
    }
  }
  return best;
}
