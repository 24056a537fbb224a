// @cairn-db/node: Cairn for Node.js, with today's names of @tanstack/node-db-sqlite-persistence.
export * from '@cairn-db/core'
export { NodeProcessCoordinator } from './coordinator.js'
export type { NodeProcessCoordinatorOptions } from './coordinator.js'
export { openNodeSQLiteDatabase, NodeSQLiteDatabase } from './database.js'
export type { BetterSqlite3Database, NodeSQLiteDatabaseOptions } from './database.js'
export { createNodeSQLitePersistence } from './persistence.js'
export type { NodeSQLitePersistenceOptions, NodeSQLiteSchemaMismatchPolicy } from './persistence.js'
