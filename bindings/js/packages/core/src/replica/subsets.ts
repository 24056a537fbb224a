// The subsets that a collection in on-demand mode has asked for, under the numbers that its replica
// knows them by. A request is found again by its object, which TanStack DB gives back when it lets go.
import { subsetBytes, subsetsOf } from '../subset.js'
import { EventKind } from './events.js'
import type { LoadSubsetLike } from '../subset.js'
import type { Front } from './front.js'

type Loaded = {
  ids: Array<number>
  subsets: Array<string> // the tables that were asked for
  remote: boolean
  options: LoadSubsetLike
  waiting: Set<string>
  resolve: () => void
  reject: (error: unknown) => void
  promise: Promise<void>
}

const nameOf = (id: number, remote: boolean) => `${id}${remote ? ` remote` : ``}`

export class Subsets {
  private last = 0
  private readonly byOptions = new Map<LoadSubsetLike, Loaded>()
  private readonly byId = new Map<number, Loaded>()

  /** `remote`: that the source has brought them as well is waited for. */
  constructor(
    private readonly front: Front,
    private readonly remote: boolean,
  ) {}

  load(options: LoadSubsetLike, remote = this.remote): Promise<void> {
    const subsets = subsetsOf(options).map(subsetBytes)
    const ids = subsets.map(() => ++this.last)
    const loaded = { ids, subsets: subsets.map(String), remote, options, waiting: new Set<string>() } as Loaded
    for (const id of ids) {
      loaded.waiting.add(nameOf(id, false))
      if (remote) loaded.waiting.add(nameOf(id, true))
      this.byId.set(id, loaded)
    }
    loaded.promise = new Promise((resolve, reject) => Object.assign(loaded, { resolve, reject }))
    this.byOptions.set(options, loaded)
    subsets.forEach((subset, i) => {
      this.front.send({ kind: EventKind.LoadSubset, subsetId: ids[i]!, subset })
    })
    return loaded.promise
  }

  /** Whether all of it is there already: then what loads it again need not wait. */
  has(options: LoadSubsetLike): boolean {
    const loaded = [...this.byOptions.values()].filter((one) => one.waiting.size === 0)
    const there = new Set(loaded.flatMap((one) => one.subsets))
    return there.size > 0 && subsetsOf(options).every((subset) => there.has(String(subsetBytes(subset))))
  }

  unload(options: LoadSubsetLike): void {
    const loaded = this.byOptions.get(options)
    if (!loaded) return
    this.byOptions.delete(options)
    for (const id of loaded.ids) {
      this.byId.delete(id)
      this.front.send({ kind: EventKind.UnloadSubset, subsetId: id })
    }
    loaded.resolve()
  }

  /** Reads those that are asked for like this again. */
  reload(options: LoadSubsetLike): Promise<void> {
    const wanted = JSON.stringify(comparable(options))
    const found = [...this.byOptions.keys()].find((one) => JSON.stringify(comparable(one)) === wanted)
    if (found) this.unload(found)
    return this.load(found ?? options)
  }

  optionsOf(id: number): LoadSubsetLike | undefined {
    return this.byId.get(id)?.options
  }

  /** Whether the source has no part in it. */
  isLocal(id: number): boolean {
    return this.byId.get(id)?.remote === false
  }

  ready(id: number, remote: boolean): void {
    const loaded = this.byId.get(id)
    loaded?.waiting.delete(nameOf(id, remote))
    if (loaded?.waiting.size === 0) loaded.resolve()
  }

  failed(id: number, error: unknown): void {
    this.byId.get(id)?.reject(error)
  }

  /** Ends all waiting: with an error where the replica is lost. */
  close(error?: Error): void {
    for (const loaded of this.byOptions.values()) {
      if (error) loaded.reject(error)
      else loaded.resolve()
    }
    this.byOptions.clear()
    this.byId.clear()
  }
}

function comparable({ where, orderBy, limit, offset, cursor }: LoadSubsetLike) {
  return { where, orderBy, limit, offset, cursor }
}
