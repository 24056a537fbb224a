// The database of a persistence in Node: a file that the engine opens, or a better-sqlite3 handle
// that the app has open already and through which the engine then works.
import { databaseOptions } from '@cairn-db/core'
import { loadEngine, openExecutorDatabase } from './engine.js'
import type { DatabaseOptionsLike, EngineDatabase } from '@cairn-db/core'

export type NodeSQLiteDatabaseOptions = Omit<DatabaseOptionsLike, `inMemory`> & {
  /** A file, or `:memory:`. */
  path: string
}

export class NodeSQLiteDatabase {
  constructor(
    readonly path: string,
    readonly engine: EngineDatabase,
  ) {}

  /** Syncs what commits have only handed to the operating system. */
  flush(): Promise<void> {
    return this.engine.flush()
  }

  /** A copy while the database is in use; it replaces an older one only when it is whole. */
  async backup(path: string): Promise<void> {
    await this.engine.backup(path)
  }

  /** Close the collections first: what they have committed is in the file either way. */
  close(): Promise<void> {
    return this.engine.close()
  }
}

/** Opens a database file, and creates it where there is none. */
export async function openNodeSQLiteDatabase(options: NodeSQLiteDatabaseOptions): Promise<NodeSQLiteDatabase> {
  const { path, ...others } = options
  const inMemory = path === `:memory:`
  const engine = await loadEngine().openDatabase(inMemory ? `` : path, databaseOptions({ ...others, inMemory }))
  return new NodeSQLiteDatabase(path, engine)
}

/** What the engine needs of a better-sqlite3 database. */
export interface BetterSqlite3Database {
  prepare: (sql: string) => unknown
  exec: (sql: string) => unknown
  transaction: (body: () => void) => unknown
  readonly inTransaction: boolean
}

const engines = new WeakMap<BetterSqlite3Database, Promise<EngineDatabase>>()

function openHandle(database: BetterSqlite3Database): Promise<EngineDatabase> {
  const engine = openExecutorDatabase(database, databaseOptions({}))
  engines.set(database, engine)
  engine.catch(() => engines.delete(database))
  return engine
}

/** The engine's database behind either; a handle is opened once, however often it is given. */
export function engineOf(database: NodeSQLiteDatabase | BetterSqlite3Database): () => Promise<EngineDatabase> {
  if (database instanceof NodeSQLiteDatabase) return async () => database.engine
  return () => engines.get(database) ?? openHandle(database)
}
