// Runs when the package is installed: where npm has found no package for this platform, the addon is
// built from source. If that fails the installation does not: loading says then what is missing.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

async function loads() {
  try {
    const { loadEngine } = await import(`./dist/esm/engine.js`)
    loadEngine()
    return true
  } catch {
    return false
  }
}

if (!(await loads())) {
  console.log(`@cairn-db/node: there is no package for ${process.platform}-${process.arch}; building from source`)
  const built = spawnSync(process.execPath, [join(here, `build-native.mjs`)], { stdio: `inherit` })
  if (built.status !== 0) {
    console.warn(`@cairn-db/node: the addon could not be built; "npm rebuild @cairn-db/node" tries again`)
  }
}
