// Runs the conformance corpus over @cairn-db/node; tests/conformance/README.md says how to call it.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { liveObjects } from '../packages/node/dist/esm/engine.js'
import { Mismatch } from './compare.mjs'
import { Scenario } from './scenario.mjs'
import { VERBS } from './steps.mjs'

const corpus = fileURLToPath(new URL(`../../../tests/conformance/`, import.meta.url))
setFlagsFromString(`--expose-gc`)
const gc = runInNewContext(`gc`)

async function runInFolder(steps, main) {
  const folder = mkdtempSync(join(tmpdir(), `cairn-conformance-`))
  try {
    await new Scenario(VERBS, folder, main).run(steps)
    // Buffers are let go of with the arrays over them.
    for (let i = 0; i < 10 && liveObjects() !== 0; i++) gc(), await new Promise(setImmediate)
    if (liveObjects() !== 0) throw new Mismatch(`objects are left: ${liveObjects()}`)
    return true
  } catch (error) {
    console.log(`  ${error.message}`)
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function runArea(path) {
  const area = basename(path, `.json`)
  const counts = { passed: 0, failed: 0 }
  for (const { name, steps } of JSON.parse(readFileSync(path, `utf8`)).scenarios) {
    const passed = await runInFolder(steps)
    if (!passed) console.log(`FAILED ${area}: ${name}`)
    counts[passed ? `passed` : `failed`]++
  }
  console.log(`${area} passed ${counts.passed} failed ${counts.failed}`)
  return counts.failed === 0 && counts.passed > 0
}

async function runOverFile(mode, path) {
  const passed = await runInFolder(JSON.parse(readFileSync(join(corpus, `files.json`), `utf8`))[mode], path)
  console.log(`${path} ${passed ? `passed` : `failed`}`)
  return passed
}

const [mode, ...paths] = process.argv.slice(2)
const all = () => readdirSync(join(corpus, `scenarios`)).map((name) => join(corpus, `scenarios`, name))
const files = mode === `scenarios` && paths.length === 0 ? all().sort() : paths
let good = files.length > 0
for (const path of files) {
  good = (await (mode === `scenarios` ? runArea(path) : runOverFile(mode, path))) && good
}
process.exitCode = good ? 0 : 1
