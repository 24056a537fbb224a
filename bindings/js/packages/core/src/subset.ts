// What a consumer asks for: TanStack DB's LoadSubsetOptions as the engine's Subset tables.
import { Cursor, Direction, Nulls, OrderBy, StringSort, Subset } from './schemas/index.js'
import { collationName, collationOf } from './collation.js'
import { putExpression, readExpression, sameExpression } from './expression.js'
import { buildTable, putOffsets, putValue, tableOf } from './tables.js'
import type { Builder, Offset } from 'flatbuffers'
import type { CollationLike } from './collation.js'
import type { ExpressionLike } from './expression.js'

export type ClauseLike = {
  expression: ExpressionLike
  compareOptions: CollationLike & { direction: `asc` | `desc`; nulls: `first` | `last` }
}

/** LoadSubsetOptions, by structure. */
export type LoadSubsetLike = {
  where?: ExpressionLike
  orderBy?: ReadonlyArray<ClauseLike>
  limit?: number
  offset?: number
  cursor?: { whereFrom: ExpressionLike; whereCurrent: ExpressionLike; lastKey?: string | number }
}

/** A subset as the engine has it: its cursor is the boundary's values. */
export type SubsetLike = Omit<LoadSubsetLike, `cursor`> & { cursor?: ReadonlyArray<unknown> }

function putClause(builder: Builder, { expression, compareOptions }: ClauseLike): Offset {
  const tree = putExpression(builder, expression)
  const collation = collationName(compareOptions)
  const locale = collation ? builder.createString(collation) : 0
  OrderBy.startOrderBy(builder)
  OrderBy.addExpression(builder, tree)
  const descending = compareOptions.direction === `desc`
  OrderBy.addDirection(builder, descending ? Direction.Descending : Direction.Ascending)
  OrderBy.addNulls(builder, compareOptions.nulls === `last` ? Nulls.Last : Nulls.First)
  OrderBy.addStringSort(builder, collation === undefined ? StringSort.Lexical : StringSort.Locale)
  OrderBy.addLocale(builder, locale)
  return OrderBy.endOrderBy(builder)
}

function putCursor(builder: Builder, values: ReadonlyArray<unknown>): Offset {
  const offset = putValue(builder, values)
  Cursor.startCursor(builder)
  Cursor.addValues(builder, offset)
  return Cursor.endCursor(builder)
}

export function putSubset(builder: Builder, subset: SubsetLike): Offset {
  const where = subset.where ? putExpression(builder, subset.where) : 0
  const clauses = subset.orderBy?.map((clause) => putClause(builder, clause)) ?? []
  const orderBy = clauses.length > 0 ? putOffsets(builder, clauses) : 0
  const cursor = subset.cursor ? putCursor(builder, subset.cursor) : 0
  Subset.startSubset(builder)
  Subset.addWhere(builder, where)
  Subset.addOrderBy(builder, orderBy)
  if (subset.limit !== undefined) Subset.addLimit(builder, BigInt(subset.limit))
  if (subset.offset !== undefined && !subset.cursor) {
    Subset.addOffset(builder, BigInt(subset.offset))
  }
  Subset.addCursor(builder, cursor)
  return Subset.endSubset(builder)
}

export function subsetBytes(subset: SubsetLike): Uint8Array {
  return buildTable((builder) => putSubset(builder, subset))
}

// --- cursors ---

function isNullish(expression: ExpressionLike): boolean {
  return (
    expression.type === `func` &&
    expression.name === `or` &&
    expression.args.every((one) => one.type === `func` && /^is(Null|Undefined)$/.test(one.name))
  )
}

// TanStack DB asks for the rows at a boundary by eq(x, value), for dates by a range of a
// millisecond, for null by isNull or isUndefined. Gives the value, in an array of one.
function boundaryOf(current: ExpressionLike, ordered: ExpressionLike): [unknown] | undefined {
  if (current.type !== `func`) return undefined
  if (isNullish(current)) {
    const tested = (current.args[0] as Extract<ExpressionLike, { type: `func` }>).args[0]!
    return sameExpression(tested, ordered) ? [null] : undefined
  }
  const test = current.name === `and` ? current.args[0] : current
  if (test?.type !== `func` || (test.name !== `eq` && test.name !== `gte`)) return undefined
  const [expression, value] = test.args
  if (!expression || value?.type !== `val` || !sameExpression(expression, ordered)) return undefined
  if ((test.name === `gte`) !== value.value instanceof Date) return undefined
  return [value.value]
}

function both(a: ExpressionLike | undefined, b: ExpressionLike): ExpressionLike {
  return a ? { type: `func`, name: `and`, args: [a, b] } : b
}

/** The subsets whose rows, one after another and each key once, are what is asked for. There is one,
 *  unless a cursor is not of the kinds that TanStack DB makes: then its predicates are evaluated. */
export function subsetsOf(options: LoadSubsetLike): Array<SubsetLike> {
  const { where, orderBy, limit, offset, cursor } = options
  if (!cursor) return [{ where, orderBy, limit, offset }]
  const ordered = orderBy?.[0]?.expression
  const boundary = ordered && boundaryOf(cursor.whereCurrent, ordered)
  if (boundary) return [{ where, orderBy, limit, cursor: boundary }]
  return [
    { where: both(where, cursor.whereCurrent), orderBy },
    { where: both(where, cursor.whereFrom), orderBy, limit },
  ]
}

// --- subsets of other instances ---

function readClause(clause: OrderBy): ClauseLike {
  const isLocale = clause.stringSort() === StringSort.Locale
  return {
    expression: readExpression(clause.expression()!),
    compareOptions: {
      direction: clause.direction() === Direction.Descending ? `desc` : `asc`,
      nulls: clause.nulls() === Nulls.Last ? `last` : `first`,
      ...collationOf(isLocale ? (clause.locale() ?? ``) : undefined),
    },
  }
}

const UNLIMITED = 2n ** 64n - 1n

/** What another instance asks the source for. A page's cursor stays behind: the rows before it are
 *  asked for as well. */
export function readSubset(bytes: Uint8Array): LoadSubsetLike {
  const subset = Subset.getRootAsSubset(tableOf(bytes))
  const where = subset.where()
  const count = subset.orderByLength()
  const orderBy = Array.from({ length: count }, (_, i) => readClause(subset.orderBy(i)!))
  const isPage = subset.cursor() !== null
  return {
    ...(where && { where: readExpression(where) }),
    ...(count > 0 && { orderBy }),
    ...(subset.limit() !== UNLIMITED && !isPage && { limit: Number(subset.limit()) }),
    ...(subset.offset() > 0n && { offset: Number(subset.offset()) }),
  }
}
