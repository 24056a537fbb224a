// A failing scenario for people, and as the commands that repeat it.
import {commandOf} from './engine.mjs';
import {expressionText, valueText} from './json.mjs';

const MOST_SHOWN = 20000;

const list = (keys) => `[${keys.map(valueText).join(', ')}]`;

function clauseText(clause) {
  const locale =
      clause.stringSort === 'locale' ? `locale ${clause.locale ?? 'of the host'}` : 'lexical';
  return `${expressionText(clause.expression)} ${clause.direction} nulls ${clause.nulls} ${locale}`;
}

export function queryText(query) {
  const parts = [];
  if (query.where) parts.push(`where ${expressionText(query.where)}`);
  if (query.orderBy?.length) parts.push(`order by ${query.orderBy.map(clauseText).join('; ')}`);
  for (const name of ['limit', 'offset', 'batchRows', 'encoding'])
    if (query[name] !== undefined) parts.push(`${name} ${query[name]}`);
  if (query.cursor) {
    const {values, key} = query.cursor;
    parts.push(`after ${list(values)}${
        key === undefined ? ', without a key' : ` with key ${valueText(key)}`}`);
  }
  if (query.keys) parts.push(`keys ${list(query.keys)}`);
  if (query.keysOnly) parts.push('keys only');
  if (query.fields) parts.push(`fields ${JSON.stringify(query.fields)}`);
  parts.push(query.host ? 'with a host' : 'without a host');
  return parts.join('\n          ');
}

function stepText(step) {
  switch (step.do) {
    case 'apply':
      return step.mutations
          .map(([op, key, value]) => `${op} ${valueText(key)} ${value ? valueText(value) : ''}`)
          .join('\n          ');
    case 'ensure': {
      const {signature, expressions, where, maxRows} = step.index;
      return `index ${JSON.stringify(signature)} over ${
                 expressions.map(expressionText).join('; ')}` +
          (where ? ` where ${expressionText(where)}` : '') +
          (maxRows ? `, ${maxRows} rows a call` : '');
    }
    case 'remove': return `remove index ${JSON.stringify(step.signature)}`;
  }
  return queryText(step.query);
}

function detailText(failure) {
  const lines = [];
  if (failure.expected) lines.push(`expected: ${list(failure.expected)}`);
  if (failure.got) lines.push(`got:      ${list(failure.got)}`);
  for (const {key, value} of failure.rows ?? [])
    if (failure.what.includes('value') || failure.what.includes('field'))
      lines.push(`row ${valueText(key)}: ${valueText(value)}`);
  if ('first' in failure)
    lines.push(`clause ${failure.clause}: ${valueText(failure.first)} before ${
        valueText(failure.second)}`);
  return lines.map((line) => `\n  ${line}`).join('');
}

export function failureText({scenario, failure}, how) {
  const steps = scenario.steps.map((step) => `\n  ${step.do.padEnd(8)}${stepText(step)}`).join('');
  const commands = [{do: 'open', kind: scenario.kind}, ...scenario.steps.map(commandOf)];
  const lines = commands.map((command) => `    ${JSON.stringify(command)}\n`).join('');
  const shown = lines.length > MOST_SHOWN ? '    (too long to show)\n' : lines;
  return `FAILED ${failure.what}\n  database ${scenario.kind}, time zone ${scenario.zone}${steps}${
             detailText(failure)}\n` +
      `  repeat with: ${how}\n  as commands for cairn_differential:\n` + shown;
}
