// The data sets: `todo`, 9 fields with two dates, tags and a nested object, made from a seed; `city`,
// GeoNames' cities as ci/cities.mjs writes them.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const CITIES = fileURLToPath(new URL(`../../../.cache/cities/cities.ndjson`, import.meta.url))
const WORDS = `review call write fix plan buy send check book clean read draft test ship order update pay sort water pack`.split(` `)
const TAGS = [`home`, `work`, `urgent`, `later`, `family`, `garden`, `money`, `health`]
const PEOPLE = [`ann`, `bob`, `cho`, `dan`, `eva`, `fay`, `gus`, `hal`]
const FIRST_DAY = Date.UTC(2024, 0, 1)
const DAY = 86_400_000

// mulberry32: a small generator with a seed, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
function random(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export function todo(row) {
  const next = random(row + 1)
  const below = (n) => Math.floor(next() * n)
  const words = Array.from({ length: 2 + below(6) }, () => WORDS[below(WORDS.length)])
  if (below(100) < 3) words.push(`日本語`)
  const createdAt = FIRST_DAY + below(730 * DAY)
  return {
    id: `${row.toString(36).padStart(5, `0`)}-${below(2 ** 31).toString(36)}${below(2 ** 31).toString(36)}`,
    title: words.join(` `),
    completed: below(3) === 0,
    priority: below(5),
    listId: `l${below(40)}`,
    createdAt: new Date(createdAt),
    updatedAt: new Date(createdAt + below(30 * DAY)),
    tags: Array.from({ length: below(5) }, () => TAGS[below(TAGS.length)]),
    meta: { src: below(2) ? `web` : `app`, by: PEOPLE[below(PEOPLE.length)], pts: below(20) },
  }
}

export const changed = (row) => ({ ...row, completed: !row.completed, updatedAt: new Date(row.updatedAt.getTime() + 60_000) })

/** {key, rows}, or undefined where the data is not there. */
export function dataSet(name, count) {
  if (name === `todo`) return { key: `id`, rows: Array.from({ length: count }, (_, i) => todo(i)) }
  if (!existsSync(CITIES)) return undefined
  const lines = readFileSync(CITIES, `utf8`).trim().split(`\n`)
  return { key: `cityId`, rows: lines.map((line) => JSON.parse(line)) }
}
