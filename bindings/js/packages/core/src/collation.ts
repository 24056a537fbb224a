// Orders of strings that only the host knows: a locale, a locale with options, a comparator of the
// app's. The engine passes them through as a text; this module gives the text and understands it.

export type CollationLike = {
  stringSort?: string
  locale?: string
  localeOptions?: object
  compare?: (a: string, b: string) => number
}

export type Comparator = (a: string, b: string) => number

const CUSTOM = `custom:`
const customNames = new WeakMap<Comparator, string>()
// A comparator must stay as long as a loaded subset may ask for it; apps have a handful.
const customComparators = new Map<string, Comparator>()
const collators = new Map<string, Comparator>()

/** The text that stands for a clause's order of strings; undefined for the order by UTF-16 unit. */
export function collationName(options: CollationLike): string | undefined {
  if (options.stringSort === `custom` && options.compare) return customName(options.compare)
  if (options.stringSort !== `locale`) return undefined
  if (options.localeOptions === undefined) return options.locale ?? ``
  return JSON.stringify([options.locale ?? ``, options.localeOptions])
}

function customName(compare: Comparator): string {
  let name = customNames.get(compare)
  if (name === undefined) {
    name = `${CUSTOM}${customComparators.size}`
    customNames.set(compare, name)
    customComparators.set(name, compare)
  }
  return name
}

/** What `collationName` has named. */
export function collationOf(name: string | undefined): CollationLike {
  if (name === undefined) return { stringSort: `lexical` }
  const compare = customComparators.get(name)
  if (compare) return { stringSort: `custom`, compare }
  if (!name.startsWith(`[`)) return { stringSort: `locale`, ...(name && { locale: name }) }
  const [locale, localeOptions] = JSON.parse(name) as [string, object]
  return { stringSort: `locale`, localeOptions, ...(locale && { locale }) }
}

export function comparatorOf(name: string): Comparator {
  let compare = collators.get(name) ?? customComparators.get(name)
  if (compare === undefined) {
    if (name.startsWith(CUSTOM)) {
      throw new Error(`the comparator "${name}" belongs to another process: it cannot be asked here`)
    }
    const { locale, localeOptions } = collationOf(name)
    compare = new Intl.Collator(locale, localeOptions as Intl.CollatorOptions).compare
    collators.set(name, compare)
  }
  return compare
}
