// A sync source under the test's control: it resumes from the cursor in its metadata, and writes
// what the test tells it to. `online` decides whether it ever becomes ready.
import type { SyncConfig } from '@tanstack/db'

export type Todo = { id: string; title?: string; n?: number; [field: string]: unknown }

type Params = Parameters<SyncConfig<Todo, string>[`sync`]>[0]

export class TestSource {
  online = true
  starts: Array<unknown> = []
  loads: Array<unknown> = []
  params: Params | undefined
  private started: Array<() => void> = []

  constructor(private readonly rowUpdateMode: `partial` | `full` = `partial`) {}

  readonly config = (): SyncConfig<Todo, string> => ({
    rowUpdateMode: this.rowUpdateMode,
    sync: (params) => {
      this.params = params
      this.starts.push(params.metadata?.collection.get(`cursor`))
      if (this.online) params.markReady()
      for (const resolve of this.started.splice(0)) resolve()
      return {
        cleanup: () => {
          this.params = undefined
        },
        loadSubset: (options) => {
          this.loads.push(options)
          return true
        },
      }
    },
  })

  /** Resolves when it runs. */
  running(): Promise<void> {
    return this.params ? Promise.resolve() : new Promise((resolve) => this.started.push(resolve))
  }

  /** A transaction that leaves the cursor; resolves when it is persisted. */
  async write(cursor: number, body: (params: Params) => void): Promise<void> {
    await this.running()
    const params = this.params!
    params.begin()
    body(params)
    params.metadata!.collection.set(`cursor`, cursor)
    await params.commit()
  }

  insert(cursor: number, ...rows: Array<Todo>): Promise<void> {
    return this.write(cursor, ({ write }) => rows.forEach((value) => write({ type: `insert`, value })))
  }
}
