// Runs the benchmarks and writes RESULTS.md and chart.svg beside it: node run.js [--quick]. Every case
// is a process of its own, and the stores take turns; times are medians of three runs, or of nine where they
// are close to each other, and ratios are medians of the ratios within each turn.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, readdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chart } from './chart.js'
import { report } from './report.js'

const here = dirname(fileURLToPath(import.meta.url))
const QUICK = process.argv.includes(`--quick`)
const COUNT = QUICK ? 2000 : 100_000
const RUNS = QUICK ? 1 : 3
const CLOSE_RUNS = QUICK ? 1 : 9
// Close to each other; the machine may change its speed within a minute, so that they follow each other.
const CLOSE = [`cairn`, `lmdb`, `better_sqlite3`]
const STORES = [...CLOSE, `tanstack`, `cairn_handle`]
const SETS = [`todo`, `city`]

// The stores of a turn; none is always the first, after which a disk may still be busy.
function turn(i) {
  const close = CLOSE.map((_, k) => CLOSE[(i + k) % CLOSE.length])
  return i < RUNS ? [...close, ...STORES.filter((store) => !CLOSE.includes(store))] : close
}

function child(script, ...parameters) {
  const out = execFileSync(process.execPath, [join(here, script), ...parameters.map(String)], {
    encoding: `utf8`,
    maxBuffer: 1 << 26,
    stdio: [`ignore`, `pipe`, `inherit`],
  })
  return JSON.parse(out.trim().split(`\n`).pop())
}

// The values of each figure, run by run.
function byFigure(results) {
  return Object.fromEntries(Object.keys(results[0]).map((name) => [name, results.map((one) => one[name])]))
}

const hasCities = (() => {
  try {
    return statSync(join(here, `../../../.cache/cities/cities.ndjson`)).isFile()
  } catch {
    return false
  }
})()

function allFigures(folder) {
  const figures = {}
  const collections = {}
  const skipped = []
  for (const set of SETS) {
    if (set === `city` && !hasCities) {
      skipped.push(`the city set: .cache/cities is not there (node ci/cities.mjs .cache/cities)`)
      continue
    }
    // What is written in great number, and what makes an index, begins with fresh copies each time.
    const seeded = `${folder}/seeded`
    for (const place of [folder, seeded]) {
      mkdirSync(place, { recursive: true })
      for (const store of STORES) child(`case.js`, `seed`, store, set, place, COUNT)
    }
    if (set === `todo`) Object.assign(collections, collectionFigures(folder))
    const steps = set === `todo` ? [[`load`], [`one`], [`one`, `synced`], [`query`], [`write`]] : [[`load`], [`write`]]
    for (const [step, ...others] of steps) {
      const results = Object.fromEntries(STORES.map((store) => [store, []]))
      const changes = step === `query` || step === `write`
      for (let i = 0; i < (changes ? CLOSE_RUNS : RUNS); i++) {
        const place = changes ? freshCopy(seeded, `${folder}/copy`) : folder
        for (const store of turn(i)) results[store].push(child(`case.js`, step, store, set, place, COUNT, ...others))
      }
      for (const store of STORES) {
        figures[store] ??= {}
        figures[store][set] = { ...figures[store][set], ...byFigure(results[store]) }
      }
      console.log(`${set}: ${[step, ...others].join(` `)}`)
    }
    for (const store of STORES) figures[store][set].file = [sizeOf(folder, `${store}-${set}`)]
  }
  return { figures, collections, skipped }
}

function freshCopy(from, to) {
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true })
  // What is left to be written would slow down whoever writes next.
  execFileSync(`sync`)
  return to
}

function sizeOf(folder, prefix) {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${prefix}.`) && !name.endsWith(`-lock`))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

function collectionFigures(folder) {
  const figures = {}
  const which = { preload: [`ours`, `theirs over cairn`, `theirs over objects`, `today`], mutation: [`ours`, `ours, os`, `today`, `today, synced`] }
  for (const [step, names] of Object.entries(which)) {
    const results = Object.fromEntries(names.map((name) => [name, []]))
    for (let i = 0; i < CLOSE_RUNS; i++) {
      for (const name of names) results[name].push(child(`collections.js`, step, name, folder, COUNT))
    }
    figures[step] = Object.fromEntries(names.map((name) => [name, byFigure(results[name])]))
    console.log(`collections: ${step}`)
  }
  return figures
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(here, `../node_modules/${name}/package.json`), `utf8`)).version
}

// How the addon was built, which the folder of its build knows.
function buildOfAddon() {
  try {
    const cache = readFileSync(join(here, `../packages/node/build/cmake/CMakeCache.txt`), `utf8`)
    return /^CAIRN_PROFILE:\w+=use$/m.test(cache) ? `trained, as it is published` : `not trained`
  } catch {
    return `unknown`
  }
}

const folder = mkdtempSync(join(tmpdir(), `cairn-js-benchmarks-`))
try {
  const load = loadavg()[0].toFixed(1)
  const { figures, collections, skipped } = allFigures(folder)
  const results = {
    machine: {
      date: new Date().toISOString().slice(0, 10),
      processor: `${cpus()[0].model.trim()}, ${cpus().length} cores`,
      memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
      'load at the start': load,
      addon: buildOfAddon(),
      Node: process.version,
      'TanStack DB': versionOf(`@tanstack/db`),
      '@tanstack/node-db-sqlite-persistence': versionOf(`@tanstack/node-db-sqlite-persistence`),
      'better-sqlite3': versionOf(`better-sqlite3`),
      lmdb: versionOf(`lmdb`),
    },
    count: COUNT,
    stores: figures,
    collections,
    skipped,
  }
  const text = report(results)
  if (QUICK) console.log(`quick run: sizes are tiny, so no results are written`)
  else {
    writeFileSync(join(here, `RESULTS.md`), text)
    writeFileSync(join(here, `chart.svg`), chart(results))
    console.log(text)
  }
  console.log(`${STORES.length} passed, 0 failed`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
