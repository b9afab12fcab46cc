import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { fieldMatcher, parseFieldSelector } from '@bramble/shared/meta/field-selector.ts'
import { matcherOf } from '@bramble/shared/meta/label-matcher.ts'
import { parseSelector } from '@bramble/shared/meta/label-selector.ts'
import type { Entry, Where } from '../../store/store.ts'
import type { Registry } from '../objects/registry.ts'

/** What a list or a watch lets through. Undefined stands for everything, so that the text of objects need not be parsed. */
export type Selection =
  | {
      readonly name: string | undefined
      /** What the store can find by itself. */
      readonly where: Where | undefined
      readonly matches: (object: KubeObject) => boolean
    }
  | undefined

/** Both selectors of a query. Throws BadRequest for what cannot be parsed or selected by. */
export function selectionOf(kind: Kind, query: URLSearchParams): Selection {
  const labels = parseSelector(query.get('labelSelector') ?? '')
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '')
  if (labels.length === 0 && fields.length === 0) return undefined
  const labelsMatch = matcherOf(labels)
  const fieldsMatch = fieldMatcher(kind, fields)
  return {
    name: fields.find(({ field, operator }) => field === 'metadata.name' && operator === '=')?.value,
    where: fields.find(({ field, operator, value }) => operator === '=' && value !== '' && kind.indexedFields?.includes(field) === true),
    matches: (object) => labelsMatch(object.metadata.labels) && fieldsMatch(object),
  }
}

/** Where the store is to look: a selection of one name is one key, if it is known where that lies. */
export function scopeOf(registry: Registry, kind: Kind, namespace: string | undefined, selection: Selection): string {
  const { name } = selection ?? {}
  const isOneKey = name !== undefined && !name.includes('/') && name !== '' && (!kind.namespaced || (namespace ?? '') !== '')
  return isOneKey ? registry.keyOf(kind, namespace, name) : registry.prefixOf(kind, namespace)
}

/**
 * Whether an entry is let through. A node follows each ConfigMap by its name: what has another name is known by its key, and is not
 * parsed for each of them. One that cannot be read is let through by no selector.
 */
export const selects = (registry: Registry, kind: Kind, selection: Selection, entry: Entry): boolean =>
  selection === undefined ||
  ((selection.name === undefined || entry.key.endsWith(`/${selection.name}`)) &&
    matchesSafely(selection, readableObject(registry, kind, entry)))

function matchesSafely(selection: NonNullable<Selection>, object: KubeObject | undefined): boolean {
  try {
    return object !== undefined && selection.matches(object)
  } catch {
    return false // its fields are not what this hub knows
  }
}

/** Undefined: what is stored, by another hub or a failing disk, is no object with metadata. */
export function readableObject<T extends KubeObject>(registry: Registry, kind: Kind<T>, entry: Entry): T | undefined {
  try {
    const object = registry.objectOf(kind, entry)
    return typeof object.metadata === 'object' && object.metadata !== null ? object : undefined
  } catch {
    return undefined
  }
}
