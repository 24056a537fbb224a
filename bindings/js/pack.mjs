// Makes the npm packages, as they are published, in a folder: node pack.mjs FOLDER. The package for
// this platform has the addon; @cairn-db/node brings the engine's source as well, from which it is
// built where there is no package for a platform. `npm run build` and `npm run build:native` go before,
// the latter with --trained where the packages are published.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, `..`, `..`)
const target = resolve(process.argv[2] ?? `packed`)
const platform = `${process.platform}-${process.arch}`
const stage = mkdtempSync(join(tmpdir(), `cairn-pack-`))

const manifestOf = (name) => JSON.parse(readFileSync(join(here, `packages`, name, `package.json`), `utf8`))

function put(name, manifest, files) {
  const folder = join(stage, name)
  mkdirSync(folder)
  writeFileSync(join(folder, `package.json`), `${JSON.stringify(manifest, null, 2)}\n`)
  for (const [from, to] of [[join(root, `LICENSE`), `LICENSE`], ...files]) {
    if (!existsSync(from)) throw new Error(`${from} is missing: run "npm run build" and "npm run build:native" first`)
    cpSync(from, join(folder, to), { recursive: true })
  }
  execFileSync(`npm`, [`pack`, `--ignore-scripts`, `--silent`, `--pack-destination`, target, folder], { stdio: `inherit` })
}

function packCore() {
  const folder = join(here, `packages`, `core`)
  put(`core`, manifestOf(`core`), [`dist`, `README.md`].map((name) => [join(folder, name), name]))
}

function packPlatform(version) {
  const manifest = {
    name: `@cairn-db/node-${platform}`,
    version,
    description: `The native part of @cairn-db/node for ${platform}`,
    license: `MIT`,
    os: [process.platform],
    cpu: [process.arch],
    ...(process.platform === `linux` && { libc: [`glibc`] }),
    main: `cairn.node`,
    files: [`cairn.node`],
  }
  put(`platform`, manifest, [[join(here, `packages`, `node`, `build`, `cairn.node`), `cairn.node`]])
}

function packNode() {
  const folder = join(here, `packages`, `node`)
  const { devDependencies, ...manifest } = manifestOf(`node`)
  manifest.optionalDependencies = { [`@cairn-db/node-${platform}`]: manifest.version }
  manifest.scripts = { install: `node install.mjs`, 'build:native': `node build-native.mjs` }
  manifest.files = [`dist`, `README.md`, `native`, `source`, `sqlite`, `build-native.mjs`, `train.mjs`, `install.mjs`]
  const own = [`dist`, `README.md`, `native`, `build-native.mjs`, `train.mjs`, `install.mjs`].map((name) => [join(folder, name), name])
  const engine = [`CMakeLists.txt`, `core`, `capi`, `schemas`].map((name) => [join(root, name), join(`source`, name)])
  const sqlite = [`sqlite3.c`, `sqlite3.h`].map((name) => [
    join(here, `node_modules`, `better-sqlite3`, `deps`, `sqlite3`, name), join(`sqlite`, name),
  ])
  put(`node`, manifest, [...own, ...engine, ...sqlite])
}

mkdirSync(target, { recursive: true })
try {
  packCore()
  packPlatform(manifestOf(`node`).version)
  packNode()
} finally {
  rmSync(stage, { recursive: true, force: true })
}
