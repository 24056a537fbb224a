// Finds the native part of this package, cairn.node, and loads it once for each JavaScript thread. It
// is the file that the environment variable CAIRN_NODE_ADDON names; else that of the npm package for
// this platform, which npm installs beside this one; else what build-native.mjs has built here.
import { SCHEMA_HASH } from '@cairn-db/core'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CursorStep } from '@cairn-db/core'

// Objects of the addon's that hold a handle of the engine's each; nothing is to be seen in them.
declare const kind: unique symbol
export interface RawHandle<Kind extends string> {
  readonly [kind]: Kind
}
export type RawDatabase = RawHandle<`database`>
export type RawCollection = RawHandle<`collection`>
export type RawCursor = RawHandle<`cursor`>
export type RawCoordinator = RawHandle<`coordinator`>
export type RawReplica = RawHandle<`replica`>

/** One statement for the app's connection: its rows, or SQLite's extended result code. */
export type RawExecute = (sql: string, parameters: Array<unknown>) => ReadonlyArray<ReadonlyArray<unknown>> | number
/** Runs `body` in a write transaction: commits where it gives 0. Gives 0 or a result code. */
export type RawTransaction = (body: () => number) => number

type Bytes = Uint8Array

/** Steps that were read in one call. */
export interface RawSteps {
  steps: Array<CursorStep>
  /** What the call after the steps fails with. */
  failure?: unknown
}

/** A cursor, and the first of its steps where they are small. */
export interface RawOpenedCursor extends RawSteps {
  cursor: RawCursor
}

/** What the addon exports. Promises reject with what errorOf of engine.ts reads. */
export interface Addon {
  version: string
  abiVersion: number
  /** A hash of the schemas that it was built with: 16 hexadecimal digits. */
  schemaHash: string
  liveObjects(): number
  databaseOpen(path: string, options: Bytes): Promise<RawDatabase>
  databaseOpenExecutor(execute: RawExecute, transaction: RawTransaction, options: Bytes): Promise<RawDatabase>
  databaseInfo(database: RawDatabase): Promise<Bytes>
  databaseOpenCollection(database: RawDatabase, name: string, options: Bytes): Promise<RawCollection>
  databaseDropCollection(database: RawDatabase, name: string): Promise<void>
  databaseOpenCoordinator(database: RawDatabase, options: Bytes): Promise<RawCoordinator>
  databaseDigest(database: RawDatabase): Promise<Bytes>
  databaseCheck(database: RawDatabase, options: Bytes): Promise<Bytes>
  databaseBackup(database: RawDatabase, path: string): Promise<Bytes>
  databaseFlush(database: RawDatabase): Promise<void>
  databaseCompact(database: RawDatabase): Promise<void>
  databaseClose(database: RawDatabase): Promise<void>
  collectionInfo(collection: RawCollection): Promise<Bytes>
  collectionMetadata(collection: RawCollection): Promise<Bytes>
  collectionLoad(collection: RawCollection, request: Bytes): Promise<RawOpenedCursor>
  collectionDelta(collection: RawCollection, request: Bytes): Promise<RawOpenedCursor>
  /** Calls `next` for one batch after another before it returns: undefined is the end, null gives up. */
  collectionApply(
    collection: RawCollection,
    options: Bytes,
    next: () => Bytes | undefined | null,
  ): Promise<Bytes | undefined>
  collectionEnsureIndex(collection: RawCollection, request: Bytes): Promise<Bytes>
  collectionRemoveIndex(collection: RawCollection, signature: string): Promise<boolean>
  collectionReset(collection: RawCollection): Promise<void>
  collectionOpenReplica(
    collection: RawCollection,
    coordinator: RawCoordinator | null,
    options: Bytes,
  ): Promise<RawReplica>
  collectionClose(collection: RawCollection): Promise<void>
  cursorHead(cursor: RawCursor): Promise<Bytes>
  cursorNext(cursor: RawCursor): Promise<RawSteps>
  cursorAnswer(cursor: RawCursor, answer: Bytes): Promise<void>
  cursorExplain(cursor: RawCursor): Promise<Bytes>
  cursorClose(cursor: RawCursor): Promise<void>
  coordinatorSend(coordinator: RawCoordinator, event: Bytes): Promise<void>
  coordinatorTake(coordinator: RawCoordinator): Promise<Array<Bytes>>
  coordinatorOnWakeup(coordinator: RawCoordinator, wakeup: (() => void) | null): void
  coordinatorClose(coordinator: RawCoordinator): Promise<void>
  replicaExchange(
    replica: RawReplica,
    events: ReadonlyArray<Bytes>,
    maxBytes: number,
  ): Promise<{ effects: Array<Bytes>; more: boolean }>
  replicaClose(replica: RawReplica): Promise<void>
}

// The ABI of the C API that the schemas' TypeScript and this file were made for.
const ABI_VERSION = 1

// In CommonJS build.mjs puts undefined in the place of import.meta.url. The other way round would not
// do: "node -e" has a global __filename, which ES modules see, too.
const url: string | undefined = import.meta.url
const file = url ? fileURLToPath(url) : __filename
const requireHere = createRequire(file)

// Which C library Node runs with: only glibc gives its version in a report.
function usesMusl(): boolean {
  if (process.platform !== `linux`) return false
  const report = process.report as (typeof process.report & { excludeNetwork?: boolean }) | undefined
  if (!report) return false
  const before = report.excludeNetwork
  // Names of hosts would be looked up otherwise.
  report.excludeNetwork = true
  const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }
  if (before !== undefined) report.excludeNetwork = before
  return header.glibcVersionRuntime === undefined
}

function packageName(): string {
  return `@cairn-db/node-${process.platform}-${process.arch}${usesMusl() ? `-musl` : ``}`
}

// This file stands in src, dist/esm or dist/cjs.
function localBuild(): string {
  const here = dirname(file)
  const up = basename(here) === `src` ? [`..`] : [`..`, `..`]
  return join(here, ...up, `build`, `cairn.node`)
}

function places(): Array<string> {
  const named = process.env.CAIRN_NODE_ADDON
  // Whoever names a file wants that one: to load another one instead would hide a mistake.
  return named ? [named] : [packageName(), localBuild()]
}

function loadFrom(place: string): Addon {
  const addon = requireHere(place) as Addon
  if (addon.abiVersion !== ABI_VERSION) {
    throw new Error(`it has ABI version ${addon.abiVersion}, and this package needs ${ABI_VERSION}`)
  }
  if (addon.schemaHash !== SCHEMA_HASH) {
    throw new Error(`it was made with other schemas than this package: both must be of one version`)
  }
  return addon
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split(`\n`)[0]!
}

let loaded: Addon | undefined

/** Loads the addon. Throws one error that names every place where it was looked for, and why not. */
export function loadAddon(): Addon {
  const tried: Array<string> = []
  for (const place of loaded ? [] : places()) {
    try {
      loaded = loadFrom(place)
      break
    } catch (error) {
      tried.push(`  ${place}: ${reasonOf(error)}`)
    }
  }
  if (loaded) return loaded
  throw new Error(
    [
      `The native part of @cairn-db/node could not be loaded for ${process.platform}-${process.arch}. Tried:`,
      ...tried,
      `Install the package with its optional dependencies (without --no-optional or --omit=optional), or build it ` +
        `with "npm run build:native", which needs CMake and a compiler for C++20.`,
    ].join(`\n`),
  )
}

/** How many handles, buffers and errors of the engine are open in this process, for tests against leaks. */
export function liveObjects(): number {
  return loadAddon().liveObjects()
}
