// Builds the addon, packages/node/build/cairn.node, with CMake: `npm run build:native`, or this file
// with Node. What is there already is only brought up to date. Arguments go on to CMake, such as
// -DCMAKE_BUILD_TYPE=Debug. It needs CMake 3.25, a compiler for C++20, flatc and the libraries that
// Cairn is built with (ci/setup --build installs them on Debian).
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const output = join(here, `build`)
const scratch = join(output, `cmake`)

function fail(message) {
  console.error(`build-native: ${message}`)
  process.exit(1)
}

// The folder of an npm package, by a file in it that every release has.
function folderOf(name) {
  try {
    return dirname(require.resolve(`${name}/package.json`))
  } catch {
    return fail(`the package ${name} is not installed: run "npm install" first`)
  }
}

function has(command) {
  return spawnSync(command, [`--version`], { stdio: `ignore` }).status === 0
}

function run(what, command, parameters) {
  const done = spawnSync(command, parameters, { stdio: `inherit` })
  if (done.error) fail(`${what}: ${command} could not be started (${done.error.message})`)
  if (done.status !== 0) fail(`${what} failed; what ${command} says stands above`)
}

// The published package brings both; in the repository they stand elsewhere.
const brought = (name, elsewhere) => (existsSync(join(here, name)) ? join(here, name) : elsewhere())
const source = brought(`source`, () => join(here, `..`, `..`, `..`, `..`))
const sqlite =
  process.env.CAIRN_SQLITE_SOURCE ??
  brought(`sqlite`, () => join(folderOf(`better-sqlite3`), `deps`, `sqlite3`))
if (!existsSync(join(sqlite, `sqlite3.c`))) {
  fail(`there is no sqlite3.c in ${sqlite}: name its folder in CAIRN_SQLITE_SOURCE`)
}
if (!has(`cmake`)) fail(`CMake is missing: install CMake 3.25 or later, and a compiler for C++20`)

const options = [
  `-DCAIRN_SOURCE=${source}`,
  `-DCAIRN_SQLITE_SOURCE=${sqlite}`,
  `-DCAIRN_NODE_API_INCLUDE=${join(folderOf(`node-api-headers`), `include`)}`,
  `-DCAIRN_NODE_ADDON_API_INCLUDE=${folderOf(`node-addon-api`)}`,
  `-DCAIRN_NODE_OUTPUT=${output}`,
]
// A folder that is configured keeps its generator.
const configured = existsSync(join(scratch, `CMakeCache.txt`))
if (!configured && has(`ninja`)) options.push(`-G`, `Ninja`)
if (has(`ccache`)) {
  options.push(`-DCMAKE_C_COMPILER_LAUNCHER=ccache`, `-DCMAKE_CXX_COMPILER_LAUNCHER=ccache`)
}
run(`configuring`, `cmake`, [`-S`, join(here, `native`), `-B`, scratch, ...options, ...process.argv.slice(2)])
run(`building`, `cmake`, [`--build`, scratch, `--target`, `cairn_node`, `--parallel`, process.env.CAIRN_JOBS ?? `2`])
console.log(`built ${join(output, `cairn.node`)}`)
