// The `todo` rows of the benchmarks: random ids, titles of a small vocabulary of which a few have
// letters outside ASCII, texts that repeat, dates, a list and a nested object.

const WORDS = [
  `Review`, `the`, `invoice`, `for`, `spring`, `report`, `Call`, `plumber`, `about`, `room`, `Write`,
  `up`, `draft`, `of`, `launch`, `notes`, `Buy`, `milk`, `and`, `bread`, `Prep`, `talk`, `team`,
  `lunch`, `Fix`, `login`, `bug`, `on`, `phone`, `Plan`, `summer`, `trip`, `Renew`, `garage`,
]
const WIDE_WORDS = [`Café`, `Zürich`, `naïve`, `東京`, `Übung`, `🚀`]
const TAGS = [`home`, `work`, `urgent`, `later`, `shop`, `mail`, `call`, `wait`, `some`, `money`, `gym`]
const SOURCES = [`web`, `ios`, `droid`, `file`, `api`]
const PEOPLE = [`ada`, `brian`, `chloe`, `dmitri`, `eve`, `farid`, `grace`, `hiro`]
const FIRST_DAY = 1672531200000
const DAY = 86400000

/** A small generator with a fixed seed: gives integers below a bound. */
export function randomBelow(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

export function todoRows(count: number): Array<{ key: string; value: Record<string, unknown> }> {
  const below = randomBelow(count)
  const pick = (list: Array<string>): string => list[below(list.length)]
  const hex = (digits: number): string => below(16 ** digits).toString(16).padStart(digits, `0`)
  const title = (): string => {
    const words = Array.from({ length: 3 + below(2) }, () => pick(WORDS))
    return (below(100) < 3 ? [...words, pick(WIDE_WORDS)] : words).join(` `)
  }
  const rows = Array.from({ length: count }, () => {
    const createdAt = FIRST_DAY + below(730 * DAY)
    return {
      id: `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
      title: title(),
      completed: below(3) === 0,
      priority: below(5),
      listId: `l${below(25)}`,
      createdAt,
      updatedAt: createdAt + below(30 * DAY),
      tags: Array.from({ length: below(5) }, () => pick(TAGS)),
      meta: { src: pick(SOURCES), by: pick(PEOPLE), pts: below(20) },
    }
  })
  // By way of JSON, so that texts and objects are as they come from a server.
  return (JSON.parse(JSON.stringify(rows)) as typeof rows).map((row) => ({
    key: row.id,
    value: { ...row, createdAt: new Date(row.createdAt), updatedAt: new Date(row.updatedAt) },
  }))
}
