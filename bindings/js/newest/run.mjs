// Runs the tests of the packages over the newest TanStack DB: node run.mjs [TEST...]. The packages,
// which have to be built, are copied beside what package-lock.json here pins.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const workspace = join(here, `..`)
const target = join(workspace, `..`, `..`, `build`, `js-newest`)
const left = new Set([`node_modules`, `cmake`])

mkdirSync(target, { recursive: true })
rmSync(join(target, `packages`), { recursive: true, force: true })
cpSync(join(workspace, `packages`), join(target, `packages`), {
  recursive: true,
  filter: (path) => !left.has(relative(workspace, path).split(/[\\/]/).at(-1)),
})

// What is installed already stays.
const lock = join(here, `package-lock.json`)
const installed = join(target, `node_modules`, `.installed`)
if (!existsSync(installed) || readFileSync(installed, `utf8`) !== readFileSync(lock, `utf8`)) {
  for (const name of [`package.json`, `package-lock.json`]) cpSync(join(here, name), join(target, name))
  const options = [`ci`, `--ignore-scripts`, `--no-audit`, `--no-fund`, `--loglevel=error`]
  execFileSync(`npm`, options, { cwd: target, stdio: `inherit` })
  cpSync(lock, installed)
}

// Its native part is built once, for the workspace.
const native = join(`node_modules`, `better-sqlite3`, `build`, `Release`, `better_sqlite3.node`)
if (existsSync(join(workspace, native))) cpSync(join(workspace, native), join(target, native))

// How packages are made does not depend on TanStack DB.
const names = process.argv.slice(2)
const tests = names.length > 0 ? names : testsIn(join(target, `packages`, `node`, `test`))
const run = spawnSync(process.execPath, [`--import`, `tsx`, `--test`, `--test-reporter=tap`, ...tests], {
  cwd: target,
  stdio: `inherit`,
})
process.exit(run.status ?? 1)

function testsIn(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(`.test.ts`) && name !== `pack.test.ts`)
  return names.map((name) => join(folder, name))
}
