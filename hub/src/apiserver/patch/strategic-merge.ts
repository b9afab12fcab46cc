import { isObject } from '@bramble/shared/json/is-object.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { ApiError, badRequest, shownName } from '@bramble/shared/api/api-error.ts'
import type { Field, ListNode, ObjectNode, TypeNode } from '@bramble/shared/schema/type-node.ts'
import { ownValue, setOwn } from '@bramble/shared/json/own.ts'

/**
 * Kubernetes' own patch: maps merge member by member, lists whose type has the merge strategy merge element by element (objects by
 * their merge key, scalars as sets), null takes away, all else replaces. Directives: `$patch: delete|replace|merge`,
 * `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>`, `$retainKeys`. Changes neither argument.
 */
export const strategicMerge = (original: object, patch: object, node: ObjectNode): object =>
  mergeObject(original as Json, patch as Json, { node, path: '', copies: { left: maxCopied } }) // JSON objects, by the request's parser and the store

// A list may name one element ten thousand times, and each time what the element has become is copied.
const maxCopied = 1_000_000

type Json = Readonly<Record<string, unknown>>
type Place = { readonly node: TypeNode | undefined; readonly path: string; readonly copies: { left: number } }

const orderPrefix = '$setElementOrder/'
const deletePrefix = '$deleteFromPrimitiveList/'
const retainKeys = '$retainKeys'
const directive = '$patch'

function mergeObject(original: Json, patch: Json, place: Place): Json {
  const { [directive]: action, ...members } = patch
  if (action === 'replace') return withoutDirectives(members) as Json // of an object comes an object
  if (action === 'delete') return {}
  if (action !== undefined && action !== 'merge') throw unknownDirective(action, place.path)

  place.copies.left -= Object.keys(original).length
  if (place.copies.left < 0)
    throw new ApiError('RequestEntityTooLarge', `${place.path}: the patch names the same elements too often: name each once`)
  const merged: Record<string, unknown> = { ...original }
  retain(merged, members, place)
  const directives: [string, unknown][] = []
  for (const key of Object.keys(members)) {
    const value = members[key]
    if (isDirective(key)) {
      directives.push([key, value])
      continue
    }
    const isLeaf = typeof value !== 'object' || value === null
    const next = isLeaf ? (value ?? undefined) : mergeMember(ownValue(merged, key), value, childOf(place, key))
    if (next === undefined) delete merged[key]
    else setOwn(merged, key, next)
  }
  for (const [key, value] of directives) {
    if (!key.startsWith(orderPrefix)) continue
    const name = key.slice(orderPrefix.length)
    const ordered = inWantedOrder(
      { list: ownValue(merged, name), patch: ownValue(members, name), order: value, live: ownValue(original, name) },
      childOf(place, name),
    )
    if (ordered !== undefined) setOwn(merged, name, ordered)
  }
  // After the rest: what a patch both adds and deletes is deleted.
  for (const [key, value] of directives) {
    if (!key.startsWith(deletePrefix)) continue
    const name = key.slice(deletePrefix.length)
    const kept = deleteScalars(ownValue(merged, name), value, join(place.path, key))
    if (kept !== undefined) setOwn(merged, name, kept)
  }
  return merged
}

/** Of what has members. */
function mergeMember(original: unknown, patch: unknown, place: Child): unknown {
  if (isObject(patch) && isObject(original)) return replaces(place) ? withoutDirectives(patch) : mergeObject(original, patch, place)
  if (Array.isArray(patch) && Array.isArray(original)) return mergeList(original, patch, place)
  return withoutDirectives(patch)
}

const replaces = ({ field }: Child): boolean => field?.patchStrategy.includes('replace') === true

/** Only the keys that the patch speaks of and wants to retain stay: for unions, where setting one member must clear the others. */
function retain(merged: Record<string, unknown>, members: Json, { path }: Place): void {
  const keys = ownValue(members, retainKeys)
  if (keys === undefined) return
  if (!Array.isArray(keys)) throw badRequest(`${join(path, retainKeys)}: expected a list of keys`)
  const retained = new Set<unknown>(keys)
  const stray = Object.keys(members).find((key) => !isDirective(key) && members[key] !== null && !retained.has(key))
  if (stray !== undefined) throw badRequest(`${join(path, retainKeys)} does not have ${JSON.stringify(stray)}, which the patch sets`)
  for (const key of Object.keys(merged)) if (!retained.has(key)) delete merged[key]
}

function deleteScalars(original: unknown, deleted: unknown, path: string): readonly unknown[] | undefined {
  if (!Array.isArray(deleted)) throw badRequest(`${path}: expected a list of values`)
  if (!Array.isArray(original)) return undefined
  const gone = new Set<unknown>(deleted)
  return original.filter((value) => !gone.has(value))
}

function mergeList(original: readonly unknown[], patch: readonly unknown[], { list, path, copies }: Child): readonly unknown[] {
  if (list === undefined || !list.patchStrategy.includes('merge')) return withoutDirectives(patch) as readonly unknown[] // of a list comes a list
  if (patch.length === 0) return original
  if (!isObject(patch[0]) && !original.some(isObject)) return inPatchOrder([...new Set([...original, ...patch])], patch, original, String)
  const mergeKey = list.patchMergeKey
  if (mergeKey === undefined) throw badRequest(`${path}: the elements of this list have no merge key`)
  return mergeByKey(original, patch, { list, mergeKey, path, copies })
}

type KeyedList = Pick<Place, 'path' | 'copies'> & { readonly list: ListNode; readonly mergeKey: string }

function mergeByKey(original: readonly unknown[], patch: readonly unknown[], keyed: KeyedList): readonly unknown[] {
  const { list, path, copies } = keyed
  const elements = patch.map((element, index) => keyedElement(element, { ...keyed, path: `${path}[${index}]` }))
  const wanted = elements.filter(({ action }) => action === undefined || action === 'merge')
  const deleted = new Set(elements.filter(({ action }) => action === 'delete').map(({ key }) => key))

  const nameOf = (element: unknown): string => (isObject(element) ? keyText(ownValue(element, keyed.mergeKey)) : '')
  // As most statuses come: what is there, each once and in its order.
  if (wanted.length === elements.length && isInStep(elements, original, nameOf))
    return elements.map(({ element, path }, at) => mergeObject(original[at] as Json, element, { node: list.item, path, copies })) // it has a key
  const live = elements.some(({ action }) => action === 'replace') ? [] : original
  const merged: unknown[] = live.filter((element) => !deleted.has(nameOf(element)))
  const known = new Map(places(merged, nameOf))
  for (const { element, key, path } of wanted) {
    const at = known.get(key)
    if (at === undefined) {
      known.set(key, merged.length)
      merged.push(withoutDirectives(element))
    } else merged[at] = mergeObject(merged[at] as Json, element, { node: list.item, path, copies }) // it has a key, so it is an object
  }
  return inPatchOrder(
    merged,
    wanted.map(({ element }) => element),
    live,
    nameOf,
  )
}

function isInStep(elements: readonly KeyedElement[], original: readonly unknown[], nameOf: (element: unknown) => string): boolean {
  if (elements.length !== original.length || new Set(elements.map(({ key }) => key)).size < elements.length) return false
  return elements.every(({ key }, at) => key === nameOf(original[at]))
}

type KeyedElement = { readonly element: Json; readonly action: unknown; readonly key: string; readonly path: string }

/** A list-wide `$patch: replace` is the one element that needs no key. */
function keyedElement(element: unknown, { mergeKey, path }: KeyedList): KeyedElement {
  if (!isObject(element)) throw badRequest(`${path}: expected an object, as the other elements of the list are`)
  const action = element[directive]
  if (action !== undefined && action !== 'delete' && action !== 'replace' && action !== 'merge') throw unknownDirective(action, path)
  const value = ownValue(element, mergeKey)
  if (action !== 'replace' && (value === undefined || value === null))
    throw badRequest(`${path}: ${exactJson(element).slice(0, 200)} does not contain declared merge key: ${mergeKey}`)
  return { element, action, key: keyText(value), path }
}

/** 80 and "80" are two keys. */
const keyText = (value: unknown): string => exactJson(value)

type Ordering = { readonly list: unknown; readonly patch: unknown; readonly order: unknown; readonly live: unknown }

/** The list in the order that `$setElementOrder` tells, which names every element the sender knows of. */
function inWantedOrder({ list, patch, order, live }: Ordering, { path, list: node }: Child): readonly unknown[] | undefined {
  if (!Array.isArray(order)) throw badRequest(`${path}: ${orderPrefix.slice(0, -1)} is a list`)
  if (!Array.isArray(list)) return undefined
  const mergeKey = node?.patchMergeKey
  const key = (element: unknown): string =>
    mergeKey !== undefined && isObject(element) ? keyText(ownValue(element, mergeKey)) : keyText(element)
  if (Array.isArray(patch)) checkOrder(patch, order, key, path)
  return inPatchOrder(list, order, Array.isArray(live) ? live : [], key)
}

/** What the patch adds or changes must be named in the order, and in that order. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], key: (element: unknown) => string, path: string): void {
  const changed = patch.filter((element) => !isObject(element) || element[directive] === undefined).map(key)
  let matched = 0
  for (const element of order) if (matched < changed.length && key(element) === changed[matched]) matched++
  if (matched < changed.length)
    throw badRequest(
      `${path}: The order in patch list doesn't match ${orderPrefix.slice(0, -1)} list: ${changed[matched]?.slice(0, 200)} is missing there or out of order`,
    )
}

/**
 * Elements that the sender ordered stand in that order; the others keep their live order and go before the first ordered one they
 * stood before.
 */
function inPatchOrder(
  list: readonly unknown[],
  order: readonly unknown[],
  live: readonly unknown[],
  key: (element: unknown) => string,
): readonly unknown[] {
  const wantedPlace = places(order, key)
  const livePlace = places(live, key)
  const ordered = list
    .filter((element) => wantedPlace.has(key(element)))
    .sort((a, b) => place(wantedPlace, key(a)) - place(wantedPlace, key(b)))
  const others = list
    .filter((element) => !wantedPlace.has(key(element)))
    .sort((a, b) => place(livePlace, key(a)) - place(livePlace, key(b)))
  const result: unknown[] = []
  let next = 0
  for (const element of ordered) {
    const at = livePlace.get(key(element)) ?? -1
    while (next < others.length && place(livePlace, key(others[next])) < at) result.push(others[next++])
    result.push(element)
  }
  return [...result, ...others.slice(next)]
}

const places = (list: readonly unknown[], key: (element: unknown) => string): ReadonlyMap<string, number> =>
  new Map(list.map((element, index) => [key(element), index] as const).toReversed())

const place = (of: ReadonlyMap<string, number>, key: string): number => of.get(key) ?? Number.MAX_SAFE_INTEGER

/** A part of the patch that meets nothing is taken as it is, less its directives, nulls and deletions. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value))
    return value.filter((element) => !isObject(element) || !isMarker(element)).map((element) => withoutDirectives(element))
  if (!isObject(value)) return value
  const kept: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    if (member === null || key === directive || isDirective(key)) continue
    if (isObject(member) && member[directive] === 'delete') continue
    setOwn(kept, key, withoutDirectives(member))
  }
  return kept
}

/** `{$patch: delete, name: x}`, and `{$patch: replace}` which only says what to do with the list it stands in. */
const isMarker = (element: Json): boolean =>
  element[directive] === 'delete' || (element[directive] === 'replace' && Object.keys(element).length === 1)

const isDirective = (key: string): boolean => key === retainKeys || key.startsWith(orderPrefix) || key.startsWith(deletePrefix)

type Child = Place & { readonly field: Field | undefined; readonly list: ListNode | undefined }

function childOf({ node, path, copies }: Place, key: string): Child {
  const field = node?.tag === 'object' ? node.fields.get(key) : undefined
  const type = field?.type ?? (node?.tag === 'map' ? node.value : undefined)
  return { field, node: type, list: type?.tag === 'list' ? type : undefined, path: join(path, key), copies }
}

const unknownDirective = (action: unknown, path: string) =>
  badRequest(`${join(path, directive)}: expected delete, replace or merge, found ${exactJson(action)}`)

const join = (path: string, key: string): string => (path === '' ? shownName(key) : `${path}.${shownName(key)}`)
