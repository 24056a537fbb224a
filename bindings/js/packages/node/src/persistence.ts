// createNodeSQLitePersistence: the persistence of TanStack DB collections in Node.
import { createPersistence, InvalidPersistedCollectionConfigError } from '@cairn-db/core'
import { engineOf, NodeSQLiteDatabase } from './database.js'
import type { PersistedCollectionPersistence, PersistenceOptions, SchemaMismatchPolicy } from '@cairn-db/core'
import type { BetterSqlite3Database } from './database.js'

export type NodeSQLiteSchemaMismatchPolicy = SchemaMismatchPolicy

export type NodeSQLitePersistenceOptions = PersistenceOptions & {
  /** From openNodeSQLiteDatabase, which is faster and works off the main thread; or a better-sqlite3
   *  handle of the app's. */
  database: NodeSQLiteDatabase | BetterSqlite3Database
  /** Only for a better-sqlite3 handle: pragmas to set on it. */
  pragmas?: ReadonlyArray<string>
}

function setPragmas(database: BetterSqlite3Database, pragmas: ReadonlyArray<string>): void {
  for (const pragma of pragmas) {
    if (/;|--|\/\*/.test(pragma)) throw new InvalidPersistedCollectionConfigError(`Invalid SQLite PRAGMA: "${pragma}"`)
    if (pragma.trim()) database.exec(`PRAGMA ${pragma}`)
  }
}

export function createNodeSQLitePersistence(options: NodeSQLitePersistenceOptions): PersistedCollectionPersistence {
  const { database, pragmas, ...others } = options
  if (!(database instanceof NodeSQLiteDatabase)) {
    if (typeof database?.prepare !== `function`) {
      throw new InvalidPersistedCollectionConfigError(
        `createNodeSQLitePersistence needs a database: await openNodeSQLiteDatabase({ path }), or a better-sqlite3 handle`,
      )
    }
    setPragmas(database, pragmas ?? [`journal_mode = WAL`, `synchronous = NORMAL`])
  }
  return createPersistence(engineOf(database), others)
}
