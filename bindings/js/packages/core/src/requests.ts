// Options and requests as the bytes of their tables (schemas/requests.fbs). Absent parts keep the
// engine's defaults.
import {
  CollectionOptions,
  DatabaseOptions,
  DeltaRequest,
  Durability,
  IndexRequest,
  LoadRequest,
  MismatchPolicy,
  TextEncoding,
  TransactionMode,
  TransactionOptions,
} from './schemas/index.js'
import { putExpression } from './expression.js'
import { putSubset } from './subset.js'
import { buildTable, putMetadata, putOffsets, putString, putStrings } from './tables.js'
import type { ExpressionLike } from './expression.js'
import type { SubsetLike } from './subset.js'
import type { MetadataChange } from './tables.js'

/** What a commit waits for: `os` survives the process, `disk` a power loss as well. */
export type DurabilityName = `os` | `disk`

export type DatabaseOptionsLike = {
  readOnly?: boolean
  inMemory?: boolean
  durability?: DurabilityName
  busyTimeoutMs?: number
  /** What becomes of a damaged file: set aside for a new one (default), or an error. */
  damage?: `set-aside` | `refuse`
  check?: boolean
}

export type CollectionOptionsLike = {
  schemaVersion?: number
  local?: boolean
  mismatch?: `reset` | `error`
  durability?: DurabilityName
  logTransactions?: number
  logSeconds?: number
}

export type LoadOptions = {
  metadata?: boolean
  host?: boolean
  batchRows?: number
  batchBytes?: number
}

export type TransactionOptionsLike = {
  mode?: `apply` | `reconcile`
  replace?: boolean
  truncate?: boolean
  id?: string
  writer?: string
  term?: number
  seq?: number
  rowVersion?: number
  durability?: DurabilityName
  metadata?: ReadonlyArray<MetadataChange>
}

export type IndexRequestLike = {
  signature: string
  expressions?: ReadonlyArray<ExpressionLike>
  expressionTexts?: ReadonlyArray<string>
  whereText?: string
  maxRows?: number
}

function durabilityOf(name: DurabilityName): Durability {
  return name === `disk` ? Durability.Disk : Durability.Os
}

export function databaseOptions(options: DatabaseOptionsLike): Uint8Array {
  return buildTable((builder) => {
    DatabaseOptions.startDatabaseOptions(builder)
    if (options.readOnly) DatabaseOptions.addReadOnly(builder, true)
    if (options.inMemory) DatabaseOptions.addInMemory(builder, true)
    if (options.durability) DatabaseOptions.addDurability(builder, durabilityOf(options.durability))
    if (options.busyTimeoutMs !== undefined) {
      DatabaseOptions.addBusyTimeoutMs(builder, options.busyTimeoutMs)
    }
    if (options.damage === `refuse`) DatabaseOptions.addDamage(builder, 1)
    if (options.check) DatabaseOptions.addCheck(builder, true)
    return DatabaseOptions.endDatabaseOptions(builder)
  })
}

export function collectionOptions(options: CollectionOptionsLike): Uint8Array {
  return buildTable((builder) => {
    CollectionOptions.startCollectionOptions(builder)
    CollectionOptions.addSchemaVersion(builder, BigInt(options.schemaVersion ?? 1))
    if (options.local) CollectionOptions.addLocal(builder, true)
    if (options.mismatch) {
      const policy = options.mismatch === `reset` ? MismatchPolicy.Reset : MismatchPolicy.Error
      CollectionOptions.addMismatchPolicy(builder, policy)
    }
    if (options.durability) {
      CollectionOptions.addDurability(builder, durabilityOf(options.durability))
    }
    if (options.logTransactions !== undefined) {
      CollectionOptions.addLogTransactions(builder, options.logTransactions)
    }
    if (options.logSeconds !== undefined) {
      CollectionOptions.addLogSeconds(builder, BigInt(options.logSeconds))
    }
    return CollectionOptions.endCollectionOptions(builder)
  })
}

export function loadRequest(subset: SubsetLike, options: LoadOptions = {}): Uint8Array {
  return buildTable((builder) => {
    const wanted = putSubset(builder, subset)
    LoadRequest.startLoadRequest(builder)
    LoadRequest.addSubset(builder, wanted)
    LoadRequest.addEncoding(builder, TextEncoding.Utf16)
    if (options.metadata) LoadRequest.addMetadata(builder, true)
    if (options.host) LoadRequest.addHost(builder, true)
    if (options.batchRows !== undefined) LoadRequest.addBatchRows(builder, options.batchRows)
    if (options.batchBytes !== undefined) LoadRequest.addBatchBytes(builder, options.batchBytes)
    return LoadRequest.endLoadRequest(builder)
  })
}

export function deltaRequest(since: number, resetEpoch: bigint): Uint8Array {
  return buildTable((builder) => {
    DeltaRequest.startDeltaRequest(builder)
    DeltaRequest.addSince(builder, BigInt(since))
    DeltaRequest.addResetEpoch(builder, resetEpoch)
    DeltaRequest.addMetadata(builder, true)
    DeltaRequest.addEncoding(builder, TextEncoding.Utf16)
    return DeltaRequest.endDeltaRequest(builder)
  })
}

export function transactionOptions(options: TransactionOptionsLike): Uint8Array {
  return buildTable((builder) => {
    const id = putString(builder, options.id)
    const writer = putString(builder, options.writer)
    const metadata = options.metadata?.length ? putMetadata(builder, options.metadata) : 0
    TransactionOptions.startTransactionOptions(builder)
    if (options.mode === `reconcile`) {
      TransactionOptions.addMode(builder, TransactionMode.Reconcile)
    }
    if (options.replace) TransactionOptions.addReplace(builder, true)
    if (options.truncate) TransactionOptions.addTruncate(builder, true)
    TransactionOptions.addId(builder, id)
    TransactionOptions.addWriter(builder, writer)
    TransactionOptions.addTerm(builder, BigInt(options.term ?? 0))
    TransactionOptions.addSeq(builder, BigInt(options.seq ?? 0))
    TransactionOptions.addRowVersion(builder, BigInt(options.rowVersion ?? 0))
    if (options.durability) {
      TransactionOptions.addDurability(builder, durabilityOf(options.durability))
    }
    TransactionOptions.addMetadata(builder, metadata)
    return TransactionOptions.endTransactionOptions(builder)
  })
}

export function indexRequest(request: IndexRequestLike): Uint8Array {
  return buildTable((builder) => {
    const signature = builder.createString(request.signature)
    const trees = request.expressions?.map((one) => putExpression(builder, one))
    const expressions = trees ? putOffsets(builder, trees) : 0
    const texts = request.expressionTexts ? putStrings(builder, request.expressionTexts) : 0
    const where = putString(builder, request.whereText)
    IndexRequest.startIndexRequest(builder)
    IndexRequest.addSignature(builder, signature)
    IndexRequest.addExpressions(builder, expressions)
    IndexRequest.addExpressionTexts(builder, texts)
    IndexRequest.addWhereText(builder, where)
    IndexRequest.addMaxRows(builder, BigInt(request.maxRows ?? 0))
    return IndexRequest.endIndexRequest(builder)
  })
}
