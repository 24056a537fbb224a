// The engine of @cairn-db/core over the addon: its plain functions as objects, its failures as
// CairnErrors. For the JavaScript thread that has loaded it. Every call that may touch the disk is
// carried out in libuv's pool (UV_THREADPOOL_SIZE threads for the whole process); bytes that are given
// to a call must stay as they are until it has ended, since large ones are not copied. A database over
// a connection of the app's (openExecutorDatabase) is the exception: its calls are carried out on the
// JavaScript thread, before they return their promise.
import { CairnError } from '@cairn-db/core'
import { loadAddon } from './load.js'
import type {
  CursorStep,
  Engine,
  EngineCollection,
  EngineCoordinator,
  EngineCursor,
  EngineDatabase,
  EngineReplica,
  Exchanged,
} from '@cairn-db/core'
import type { Addon, RawCollection, RawCoordinator, RawCursor, RawDatabase, RawOpenedCursor, RawReplica, RawSteps } from './load.js'

export { liveObjects } from './load.js'

interface Failure {
  status: number
  code: string
  message: string
  sqliteCode: number
  retryable: boolean
}

function isFailure(reason: unknown): reason is Failure {
  return typeof reason === `object` && reason !== null && `sqliteCode` in reason && `status` in reason
}

// What the app's connection threw last, in the call that is being carried out.
let hostError: unknown

function errorOf(reason: unknown, cause?: unknown): unknown {
  if (!isFailure(reason)) return reason
  const { message, ...details } = reason
  const error = new CairnError(message, cause === undefined ? details : { ...details, cause })
  Error.captureStackTrace(error, call)
  return error
}

// Makes a call on the addon. What it throws about its arguments rejects, too. A failure becomes an error
// after the await, so that its stack names those who wait for the call: where it failed there is none.
async function call<T>(start: () => Promise<T>): Promise<T> {
  let cause: unknown
  try {
    hostError = undefined
    const promise = start()
    cause = hostError
    return await promise
  } catch (reason) {
    throw errorOf(reason, cause)
  }
}

// Steps are read ahead, many in one call: a batch of rows takes less time than a way to another thread
// may, where the machine is busy.
class NodeCursor implements EngineCursor {
  private steps: Array<CursorStep> = []
  private failure: unknown // of the call after the steps
  private reading: Promise<void> | undefined
  private closed = false
  private waiting = 0 // calls of `next` that have not got their step
  private few = 0 // where no more steps are left, more are read
  private last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly addon: Addon,
    private readonly raw: RawCursor,
    first: RawSteps,
  ) {
    this.add(first)
  }

  static async open(addon: Addon, open: () => Promise<RawOpenedCursor>): Promise<NodeCursor> {
    const opened = await call(open)
    return new NodeCursor(addon, opened.cursor, opened)
  }

  head(): Promise<Uint8Array> {
    return call(() => this.addon.cursorHead(this.raw))
  }

  next(): CursorStep | Promise<CursorStep> {
    if (this.waiting === 0 && this.steps.length > 0 && !this.closed) return this.shift()
    this.waiting++
    const step = this.last.then(() => this.take()).finally(() => this.waiting--)
    this.last = step.catch(() => {})
    return step
  }

  answer(answer: Uint8Array): Promise<void> {
    return call(() => this.addon.cursorAnswer(this.raw, answer))
  }

  explain(): Promise<Uint8Array> {
    return call(() => this.addon.cursorExplain(this.raw))
  }

  close(): Promise<void> {
    this.closed = true
    // Those who wait get theirs.
    void this.last.then(() => (this.steps = []))
    return call(() => this.addon.cursorClose(this.raw))
  }

  private async take(): Promise<CursorStep> {
    while (this.steps.length === 0) await this.read()
    return this.shift()
  }

  private shift(): CursorStep {
    const step = this.steps.shift()!
    if (this.steps.length <= this.few && this.goesOn(step)) this.read().catch(() => {})
    return step
  }

  // Whether there may be more behind the steps that are here.
  private goesOn(step: CursorStep): boolean {
    return !this.closed && this.failure === undefined && (this.steps.at(-1) ?? step).kind === `batch`
  }

  // What fails is told to those who wait for a step then.
  private read(): Promise<void> {
    this.reading ??= this.readNow().finally(() => (this.reading = undefined))
    return this.reading
  }

  private async readNow(): Promise<void> {
    const { failure } = this
    this.failure = undefined
    const next = () => (failure === undefined ? this.addon.cursorNext(this.raw) : Promise.reject(failure))
    this.add(await call(next))
  }

  private add({ steps, failure }: RawSteps): void {
    this.steps.push(...steps)
    this.failure = failure
    this.few = steps.length >> 1
  }
}

class NodeCoordinator implements EngineCoordinator {
  constructor(
    private readonly addon: Addon,
    readonly raw: RawCoordinator,
  ) {}

  send(event: Uint8Array): Promise<void> {
    return call(() => this.addon.coordinatorSend(this.raw, event))
  }

  take(): Promise<Array<Uint8Array>> {
    return call(() => this.addon.coordinatorTake(this.raw))
  }

  onWakeup(wakeup: (() => void) | null): void {
    try {
      this.addon.coordinatorOnWakeup(this.raw, wakeup)
    } catch (reason) {
      throw errorOf(reason)
    }
  }

  close(): Promise<void> {
    return call(() => this.addon.coordinatorClose(this.raw))
  }
}

class NodeReplica implements EngineReplica {
  constructor(
    private readonly addon: Addon,
    private readonly raw: RawReplica,
  ) {}

  exchange(events: ReadonlyArray<Uint8Array>, maxBytes: number): Promise<Exchanged> {
    return call(() => this.addon.replicaExchange(this.raw, events, maxBytes))
  }

  close(): Promise<void> {
    return call(() => this.addon.replicaClose(this.raw))
  }
}

// The addon's part of a coordinator; a coordinator of another engine has none.
function rawCoordinator(coordinator: EngineCoordinator | null): RawCoordinator | null {
  if (coordinator === null || coordinator instanceof NodeCoordinator) return coordinator?.raw ?? null
  throw new TypeError(`the coordinator is not one of this engine`)
}

// The batches of a transaction as the addon calls for them. What fails here must not go through the addon:
// the promise that it has made by then would be nobody's.
class Making {
  failure: { error: unknown } | undefined
  private readonly batches: Iterator<Uint8Array>

  constructor(batches: Iterable<Uint8Array>) {
    if (batches instanceof Uint8Array) throw new TypeError(`row batches are given as a list of them`)
    this.batches = batches[Symbol.iterator]()
  }

  readonly next = (): Uint8Array | undefined | null => {
    try {
      const { done, value } = this.batches.next()
      if (done) return undefined
      if (!(value instanceof Uint8Array)) throw new TypeError(`a row batch is a Uint8Array`)
      return value
    } catch (error) {
      this.failure = { error }
      return null
    }
  }

  /** Rejects with what failed, when the transaction has been rolled back. */
  async giveUp(written: Promise<unknown>): Promise<never> {
    await written.catch(() => {})
    throw this.failure!.error
  }
}

class NodeCollection implements EngineCollection {
  constructor(
    private readonly addon: Addon,
    private readonly raw: RawCollection,
  ) {}

  info(): Promise<Uint8Array> {
    return call(() => this.addon.collectionInfo(this.raw))
  }

  metadata(): Promise<Uint8Array> {
    return call(() => this.addon.collectionMetadata(this.raw))
  }

  load(request: Uint8Array): Promise<EngineCursor> {
    return NodeCursor.open(this.addon, () => this.addon.collectionLoad(this.raw, request))
  }

  delta(request: Uint8Array): Promise<EngineCursor> {
    return NodeCursor.open(this.addon, () => this.addon.collectionDelta(this.raw, request))
  }

  apply(options: Uint8Array, batches: Iterable<Uint8Array>): Promise<Uint8Array> {
    return call(() => {
      const making = new Making(batches)
      const written = this.addon.collectionApply(this.raw, options, making.next)
      return making.failure ? making.giveUp(written) : (written as Promise<Uint8Array>)
    })
  }

  ensureIndex(request: Uint8Array): Promise<Uint8Array> {
    return call(() => this.addon.collectionEnsureIndex(this.raw, request))
  }

  removeIndex(signature: string): Promise<boolean> {
    return call(() => this.addon.collectionRemoveIndex(this.raw, signature))
  }

  reset(): Promise<void> {
    return call(() => this.addon.collectionReset(this.raw))
  }

  async openReplica(coordinator: EngineCoordinator | null, options: Uint8Array): Promise<EngineReplica> {
    const open = () => this.addon.collectionOpenReplica(this.raw, rawCoordinator(coordinator), options)
    return new NodeReplica(this.addon, await call(open))
  }

  close(): Promise<void> {
    return call(() => this.addon.collectionClose(this.raw))
  }
}

class NodeDatabase implements EngineDatabase {
  constructor(
    private readonly addon: Addon,
    private readonly raw: RawDatabase,
  ) {}

  info(): Promise<Uint8Array> {
    return call(() => this.addon.databaseInfo(this.raw))
  }

  async openCollection(name: string, options: Uint8Array): Promise<EngineCollection> {
    const open = () => this.addon.databaseOpenCollection(this.raw, name, options)
    return new NodeCollection(this.addon, await call(open))
  }

  dropCollection(name: string): Promise<void> {
    return call(() => this.addon.databaseDropCollection(this.raw, name))
  }

  async openCoordinator(options: Uint8Array): Promise<EngineCoordinator> {
    const open = () => this.addon.databaseOpenCoordinator(this.raw, options)
    return new NodeCoordinator(this.addon, await call(open))
  }

  digest(): Promise<Uint8Array> {
    return call(() => this.addon.databaseDigest(this.raw))
  }

  check(options: Uint8Array): Promise<Uint8Array> {
    return call(() => this.addon.databaseCheck(this.raw, options))
  }

  backup(path: string): Promise<Uint8Array> {
    return call(() => this.addon.databaseBackup(this.raw, path))
  }

  flush(): Promise<void> {
    return call(() => this.addon.databaseFlush(this.raw))
  }

  compact(): Promise<void> {
    return call(() => this.addon.databaseCompact(this.raw))
  }

  close(): Promise<void> {
    return call(() => this.addon.databaseClose(this.raw))
  }
}

/** A connection of the app's, as better-sqlite3 makes them. */
export interface ExecutorHandle {
  prepare: (sql: string) => unknown
  exec: (sql: string) => unknown
  readonly inTransaction: boolean
}

interface Statement {
  readonly reader: boolean
  raw: (on: boolean) => Statement
  safeIntegers: (on: boolean) => Statement
  all: (...parameters: Array<unknown>) => ReadonlyArray<ReadonlyArray<unknown>>
  run: (...parameters: Array<unknown>) => unknown
}

// SQLite's result codes by their names; those of a list have the number of their place in it, from 1.
const CODES: Record<string, number> = {
  ERROR: 1, INTERNAL: 2, PERM: 3, ABORT: 4, BUSY: 5, LOCKED: 6, NOMEM: 7, READONLY: 8, INTERRUPT: 9, IOERR: 10,
  CORRUPT: 11, NOTFOUND: 12, FULL: 13, CANTOPEN: 14, PROTOCOL: 15, EMPTY: 16, SCHEMA: 17, TOOBIG: 18,
  CONSTRAINT: 19, MISMATCH: 20, MISUSE: 21, NOLFS: 22, AUTH: 23, FORMAT: 24, RANGE: 25, NOTADB: 26,
}
const EXTENDED: Record<string, string> = {
  BUSY: `RECOVERY SNAPSHOT TIMEOUT`,
  CANTOPEN: `NOTEMPDIR ISDIR FULLPATH CONVPATH DIRTYWAL SYMLINK`,
  CORRUPT: `VTAB SEQUENCE INDEX`,
  IOERR:
    `READ SHORT_READ WRITE FSYNC DIR_FSYNC TRUNCATE FSTAT UNLOCK RDLOCK DELETE BLOCKED NOMEM ACCESS ` +
    `CHECKRESERVEDLOCK LOCK CLOSE DIR_CLOSE SHMOPEN SHMSIZE SHMLOCK SHMMAP SEEK DELETE_NOENT MMAP GETTEMPPATH ` +
    `CONVPATH VNODE AUTH BEGIN_ATOMIC COMMIT_ATOMIC ROLLBACK_ATOMIC DATA CORRUPTFS IN_PAGE`,
  LOCKED: `SHAREDCACHE VTAB`,
  READONLY: `RECOVERY CANTLOCK ROLLBACK DBMOVED CANTINIT DIRECTORY`,
}

/** The extended result code of what better-sqlite3 throws; 1 where it has none. */
export function sqliteCodeOf(error: unknown): number {
  const { code, message } = error as { code?: unknown; message?: unknown }
  // While the app reads a statement step by step, better-sqlite3 lets nobody write.
  if (/connection is busy/.test(String(message))) return CODES.BUSY!
  const [, name, extension] = /^SQLITE_([A-Z]+)_?(\w*)$/.exec(String(code)) ?? []
  const base = CODES[name ?? ``] ?? CODES.ERROR!
  const place = EXTENDED[name ?? ``]?.split(` `).indexOf(extension ?? ``) ?? -1
  return base | ((place + 1) << 8)
}

const STATEMENTS = 128

// What the addon calls for the statements and transactions of a database over an app's connection. What
// fails is told by a code, and what was thrown is kept for the CairnError.
class HostConnection {
  private readonly statements = new Map<string, Statement>()

  constructor(private readonly handle: ExecutorHandle) {}

  readonly execute = (sql: string, parameters: Array<unknown>): ReadonlyArray<ReadonlyArray<unknown>> | number => {
    try {
      const statement = this.statement(sql)
      // The engine's parameters have numbers, ?1 and so on, which are names to better-sqlite3.
      const values = parameters.length === 0 ? [] : [Object.fromEntries(parameters.map((value, i) => [i + 1, value]))]
      if (statement.reader) return statement.all(...values)
      statement.run(...values)
      return 0
    } catch (error) {
      return this.failed(error)
    }
  }

  readonly transaction = (body: () => number): number => {
    // Its rollback would take away what the engine has reported as committed.
    if (this.handle.inTransaction) {
      return this.failed(Object.assign(new Error(`the app has a transaction open on its connection`), { code: `SQLITE_BUSY` }))
    }
    let code = this.run(`BEGIN IMMEDIATE`)
    if (code !== 0) return code
    code = body() || this.run(`COMMIT`)
    // SQLite has rolled back already after some failures.
    if (code !== 0 && this.handle.inTransaction) this.run(`ROLLBACK`)
    return code
  }

  private run(sql: string): number {
    try {
      this.handle.exec(sql)
      return 0
    } catch (error) {
      return this.failed(error)
    }
  }

  private failed(error: unknown): number {
    hostError = error
    return sqliteCodeOf(error)
  }

  // Prepared statements by their text; the one that was used longest ago goes first.
  private statement(sql: string): Statement {
    const known = this.statements.get(sql)
    if (known) this.statements.delete(sql)
    const statement = known ?? this.prepare(sql)
    this.statements.set(sql, statement)
    if (this.statements.size > STATEMENTS) this.statements.delete(this.statements.keys().next().value!)
    return statement
  }

  private prepare(sql: string): Statement {
    const statement = this.handle.prepare(sql) as Statement
    if (!statement.reader) return statement
    // The app may have made bigints the default.
    return statement.raw(true).safeIntegers(false)
  }
}

/** Opens a database in tables beside the app's own, over a connection that the app has open already. Every
 *  call on it is carried out at once, on this thread. Close the connection after the database only. */
export async function openExecutorDatabase(handle: ExecutorHandle, options: Uint8Array): Promise<EngineDatabase> {
  const addon = loadAddon()
  const host = new HostConnection(handle)
  return new NodeDatabase(addon, await call(() => addon.databaseOpenExecutor(host.execute, host.transaction, options)))
}

/** The engine of this platform. Throws where its native part cannot be loaded. */
export function loadEngine(): Engine {
  const addon = loadAddon()
  return {
    async openDatabase(path: string, options: Uint8Array): Promise<EngineDatabase> {
      return new NodeDatabase(addon, await call(() => addon.databaseOpen(path, options)))
    },
  }
}
