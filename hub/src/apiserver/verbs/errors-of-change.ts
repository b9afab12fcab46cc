import type { FieldError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { withWrittenParts } from '@bramble/shared/schema/always-written.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { readAsGiven } from '../bodies/as-given.ts'
import { type MetaRules, validateMeta } from '../objects/rules/object-meta-rules.ts'
import { partIn, type Scope } from './scope.ts'

export type CheckedChange = MetaRules & {
  readonly next: KubeObject
  readonly previous: KubeObject
  readonly scope: Scope
  /** What it sets beside the metadata was made here. */
  readonly isSound?: boolean
}

/**
 * What is wrong with a change, as against what was wrong before it and is not touched by it. An object is held to the rules of the hub
 * that stored it: when a later hub has stricter ones, or fills in more, its status must still follow what happens, and its last finalizer
 * must come off. Kubernetes calls this ratcheting.
 */
export function errorsOfChange({ kind, kinds, next, previous, scope, isSound = false }: CheckedChange): readonly FieldError[] {
  // Most statuses come alone, and there are many of them.
  const isMetaSame = scope === 'status' && isSameJson(next.metadata, previous.metadata)
  // What stands beside a status is as it was stored, and nothing that is wrong with it would be told.
  const rules = scope === 'status' ? kind.statusRules : undefined
  const errorsIn = (object: KubeObject) => [
    ...(scope === 'status' && isMetaSame ? [] : validateMeta({ kind, kinds }, object)),
    ...(isSound ? [] : ((rules ?? kind).validate?.(object) ?? [])),
  ]
  const updateErrors = (before: KubeObject): readonly FieldError[] => {
    if (scope === 'free') return []
    if (rules !== undefined) return rules.validateUpdate?.(next, before) ?? []
    const part = partIn(scope)
    return part === undefined ? (kind.validateUpdate?.(next, before) ?? []) : part.validate(next, before)
  }
  const errors = errorsIn(next)
  if (errors.length === 0 && updateErrors(previous).length === 0) return []
  const before = asReadToday(kind, previous)
  const old = errorsIn(before)
  const known = new Set(old.map(textOf))
  const isTouched = touched(next, before)
  const isOld = (error: FieldError): boolean =>
    (known.has(textOf(error)) && !isTouched(error)) ||
    kind.isUntouched?.(error, next, before) === true ||
    // As in Kubernetes: who has what is there twice may have it anywhere.
    (kind.isUntouched !== undefined && isDuplicate(error) && old.some(isDuplicate))
  return [...errors.filter((error) => !isOld(error)), ...updateErrors(before)]
}

/** With the defaults of this hub, as what comes from outside has them. */
function asReadToday(kind: Kind, object: KubeObject): KubeObject {
  const parsed = readAsGiven(kind, object)
  if (!parsed.ok) return object
  kind.setDefaults?.(parsed.object)
  return withWrittenParts(kind.node, parsed.object)
}

const isDuplicate = ({ reason }: FieldError): boolean => reason === 'FieldValueDuplicate'

const textOf = ({ field, message }: FieldError): string => `${field}: ${message}`

/** Whether the change is about the part of the object that an error is about: its spec, its data, its labels. Each is compared once. */
function touched(next: KubeObject, before: KubeObject): (error: FieldError) => boolean {
  const known = new Map<string, boolean>()
  return ({ field }) => {
    const [part = '', detail = ''] = field.split(/[.[]/)
    const partOf = ({ metadata, ...rest }: KubeObject): unknown => {
      if (part === 'metadata') return (metadata as Record<string, unknown>)[detail]
      return Object.hasOwn(rest, part) ? (rest as Record<string, unknown>)[part] : rest
    }
    const name = part === 'metadata' ? `${part}.${detail}` : part
    let isTouched = known.get(name)
    if (isTouched === undefined) known.set(name, (isTouched = !isSameJson(partOf(next), partOf(before))))
    return isTouched
  }
}
