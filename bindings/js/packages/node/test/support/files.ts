// Databases of tests: each in a folder of its own, closed and removed at the end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNodeSQLitePersistence, openNodeSQLiteDatabase } from '@cairn-db/node'
import type { NodeSQLiteDatabase, NodeSQLitePersistenceOptions } from '@cairn-db/node'
import type { TestContext } from 'node:test'

export function scratchFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), `cairn-node-`))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, `test.db`)
}

/** A persistence over a file, as a program has it from its start to its end. */
export class Program {
  private constructor(
    readonly database: NodeSQLiteDatabase,
    readonly options: Partial<NodeSQLitePersistenceOptions>,
  ) {}

  static async start(path: string, options: Partial<NodeSQLitePersistenceOptions> = {}): Promise<Program> {
    return new Program(await openNodeSQLiteDatabase({ path }), options)
  }

  readonly persistence = () => createNodeSQLitePersistence({ database: this.database, ...this.options })

  end(): Promise<void> {
    return this.database.close()
  }
}
