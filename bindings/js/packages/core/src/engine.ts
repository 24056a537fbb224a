// What @cairn-db/core needs of an engine: the C API's calls, with payloads as bytes (the tables of
// schemas/*.fbs). An addon, a worker, an IPC channel or a native module implements it; nothing here
// knows which. Calls on one handle are carried out one after another, in the order in which they
// were made; handles may be used at the same time. Failures reject with a CairnError. After `close`
// every other call on the handle rejects; closing twice is allowed.

export interface Engine {
  openDatabase(path: string, options: Uint8Array): Promise<EngineDatabase>
}

export interface EngineDatabase {
  /** A DatabaseInfo. */
  info(): Promise<Uint8Array>
  openCollection(name: string, options: Uint8Array): Promise<EngineCollection>
  dropCollection(name: string): Promise<void>
  openCoordinator(options: Uint8Array): Promise<EngineCoordinator>
  /** A DigestReport. */
  digest(): Promise<Uint8Array>
  /** A CheckReport. */
  check(options: Uint8Array): Promise<Uint8Array>
  /** A BackupReport. */
  backup(path: string): Promise<Uint8Array>
  /** Syncs what commits have only handed to the operating system. */
  flush(): Promise<void>
  compact(): Promise<void>
  close(): Promise<void>
}

export interface EngineCollection {
  /** A CollectionInfo. */
  info(): Promise<Uint8Array>
  /** A MetadataReport. */
  metadata(): Promise<Uint8Array>
  load(request: Uint8Array): Promise<EngineCursor>
  delta(request: Uint8Array): Promise<EngineCursor>
  /** Begins a transaction, adds the row batches and commits, in one call; gives a CommitResult. All
   *  batches are taken before it returns; an engine may write one while the next is made. Where one
   *  cannot be made, nothing is written, and it rejects with what was thrown. */
  apply(options: Uint8Array, batches: Iterable<Uint8Array>): Promise<Uint8Array>
  /** An IndexInfo: call again until it is ready. */
  ensureIndex(request: Uint8Array): Promise<Uint8Array>
  /** False where there is no such index. */
  removeIndex(signature: string): Promise<boolean>
  reset(): Promise<void>
  openReplica(coordinator: EngineCoordinator | null, options: Uint8Array): Promise<EngineReplica>
  close(): Promise<void>
}

export type CursorStep =
  | { kind: `batch`; bytes: Uint8Array }
  | { kind: `question`; bytes: Uint8Array }
  | { kind: `done` }

export interface EngineCursor {
  /** A CursorHead. */
  head(): Promise<Uint8Array>
  /** A step that is here already is given as it is. */
  next(): CursorStep | Promise<CursorStep>
  /** An Answer to the question that `next` gave. */
  answer(answer: Uint8Array): Promise<void>
  /** An Explanation. */
  explain(): Promise<Uint8Array>
  close(): Promise<void>
}

export interface EngineCoordinator {
  send(event: Uint8Array): Promise<void>
  /** CoordinatorActions, until there is none. */
  take(): Promise<Array<Uint8Array>>
  /** Has `wakeup` called when there may be something to do for the coordinator or its replicas:
   *  once, and again only after `take` and `exchange` have come to an end. Null removes it. */
  onWakeup(wakeup: (() => void) | null): void
  close(): Promise<void>
}

export interface Exchanged {
  /** ReplicaEffects. */
  effects: Array<Uint8Array>
  /** There may be more effects: exchange again. */
  more: boolean
}

export interface EngineReplica {
  /** Hands over ReplicaEvents in their order, then takes effects until there is none or they
   *  exceed `maxBytes`. Where an event is refused it rejects, and those behind it are not sent. */
  exchange(events: ReadonlyArray<Uint8Array>, maxBytes: number): Promise<Exchanged>
  close(): Promise<void>
}
