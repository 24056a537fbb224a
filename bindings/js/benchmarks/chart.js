// A chart of a run as SVG: how long each store takes, as multiples of Cairn's time, on a log scale.
import { median } from './report.js'

const NAMES = { cairn: `Cairn`, better_sqlite3: `better-sqlite3, JSON by hand`, lmdb: `lmdb-js, msgpack`, tanstack: `TanStack DB's persistence` }
const COLOURS = { cairn: `#2f6f4f`, better_sqlite3: `#8a8f98`, lmdb: `#c2a35b`, tanstack: `#b5524a` }
const CASES = [
  [`load 100,000 rows, warm`, `warm`],
  [`insert 10,000 rows`, `insert`],
  [`update 10,000 rows`, `update`],
  [`newest 50 of 100,000, no index`, `scan`],
  [`the same, indexed`, `page`],
]
const [LEFT, WIDTH, BAR, GAP] = [210, 760, 12, 16]
const TICKS = [1, 10, 100, 1000, 10_000]

const escape = (text) => text.replace(/&/g, `&amp;`).replace(/</g, `&lt;`)
const time = (ms) => (ms >= 10 ? `${Math.round(ms).toLocaleString(`en`)} ms` : `${ms.toPrecision(2)} ms`)

export function chart({ stores }) {
  const names = Object.keys(NAMES)
  const least = 0.5
  const x = (ratio) => LEFT + (Math.log10(Math.max(ratio, least) / least) / Math.log10(TICKS.at(-1) / least)) * (WIDTH - LEFT - 90)
  const parts = []
  let y = 56
  for (const [title, figure] of CASES) {
    const base = median(stores.cairn.todo[figure])
    parts.push(`<text x="${LEFT - 8}" y="${y + (names.length * BAR) / 2 + 4}" text-anchor="end">${escape(title)}</text>`)
    for (const name of names) {
      const value = median(stores[name].todo[figure])
      if (value > 0) {
        parts.push(
          `<rect x="${LEFT}" y="${y}" width="${(x(value / base) - LEFT).toFixed(1)}" height="${BAR - 2}" fill="${COLOURS[name]}"/>`,
          `<text x="${(x(value / base) + 4).toFixed(1)}" y="${y + BAR - 3}" class="value">${time(value)}</text>`,
        )
      }
      y += BAR
    }
    y += GAP
  }
  const legend = names.map((name, i) =>
    `<rect x="${LEFT + i * 180 - 150}" y="12" width="10" height="10" fill="${COLOURS[name]}"/><text x="${LEFT + i * 180 - 136}" y="21">${escape(NAMES[name])}</text>`)
  const ticks = TICKS.map((tick) =>
    `<line x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="44" y2="${y - GAP}" class="tick"/><text x="${x(tick).toFixed(1)}" y="40" text-anchor="middle" class="value">${tick === 1 ? `as Cairn` : `${tick.toLocaleString(`en`)}×`}</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="12">
<style>text { fill: #333 } .value { font-size: 10px; fill: #666 } .tick { stroke: #ddd }</style>
<rect width="${WIDTH}" height="${y}" fill="#fff"/>
${[...ticks, ...legend, ...parts].join(`\n`)}
</svg>
`
}
