// Generates the TypeScript of schemas/*.fbs, with the installed flatc, into packages/core/src/schemas.
// flatc writes imports without endings, which Node's modules need.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const schemas = join(here, `..`, `..`, `schemas`)
const target = join(here, `packages`, `core`, `src`, `schemas`)
const names = [`batch`, `query`, `requests`, `messages`, `coordination`, `replica`]

function adapted(text) {
  return `// @ts-nocheck\n${text.replace(/from '(\.[^']*)'/g, (_, path) => `from '${path.replace(/^\.\.\/\.\.\/cairn\/fb\//, `./`)}.js'`)}`
}

rmSync(target, { recursive: true, force: true })
const scratch = join(target, `flatc`)
mkdirSync(scratch, { recursive: true })
try {
  execFileSync(`flatc`, [`--ts`, `-o`, scratch, ...names.map((name) => join(schemas, `${name}.fbs`))], {
    stdio: `inherit`,
  })
} catch (error) {
  throw new Error(`flatc is needed to generate the schemas' code (Debian: flatbuffers-compiler): ${error.message}`)
}
const generated = join(scratch, `cairn`, `fb`)
const files = readdirSync(generated).sort()
for (const file of files) {
  writeFileSync(join(target, file), adapted(readFileSync(join(generated, file), `utf8`)))
}
// The same as CMake makes of the schemas (schemas/CMakeLists.txt), for a binding to compare.
const hash = createHash(`sha256`)
for (const name of names) hash.update(readFileSync(join(schemas, `${name}.fbs`)))
writeFileSync(
  join(target, `index.ts`),
  files.map((file) => `export * from './${file.replace(/\.ts$/, `.js`)}'\n`).join(``) +
    `export const SCHEMA_HASH = '${hash.digest(`hex`).slice(0, 16)}'\n`,
)
rmSync(scratch, { recursive: true })
