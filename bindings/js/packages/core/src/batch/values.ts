// What Cairn keeps of JavaScript's values, and what it says of one that it does not keep. Encoders
// only notice such a value (Unkeepable); the walk that names its path is made afterwards, so that
// the way of valid values knows nothing of paths.
import { MAX_DEPTH, MAX_FIELDS } from './layout.js'

export type Fields = Record<string, unknown>

/** Thrown inside the codec: somewhere there is a value that cannot be kept. */
export class Unkeepable extends Error {
  override name = `Unkeepable`
}

export const ObjectClass = { Plain: 0, Array: 1, Date: 2, Bytes: 3, None: 4 } as const
export type ObjectClass = (typeof ObjectClass)[keyof typeof ObjectClass]

const hasOwn = Object.prototype.hasOwnProperty
const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)!.get!

export function classOfObject(value: object): ObjectClass {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return ObjectClass.Plain
  if (Array.isArray(value)) return ObjectClass.Array
  if (value instanceof Date) return ObjectClass.Date
  if (value instanceof Uint8Array) return ObjectClass.Bytes
  return classOfForeign(value, prototype as object)
}

// Values of another realm, such as a frame's or a test runner's, have prototypes of their own.
function classOfForeign(value: object, prototype: object): ObjectClass {
  if (typedArrayName.call(value) === `Uint8Array`) return ObjectClass.Bytes
  if (isDate(value)) return ObjectClass.Date
  const isRoot = Object.getPrototypeOf(prototype) === null && hasOwn.call(prototype, `isPrototypeOf`)
  return isRoot ? ObjectClass.Plain : ObjectClass.None
}

function isDate(value: object): boolean {
  try {
    Date.prototype.getTime.call(value)
    return true
  } catch {
    return false
  }
}

/** Sets a field of an object, also where its name is `__proto__`. */
export function setField(object: Fields, name: string, value: unknown): void {
  if (name === `__proto__`) {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
  } else {
    object[name] = value
  }
}

/** The names of an object's fields; undefined means absence, except in an update. */
export function namesOf(object: Fields, keepUndefined = false): Array<string> {
  const names = Object.keys(object)
  return keepUndefined ? names : names.filter((name) => object[name] !== undefined)
}

/** Whether a value with `depth` containers around it, or something in it, is nested too deep. */
export function nestsTooDeep(value: unknown, depth: number): boolean {
  if (typeof value !== `object` || value === null) return false
  const objectClass = classOfObject(value)
  if (objectClass !== ObjectClass.Array && objectClass !== ObjectClass.Plain) return false
  if (depth >= MAX_DEPTH) return true
  return Object.values(value).some((inner) => nestsTooDeep(inner, depth + 1))
}

// --- naming what cannot be kept ---

function nameOfClass(value: object): string {
  const { constructor } = value as { constructor?: { name?: unknown } }
  const name = typeof constructor === `function` ? constructor.name : undefined
  return typeof name === `string` && name !== `` ? name : `class instance`
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? `an` : `a`} ${noun}`
}

// What is wrong with a value itself, whatever it contains.
function faultOf(value: unknown): string | null {
  if (typeof value === `function` || typeof value === `symbol`) {
    return `${withArticle(typeof value)} cannot be kept`
  }
  if (typeof value !== `object` || value === null) return null
  const objectClass = classOfObject(value)
  if (objectClass === ObjectClass.None) return `${withArticle(nameOfClass(value))} cannot be kept`
  if (objectClass !== ObjectClass.Date) return null
  return Number.isNaN((value as Date).getTime()) ? `an invalid date cannot be kept` : null
}

function fieldPath(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === `` ? name : `${path}.${name}`
}

/** What to say of a value's contents; `where` stands before the path. */
export interface Explanation {
  where: string
  undefinedInArrays: boolean
}

function complain({ where }: Explanation, path: string, fault: string): never {
  throw new TypeError(where + (path === `` ? `` : `${path}: `) + fault)
}

/** Throws a TypeError for the first value that cannot be kept; `depth` counts the containers around. */
export function explain(value: unknown, path: string, depth: number, how: Explanation): void {
  const fault = faultOf(value)
  if (fault !== null) complain(how, path, fault)
  if (typeof value !== `object` || value === null) return
  const objectClass = classOfObject(value)
  if (objectClass !== ObjectClass.Array && objectClass !== ObjectClass.Plain) return
  if (depth >= MAX_DEPTH) complain(how, path, `nested more than ${MAX_DEPTH} deep`)
  if (objectClass === ObjectClass.Array) explainItems(value as Array<unknown>, path, depth, how)
  else explainFields(value as Fields, path, depth, how)
}

function explainItems(items: Array<unknown>, path: string, depth: number, how: Explanation): void {
  for (let i = 0; i < items.length; i++) {
    if (items[i] === undefined && !how.undefinedInArrays) {
      complain(how, `${path}[${i}]`, `undefined cannot be kept in an array`)
    }
    explain(items[i], `${path}[${i}]`, depth + 1, how)
  }
}

function explainFields(object: Fields, path: string, depth: number, how: Explanation): void {
  const names = Object.keys(object)
  if (names.length > MAX_FIELDS) complain(how, path, `an object of more than ${MAX_FIELDS} fields`)
  for (const name of names) explain(object[name], fieldPath(path, name), depth + 1, how)
}
