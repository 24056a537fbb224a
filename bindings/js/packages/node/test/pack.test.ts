// The npm packages as they are published, installed into an empty project: with the package for this
// platform, and without it. Skipped where the packages are not built.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const workspace = fileURLToPath(new URL(`../../..`, import.meta.url))
const isBuilt =
  existsSync(join(workspace, `packages/node/dist`)) && existsSync(join(workspace, `packages/node/build/cairn.node`))
const options = { skip: isBuilt ? false : `npm run build and npm run build:native have not run` }

let packed: string
before(() => {
  packed = mkdtempSync(join(tmpdir(), `cairn-packed-`))
  if (isBuilt) execFileSync(process.execPath, [join(workspace, `pack.mjs`), packed], { stdio: `ignore` })
})
after(() => rmSync(packed, { recursive: true, force: true }))

const USE = `
const { openNodeSQLiteDatabase, createNodeSQLitePersistence } = require('@cairn-db/node')
openNodeSQLiteDatabase({ path: ':memory:' }).then(async (database) => {
  const { adapter } = createNodeSQLitePersistence({ database })
  const mutations = [{ type: 'insert', key: 'a', value: { n: 1 } }]
  await adapter.applyCommittedTx('c', { txId: 't', term: 1, seq: 1, rowVersion: 1, mutations })
  console.log(JSON.stringify(await adapter.loadSubset('c', {})))
  await database.close()
})`

// Installs tarballs without running scripts, and gives what a program that uses them prints.
function installed(names: ReadonlyArray<string>): string {
  const project = mkdtempSync(join(tmpdir(), `cairn-project-`))
  try {
    writeFileSync(join(project, `package.json`), `{ "private": true }`)
    const tarballs = readdirSync(packed).filter((name) => names.some((one) => name.startsWith(one)))
    const parameters = [`install`, `--ignore-scripts`, `--no-audit`, `--no-fund`, `--omit=optional`, `@tanstack/db@0.9.2`]
    execFileSync(`npm`, [...parameters, ...tarballs.map((name) => join(packed, name))], { cwd: project, stdio: `ignore` })
    try {
      return execFileSync(process.execPath, [`-e`, USE], { cwd: project, encoding: `utf8`, stdio: `pipe` })
    } catch (error) {
      return (error as { stderr: string }).stderr
    }
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

test(`the packages work together, from CommonJS`, options, () => {
  assert.deepEqual(JSON.parse(installed([`cairn-db`])), [{ key: `a`, value: { n: 1 } }])
})

test(`without the package for the platform the error says what was tried, and what to do`, options, () => {
  const said = installed([`cairn-db-core`, `cairn-db-node-0`])
  assert.match(said, /could not be loaded for \w+-\w+/)
  assert.match(said, /@cairn-db\/node-\w+-\w+: Cannot find module/)
  assert.match(said, /build[/\\]cairn\.node: /)
  assert.match(said, /npm run build:native/)
})
