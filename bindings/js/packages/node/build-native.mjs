// Builds the addon, packages/node/build/cairn.node, with CMake: `npm run build:native`, or this file
// with Node. What is there already is only brought up to date. With --trained it is built twice, the
// second time for what train.mjs did with the first; the addon is then faster by a tenth and more. Other
// arguments go on to CMake, such as -DCMAKE_BUILD_TYPE=Debug. It needs CMake 3.25, a compiler for C++20,
// flatc and the libraries that Cairn is built with (ci/setup --build installs them on Debian).
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const output = join(here, `build`)
const scratch = join(output, `cmake`)
const TRAINED = `--trained`

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

// An option of CMake stays until it is given again.
function build(profile, place) {
  const options = [
    `-DCAIRN_SOURCE=${source}`,
    `-DCAIRN_SQLITE_SOURCE=${sqlite}`,
    `-DCAIRN_NODE_API_INCLUDE=${join(folderOf(`node-api-headers`), `include`)}`,
    `-DCAIRN_NODE_ADDON_API_INCLUDE=${folderOf(`node-addon-api`)}`,
    `-DCAIRN_NODE_OUTPUT=${place}`,
    `-DCAIRN_PROFILE=${profile}`,
  ]
  // A folder that is configured keeps its generator.
  const configured = existsSync(join(scratch, `CMakeCache.txt`))
  if (!configured && has(`ninja`)) options.push(`-G`, `Ninja`)
  const launcher = has(`ccache`) && profile === `` ? `ccache` : ``
  options.push(`-DCMAKE_C_COMPILER_LAUNCHER=${launcher}`, `-DCMAKE_CXX_COMPILER_LAUNCHER=${launcher}`)
  const given = process.argv.slice(2).filter((parameter) => parameter !== TRAINED)
  run(`configuring`, `cmake`, [`-S`, join(here, `native`), `-B`, scratch, ...options, ...given])
  run(`building`, `cmake`, [`--build`, scratch, `--target`, `cairn_node`, `--parallel`, process.env.CAIRN_JOBS ?? `2`])
}

function filesOf(folder, ending) {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true }) : []
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name))
}

const GCC_NOTES = `.gcda`
const CLANG_NOTES = `.profraw`

// Clang's notes have to be put together by a tool of its own.
function mergeNotes() {
  const notes = filesOf(scratch, CLANG_NOTES)
  if (notes.length === 0) return
  const compiler = /^CMAKE_CXX_COMPILER:\w+=(.*)$/m.exec(readFileSync(join(scratch, `CMakeCache.txt`), `utf8`))[1]
  const tool = spawnSync(compiler, [`-print-prog-name=llvm-profdata`], { encoding: `utf8` }).stdout.trim()
  run(`training`, tool, [`merge`, `-o`, join(scratch, `profile`, `merged.profdata`), ...notes])
}

function buildTrained() {
  // The notes are looked for here, and objects of a shared folder would have theirs beside them.
  delete process.env.CAIRN_ENGINE_BUILD
  const learning = join(scratch, `learning`)
  const notes = () => [GCC_NOTES, CLANG_NOTES].flatMap((ending) => filesOf(scratch, ending))
  for (const file of notes()) rmSync(file)
  build(`generate`, learning)
  process.env.CAIRN_NODE_ADDON = join(learning, `cairn.node`)
  run(`training`, process.execPath, [join(here, `train.mjs`)])
  // The compiler would build without them, too.
  if (notes().length === 0) fail(`training left no notes in ${scratch}`)
  mergeNotes()
  build(`use`, output)
}

process.argv.includes(TRAINED) ? buildTrained() : build(``, output)
console.log(`built ${join(output, `cairn.node`)}`)
