// The coordinator for several processes of one machine that have one file open. The engine elects,
// fences and tells of changes; this opens its coordinator once for all collections of a process.
import { Coordination, COORDINATION, SingleProcessCoordinator, coordinatorOptions, randomId } from '@cairn-db/core'
import type { NodeSQLiteDatabase } from './database.js'

export type NodeProcessCoordinatorOptions = {
  database: NodeSQLiteDatabase
  /** Names this process, and no other. */
  nodeId?: string
}

/** Give it to createNodeSQLitePersistence, and use persistedCollectionOptions of this package: the
 *  collections of every process see what any of them writes, and one process leads each collection.
 *  With TanStack DB's own persistedCollectionOptions it behaves as SingleProcessCoordinator does. */
export class NodeProcessCoordinator extends SingleProcessCoordinator {
  private opened: Promise<Coordination> | undefined
  private readonly database: NodeSQLiteDatabase

  constructor({ database, nodeId = randomId() }: NodeProcessCoordinatorOptions) {
    super(nodeId)
    this.database = database
  }

  [COORDINATION](): Promise<Coordination> {
    this.opened ??= this.open()
    return this.opened
  }

  /** Lets go of what this process leads. Clean up its collections first. */
  async dispose(): Promise<void> {
    const opened = this.opened
    this.opened = undefined
    await (await opened?.catch(() => undefined))?.close()
  }

  private async open(): Promise<Coordination> {
    const options = coordinatorOptions({ kind: `native`, node: this.getNodeId() })
    return new Coordination(await this.database.engine.openCoordinator(options))
  }
}
