// Builds the packages: the schemas' code, ES modules with types by tsc, CommonJS by esbuild. Whoever
// requires a package and whoever imports it get the same types.
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
await import(`./generate.mjs`)

function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(`.ts`))
    .map((name) => join(folder, name))
}

for (const name of [`core`, `node`]) {
  const folder = join(here, `packages`, name)
  const dist = join(folder, `dist`)
  rmSync(dist, { recursive: true, force: true })
  execFileSync(process.execPath, [join(here, `node_modules`, `typescript`, `bin`, `tsc`), `-p`, folder], {
    stdio: `inherit`,
  })
  await build({
    entryPoints: sources(join(folder, `src`)),
    outdir: join(dist, `cjs`),
    format: `cjs`,
    platform: `neutral`,
    target: `es2022`,
    sourcemap: true,
    logLevel: `warning`,
    // Only load.ts of the node package asks where it stands: __filename tells in CommonJS.
    define: { 'import.meta.url': `undefined` },
  })
  cpSync(join(dist, `esm`), join(dist, `cjs`), {
    recursive: true,
    filter: (path) => !path.endsWith(`.js`) && !path.endsWith(`.js.map`),
  })
  writeFileSync(join(dist, `cjs`, `package.json`), `{ "type": "commonjs" }\n`)
}
