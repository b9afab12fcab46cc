import type { ManagedFieldsEntry } from '@bramble/shared/meta/object-meta.ts'
import { type FieldSet, isEmpty, sorted } from './field-set.ts'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import { readFieldSet } from './read-field-set.ts'

/**
 * Who owns which fields of an object: one entry for each way in which somebody writes it. Values are never changed. In the store they are a
 * text of their own beside the object, so that what is not touched is neither parsed nor written anew.
 */
export type Owner = {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  /** The version that the fields are named in. */
  readonly apiVersion: string
  /** Empty: the object itself. */
  readonly subresource: string
  readonly time: string | undefined
  readonly fields: FieldSet
}

/** By `identityOf`. */
export type Owners = ReadonlyMap<string, Owner>

export const nobody: Owners = new Map()

/** Who applies is the same in every version. */
export const identityOf = ({ manager, operation, apiVersion, subresource }: Omit<Owner, 'time' | 'fields'>): string =>
  [operation, subresource, operation === 'Apply' ? '' : apiVersion, manager].join('\0')

/** `owner`, with another set of fields; nobody owns nothing. */
export function withFields(owners: Map<string, Owner>, identity: string, owner: Owner, fields: FieldSet): void {
  if (isEmpty(fields)) owners.delete(identity)
  else if (owner.fields !== fields) owners.set(identity, { ...owner, fields })
}

// Between the entries of a text stands what no JSON that we write has anywhere else.
const between = ',\t'

/** Of what `ownersText` has made. */
export function readOwners(text: string | undefined): Owners {
  const owners = new Map<string, Owner>()
  if (text === undefined) return owners
  for (const entry of text.slice(1, -1).split(between)) {
    const owner = storedOwner(entry)
    owners.set(identityOf(owner), owner)
  }
  return owners
}

// Memos, not state. Most pods of one template have the same sets, so that few are ever parsed; as many as one busy minute writes are kept.
const texts = new WeakMap<FieldSet, string>()
const sets = new LatestMap<string, FieldSet>({ count: 1024, size: 2 * 1024 * 1024, sizeOf: (_set, text) => text.length })

function setOf(text: string): FieldSet {
  const known = sets.get(text)
  if (known !== undefined) return known
  const set = JSON.parse(text) as FieldSet // as it was written
  texts.set(set, text)
  sets.set(text, set)
  return set
}

function textOf(set: FieldSet): string {
  let text = texts.get(set)
  if (text === undefined) texts.set(set, (text = JSON.stringify(sorted(set))))
  return text
}

/** Its fields are parsed when somebody asks for them. */
function storedOwner(text: string): Owner {
  const from = text.indexOf(fieldsKey) + fieldsKey.length
  const to = endOfFields(text)
  const {
    manager = '',
    operation,
    apiVersion = '',
    time,
    subresource = '',
  } = JSON.parse(text.slice(0, from) + '{}' + text.slice(to)) as ManagedFieldsEntry // as it was written
  let fields: FieldSet | undefined
  return {
    ...{ manager, operation: operation === 'Apply' ? 'Apply' : 'Update', apiVersion, subresource, time },
    get fields() {
      return (fields ??= setOf(text.slice(from, to)))
    },
  }
}

const fieldsKey = '"fieldsV1":'
const endOfFields = (text: string): number => {
  const subresource = text.lastIndexOf(',"subresource":')
  return subresource > 0 && !text.endsWith('}}') ? subresource : text.length - 1
}

/** In the order of Kubernetes; undefined when nobody owns anything. */
export function ownersText(owners: Owners): string | undefined {
  if (owners.size === 0) return undefined
  const entries = [...owners.values()]
  return `[${(entries.length > 1 ? entries.sort(inOrder) : entries).map((owner) => entryText(owner, textOf(owner.fields))).join(between)}]`
}

/** For a set that is text already. */
export function entryText({ manager, operation, apiVersion, subresource, time }: Omit<Owner, 'fields'>, fields: string): string {
  const at = time === undefined ? '' : `,"time":"${time}"`
  const part = subresource === '' ? '' : `,"subresource":${JSON.stringify(subresource)}`
  const head = `{"manager":${JSON.stringify(manager)},"operation":"${operation}","apiVersion":${JSON.stringify(apiVersion)}`
  return `${head}${at},"fieldsType":"FieldsV1",${fieldsKey}${fields}${part}}`
}

function inOrder(a: Owner, b: Owner): number {
  return (
    compareText(a.operation, b.operation) ||
    secondsOf(a) - secondsOf(b) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  )
}

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

export const secondsOf = ({ time }: Owner): number => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000))

/** Whether the same own the same, whenever they came to it. */
export function isSameOwnership(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined) return false
  const timeless = (text: string) =>
    text
      .slice(1, -1)
      .replaceAll(/"time":"[^"]*",/g, '')
      .split(between)
      .sort()
      .join()
  return timeless(a) === timeless(b)
}

/**
 * What somebody has written as an object's managed fields. Undefined: it is no such thing, or says nothing, and counts as not written;
 * nobody: all that was known is to be forgotten, which a list of one empty entry says.
 */
export function givenOwners(given: readonly ManagedFieldsEntry[] | undefined): Owners | undefined {
  if (given === undefined || given.length === 0) return undefined
  if (given.length === 1 && Object.values(given[0] ?? {}).every((value) => value === undefined)) return nobody
  const owners = new Map<string, Owner>()
  for (const { manager = '', operation, apiVersion = '', time, fieldsType, fieldsV1, subresource = '' } of given) {
    const fields = readFieldSet(fieldsV1)
    if ((operation !== 'Apply' && operation !== 'Update') || apiVersion === '' || fieldsType !== 'FieldsV1' || fields === undefined)
      return undefined
    const owner: Owner = { manager, operation, apiVersion, subresource, time, fields }
    owners.set(identityOf(owner), owner)
  }
  return owners
}
