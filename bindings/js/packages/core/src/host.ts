// What the engine cannot decide alone: the order of strings in a locale, dates of free form, dates
// as texts. It asks about many values at once, and gets as many answers.
import { Answer, Question, QuestionKind } from './schemas/index.js'
import { readValue } from './batch/index.js'
import { comparatorOf } from './collation.js'
import { buildTable, putValue, tableOf } from './tables.js'

// Numbers that order texts as the comparator does, equal where it finds no difference.
function ranks(texts: ReadonlyArray<string>, locale: string): Array<number> {
  const compare = comparatorOf(locale)
  const order = texts.map((_, i) => i).sort((a, b) => compare(texts[a]!, texts[b]!))
  const answers = new Array<number>(texts.length)
  order.forEach((at, i) => {
    const before = order[i - 1]
    const ties = before !== undefined && compare(texts[before]!, texts[at]!) === 0
    answers[at] = ties ? answers[before]! : i
  })
  return answers
}

function answersTo(kind: QuestionKind, values: Array<unknown>, locale: string): Array<unknown> {
  switch (kind) {
    case QuestionKind.Rank:
      return ranks(values as Array<string>, locale)
    case QuestionKind.ParseDate:
      return values.map((text) => new Date(text as string).getTime())
    case QuestionKind.DateText:
      return values.map(String)
  }
  throw new Error(`the engine has a question of a kind that is not known here: ${String(kind)}`)
}

/** The Answer to a Question, both as bytes. */
export function answerQuestion(bytes: Uint8Array): Uint8Array {
  const question = Question.getRootAsQuestion(tableOf(bytes))
  const values = readValue(question.valuesArray()!) as Array<unknown>
  const answers = answersTo(question.kind(), values, question.locale() ?? ``)
  return buildTable((builder) => {
    const offset = putValue(builder, answers)
    Answer.startAnswer(builder)
    Answer.addValues(builder, offset)
    return Answer.endAnswer(builder)
  })
}
