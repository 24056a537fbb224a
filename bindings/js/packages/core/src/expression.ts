// Predicates and order expressions as TanStack DB has them, as the engine's Expression tables
// (schemas/query.fbs): nodes in one vector, children before their parents.
import { ExprKind, ExprNode, Expression } from './schemas/index.js'
import { readValue } from './batch/index.js'
import { putOffsets, putValue } from './tables.js'
import type { Builder, Offset } from 'flatbuffers'

/** TanStack DB's BasicExpression, by structure: from any version or copy of the package. */
export type ExpressionLike =
  | { type: `val`; value: unknown }
  | { type: `ref`; path: ReadonlyArray<string> }
  | { type: `func`; name: string; args: ReadonlyArray<ExpressionLike> }

function putNode(builder: Builder, kind: ExprKind, parts: Array<[typeof ExprNode.addValue, Offset]>) {
  ExprNode.startExprNode(builder)
  ExprNode.addKind(builder, kind)
  for (const [add, offset] of parts) add(builder, offset)
  return ExprNode.endExprNode(builder)
}

function addNode(builder: Builder, nodes: Array<Offset>, expression: ExpressionLike): number {
  switch (expression.type) {
    case `val`: {
      const value = putValue(builder, expression.value)
      return nodes.push(putNode(builder, ExprKind.Value, [[ExprNode.addValue, value]])) - 1
    }
    case `ref`: {
      const path = putValue(builder, expression.path)
      return nodes.push(putNode(builder, ExprKind.Reference, [[ExprNode.addPath, path]])) - 1
    }
    case `func`: {
      const positions = expression.args.map((argument) => addNode(builder, nodes, argument))
      const name = builder.createString(expression.name)
      const list = ExprNode.createArgumentsVector(builder, positions)
      return nodes.push(putNode(builder, ExprKind.Call, [
        [ExprNode.addFunction, name],
        [ExprNode.addArguments, list],
      ])) - 1
    }
  }
  throw new TypeError(`unknown kind of expression: ${String((expression as { type: unknown }).type)}`)
}

export function putExpression(builder: Builder, expression: ExpressionLike): Offset {
  const nodes: Array<Offset> = []
  addNode(builder, nodes, expression)
  const list = putOffsets(builder, nodes)
  Expression.startExpression(builder)
  Expression.addNodes(builder, list)
  return Expression.endExpression(builder)
}

/** The tree of a table, as plain objects. */
export function readExpression(table: Expression): ExpressionLike {
  const made: Array<ExpressionLike> = []
  for (let i = 0; i < table.nodesLength(); i++) made.push(readNode(table.nodes(i)!, made))
  return made[made.length - 1]!
}

function readNode(node: ExprNode, made: ReadonlyArray<ExpressionLike>): ExpressionLike {
  switch (node.kind()) {
    case ExprKind.Value:
      return { type: `val`, value: readValue(node.valueArray()!) }
    case ExprKind.Reference:
      return { type: `ref`, path: readValue(node.pathArray()!) as Array<string> }
  }
  const args = Array.from(node.argumentsArray() ?? [], (position) => made[position]!)
  return { type: `func`, name: node.function_()!, args }
}

/** Whether two expressions are the same tree; values are compared as `Object.is` does. */
export function sameExpression(a: ExpressionLike, b: ExpressionLike): boolean {
  if (a.type === `val`) return b.type === `val` && Object.is(a.value, b.value)
  if (a.type === `ref`) {
    return b.type === `ref` && a.path.length === b.path.length && a.path.every((name, i) => name === b.path[i])
  }
  return (
    b.type === `func` &&
    a.name === b.name &&
    a.args.length === b.args.length &&
    a.args.every((argument, i) => sameExpression(argument, b.args[i]!))
  )
}
