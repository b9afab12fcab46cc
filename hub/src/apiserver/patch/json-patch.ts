import { isObject } from '@bramble/shared/json/is-object.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { ApiError, badRequest, shownName } from '@bramble/shared/api/api-error.ts'
import { setOwn } from '@bramble/shared/json/own.ts'

// The limit of Kubernetes' apiserver.
const maxOperations = 10_000

// `copy` of a parent into its child doubles the document with every operation.
const maxCopiedLength = 1024 * 1024

// `test` compares, and `copy` clones, by the part.
const maxLookedAt = 300_000

// What is put into a list or taken from it moves all that stands behind it: ten thousand times a million would be half a minute, and
// this is a tenth of a second. Ten thousand operations on a list of ten thousand are within it.
const maxMoved = 100_000_000

// As deep as a body may be, for the code that recurses over it.
const maxDepth = 200

/** The object is not what the patch is for: the cause of a refusal whose `test` did not hold. */
export class TestFailed extends Error {
  constructor() {
    super('test failed')
  }
}

/**
 * RFC 6902. Changes neither argument; refuses the whole patch when one operation cannot be done. Our own, because the usual package
 * clones the document for every `move` and `copy` that it checks: ten thousand of them would hold up the hub for minutes.
 */
export function jsonPatch(object: object, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations')
  if (patch.length > maxOperations)
    throw new ApiError('RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`)
  // The document hangs in a holder, so that its root is a member like any other.
  const holder = { document: structuredClone(object) as unknown, copied: 0, moved: 0, looks: maxLookedAt }
  for (const [index, operation] of (patch as readonly unknown[]).entries()) {
    try {
      apply(holder, operation)
    } catch (error) {
      throw refused(operation, index, error)
    }
  }
  if (isDeeperThan(maxDepth, holder.document))
    throw new ApiError('Invalid', `the JSON patch makes something that is nested deeper than ${maxDepth} levels`)
  return holder.document
}

function isDeeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((member) => isDeeperThan(depth - 1, member))
}

type Holder = { document: unknown; copied: number; moved: number; looks: number }

function apply(holder: Holder, operation: unknown): void {
  if (!isObject(operation)) throw new Error('an operation is an object')
  const { op, path, from, value } = operation
  const target = place(holder, pointer(path, 'path'))
  switch (op) {
    case 'add':
      return target.add(structuredClone(given(value)))
    case 'remove':
      return void target.remove()
    case 'replace':
      return target.replace(structuredClone(given(value)))
    case 'test': {
      look(holder, value)
      // As in Kubernetes null stands for what is not there, and so does no value.
      if (!isSameJson(target.find() ?? null, value ?? null)) throw new TestFailed()
      return
    }
    case 'move': {
      const source = pointer(from, 'from')
      if (`${String(path)}/`.startsWith(`${String(from)}/`) && path !== from) throw new Error('a value cannot move into itself')
      const moved = place(holder, source).remove()
      return place(holder, pointer(path, 'path')).add(moved)
    }
    case 'copy': {
      const copied = place(holder, pointer(from, 'from')).get()
      look(holder, copied)
      holder.copied += exactJson(copied).length
      if (holder.copied > maxCopiedLength) throw new Error(`the copies grow beyond ${maxCopiedLength} characters`)
      return target.add(structuredClone(copied))
    }
    default:
      throw new Error('expected one of the operations add, remove, replace, move, copy, test')
  }
}

/** Comparing ends with the smaller of two, so what the patch brings is what counts. */
function look(holder: Holder, value: unknown): void {
  const count = (part: unknown): void => {
    if (--holder.looks < 0) throw new Error(`the operations compare and copy more than ${maxLookedAt} values`)
    if (typeof part === 'object' && part !== null) Object.values(part).forEach(count)
  }
  count(value)
}

function given(value: unknown): unknown {
  if (value === undefined) throw new Error('the operation needs a value')
  return value
}

/** The keys of a JSON pointer (RFC 6901). */
function pointer(text: unknown, name: string): readonly string[] {
  if (typeof text !== 'string') throw new Error(`${name} is a JSON pointer such as /spec/replicas`)
  if (text === '') return []
  if (!text.startsWith('/') || /~(?![01])/.test(text))
    throw new Error(`${name} is no JSON pointer: it begins with / and writes ~ as ~0, / as ~1`)
  return text
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** What an operation may do where it points. */
type Place = {
  get(): unknown
  /** Undefined where nothing is: a parent must be there all the same. */
  find(): unknown
  add(value: unknown): void
  replace(value: unknown): void
  remove(): unknown
}

function place(holder: Holder, keys: readonly string[]): Place {
  const last = keys.at(-1)
  if (last === undefined) return rootPlace(holder)
  let parent = holder.document
  for (const key of keys.slice(0, -1)) parent = memberPlace(holder, parent, key).get()
  return memberPlace(holder, parent, last)
}

const rootPlace = (holder: Holder): Place => ({
  get: () => holder.document,
  find: () => holder.document,
  add: (value) => void (holder.document = value),
  replace: (value) => void (holder.document = value),
  remove() {
    const removed = holder.document
    holder.document = null
    return removed
  },
})

function memberPlace(holder: Holder, parent: unknown, key: string): Place {
  if (Array.isArray(parent)) return elementPlace(holder, parent, key)
  if (!isObject(parent)) throw new Error(`there is nothing at ${quoted(key)}: its parent is no object and no list`)
  const mustExist = () => {
    if (!Object.hasOwn(parent, key)) throw new Error(`there is no member ${quoted(key)}`)
  }
  return {
    get() {
      mustExist()
      return parent[key]
    },
    find: () => (Object.hasOwn(parent, key) ? parent[key] : undefined),
    add: (value) => setOwn(parent, key, value),
    replace(value) {
      mustExist()
      setOwn(parent, key, value)
    },
    remove() {
      mustExist()
      const removed = parent[key]
      delete parent[key]
      return removed
    },
  }
}

function elementPlace(holder: Holder, parent: unknown[], key: string): Place {
  const index = (end: number): number => {
    // As in Kubernetes -1 is the last element, and where one is added the place behind it.
    const given = key === '-' ? parent.length : /^(?:0|-?[1-9]\d{0,8})$/.test(key) ? Number(key) : Number.NaN
    const at = given < 0 ? end + 1 + given : given
    if (!(at >= 0 && at <= end)) throw new Error(`there is no element ${quoted(key)} in a list of ${parent.length}`)
    return at
  }
  const makeWay = (end: number): number => {
    const at = index(end)
    holder.moved += parent.length - at
    if (holder.moved > maxMoved) throw new Error(`the operations move more than ${maxMoved} elements of lists`)
    return at
  }
  return {
    get: () => parent[index(parent.length - 1)],
    find: () => parent[index(parent.length - 1)],
    add: (value) => void parent.splice(makeWay(parent.length), 0, value),
    replace: (value) => void (parent[index(parent.length - 1)] = value),
    remove: () => parent.splice(makeWay(parent.length - 1), 1)[0],
  }
}

/** 422 as in Kubernetes: the patch can be read, but not be done to this object. */
function refused(operation: unknown, index: number, error: unknown): ApiError {
  const { op, path } = isObject(operation) ? operation : {}
  const message = (error as Error).message // everything above throws Errors
  return new ApiError(
    'Invalid',
    `the JSON patch cannot be applied: operation ${index} (${text(op)} ${text(path)}): ${message}`,
    {},
    { cause: error },
  )
}

const quoted = (key: string): string => JSON.stringify(shownName(key))

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : typeof value)
