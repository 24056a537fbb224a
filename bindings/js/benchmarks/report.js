// The figures of a run as Markdown, with what the limits are.
const NAMES = {
  cairn: `Cairn`, cairn_handle: `Cairn over better-sqlite3`, tanstack: `TanStack`, better_sqlite3: `better-sqlite3`, lmdb: `lmdb-js`,
}

const number = (value) =>
  value === undefined ? `` : value >= 100 ? Math.round(value).toLocaleString(`en`) : value.toPrecision(3)
const ms = (value) => (value === undefined ? `` : `${number(value)} ms`)
const mib = (value) => (value === undefined ? `` : `${number(value / 2 ** 20)} MiB`)

export function median(values) {
  return values && [...values].sort((a, b) => a - b)[values.length >> 1]
}

// How many times as much as ours another one's is. The speed of a machine changes from minute to minute, so
// that only runs of one turn are compared.
function times(others, ours) {
  return others && ours && median(others.slice(0, ours.length).map((other, i) => other / ours[i]))
}

function table(head, rows) {
  return [`| ${head.join(` | `)} |`, `|${head.map(() => `---`).join(`|`)}|`, ...rows.map((row) => `| ${row.join(` | `)} |`)].join(`\n`)
}

// [what, set, figure, unit]
const LINES = [
  [`load everything, a fresh process`, `load`, `cold`, ms],
  [`load everything, warm`, `load`, `warm`, ms],
  [`longest block of the event loop while loading`, `load`, `block`, ms],
  [`highest memory of the first load`, `load`, `peak`, mib],
  [`insert 10,000 rows in one transaction`, `write`, `insert`, ms],
  [`update 10,000 rows in one transaction`, `write`, `update`, ms],
  [`the newest 50 with completed = false, no index`, `query`, `scan`, ms],
  [`the same with an index on the date`, `query`, `page`, ms],
  [`a transaction of one row, handed to the system`, `one`, `one`, ms],
  [`a transaction of one row, on the disk`, `one`, `oneSynced`, ms],
  [`the files`, `load`, `file`, mib],
]

function storeTable(stores, set) {
  const names = Object.keys(NAMES).filter((name) => stores[name]?.[set])
  const rows = LINES.filter(([, , figure]) => names.some((name) => stores[name][set][figure] !== undefined))
  return table(
    [`what`, ...names.map((name) => NAMES[name])],
    rows.map(([what, , figure, unit]) => [what, ...names.map((name) => unit(median(stores[name][set][figure])))]),
  )
}

// What was promised: [what, ratio, at least].
export function ratios({ stores, collections }) {
  const lines = []
  const add = (what, ratio, limit) => Number.isFinite(ratio) && lines.push({ what, ratio, limit, met: ratio >= limit })
  const over = (store, set, figure) => times(stores[store][set][figure], stores.cairn[set][figure])
  const overPeers = (set, figure) => Math.min(over(`better_sqlite3`, set, figure), over(`lmdb`, set, figure))
  for (const set of Object.keys(stores.cairn)) {
    add(`${set}: load everything, warm, over TanStack`, over(`tanstack`, set, `warm`), 5)
    add(`${set}: load everything, cold, over TanStack`, over(`tanstack`, set, `cold`), 3.5)
    add(`${set}: insert 10,000 rows, over TanStack`, over(`tanstack`, set, `insert`), 6)
    add(`${set}: update 10,000 rows, over TanStack`, over(`tanstack`, set, `update`), 6)
    add(`${set}: peak memory of a load, TanStack's over ours`, over(`tanstack`, set, `peak`), 1)
    add(`${set}: load everything, warm, over the better peer`, overPeers(set, `warm`), 1.5)
    add(`${set}: insert 10,000 rows, over the better peer`, overPeers(set, `insert`), 1)
    add(`${set}: update 10,000 rows, over the better peer`, overPeers(set, `update`), 1)
  }
  add(`todo: where, order, limit without an index, over TanStack`, over(`tanstack`, `todo`, `scan`), 30)
  add(`todo: the same with an index, over TanStack`, over(`tanstack`, `todo`, `page`), 500)
  add(`todo: an indexed page, over the better peer`, overPeers(`todo`, `page`), 1)
  add(`todo: a transaction of one row, handed to the system, over the better peer`, overPeers(`todo`, `one`), 1)
  add(`todo: a transaction of one row, on the disk, over the better peer`, overPeers(`todo`, `oneSynced`), 1)
  add(`todo: 20 ms over the longest block of the event loop while loading`, 20 / median(stores.cairn.todo.block), 1)
  const { preload, mutation } = collections
  const ready = times(preload[`theirs over objects`].all, preload[`theirs over cairn`].all)
  add(`preload with TanStack's options: 1.2 times ready objects over ours`, 1.2 * ready, 1)
  add(`preload with our options: 50 ms over the first rows`, 50 / median(preload.ours.first), 1)
  const confirmed = (today, ours) => times(mutation[today].confirmed, mutation[ours].confirmed)
  add(`a local mutation, synced: TanStack's over ours`, confirmed(`today, synced`, `ours`), 1)
  add(`a local mutation, not synced: TanStack's over ours`, confirmed(`today`, `ours, os`), 1)
  return lines
}

export function report(results) {
  const { machine, count, stores, collections, skipped } = results
  const parts = [
    `# Results`,
    `Written by \`node run.js\`; [README.md](README.md) says what is measured. The machine's noise is about a third: trust ratios, not times. A ratio is the median of those of the single turns, in which the stores follow each other.`,
    table([`what`, `is`], Object.entries(machine)),
    `## What was promised`,
    `How many times better, and how many at least. All of one run.`,
    table(
      [`what`, `ratio`, `at least`, `met`],
      ratios(results).map(({ what, ratio, limit, met }) => [what, number(ratio), limit, met ? `yes` : `**no**`]),
    ),
  ]
  for (const set of Object.keys(stores.cairn)) {
    parts.push(`## ${set}, ${number(set === `todo` ? count : median(stores.cairn.city.rows))} rows`, storeTable(stores, set))
  }
  parts.push(
    `## TanStack DB's collections, end to end`,
    `\`preload\` of ${number(count)} todo rows, synced and eager; and a local-only insert until it is confirmed.`,
    table(
      [`options and persistence`, `first rows`, `all rows`],
      Object.entries(collections.preload).map(([name, { first, all }]) => [name, ms(median(first)), ms(median(all))]),
    ),
    table(
      [`options and persistence`, `a mutation is confirmed`],
      Object.entries(collections.mutation).map(([name, { confirmed }]) => [name, ms(median(confirmed))]),
    ),
  )
  if (skipped.length > 0) parts.push(`Skipped: ${skipped.join(`; `)}.`)
  return `${parts.join(`\n\n`)}\n`
}
