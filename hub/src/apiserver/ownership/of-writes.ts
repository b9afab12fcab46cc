import type { FieldError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { fieldTooLong } from '@bramble/shared/kinds/rules/field-errors.ts'
import type { ManagedFieldsEntry } from '@bramble/shared/meta/object-meta.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { nowOf, type WriteCall } from '../call.ts'
import { fieldManagerErrors } from '../query/field-manager.ts'
import type { Scope } from '../verbs/scope.ts'
import { newFields } from './fields-of.ts'
import { isEmpty } from './field-set.ts'
import { ownablePart, withoutIdentity } from './ownable.ts'
import { entryText, givenOwners, type Owners, ownersText, readOwners } from './owners.ts'
import { ownersAfterUpdate } from './update.ts'
import { createVersions } from './versions.ts'

/** What an apply makes of an object. */
export class Owned {
  readonly object: KubeObject
  readonly owners: Owners
  constructor(object: KubeObject, owners: Owners) {
    this.object = object
    this.owners = owners
  }
}

/** Who owns its fields is no part of an object in here; what its sender wrote of them is taken out of it. */
export function takenOwners({ metadata }: KubeObject): readonly ManagedFieldsEntry[] | undefined {
  const { managedFields } = metadata
  delete metadata.managedFields
  return managedFields
}

/** Who owns what of a new object, as `ownersText`: whoever makes it owns all that he wrote and what that means by default. */
export function ownersAfterCreate(
  call: WriteCall,
  object: KubeObject,
  given: readonly ManagedFieldsEntry[] | undefined,
): string | undefined {
  const { kind, api } = call
  const known = givenOwners(given)
  const step = {
    before: undefined,
    after: object,
    apiVersion: apiVersionOf(kind),
    place: { kind, subresource: '', scope: 'main' },
  } as const
  if (known !== undefined && known.size > 0) return ownersText(ownersAfterUpdate(createVersions(kind, api), step, known, writerOf(call)))
  // What nobody owned before needs no comparing, and its text no set of owners.
  const fields = withoutIdentity(newFields(kind.node, ownablePart(object, step.place)))
  if (isEmpty(fields)) return undefined
  const { manager, now } = writerOf(call)
  const owner = {
    manager: manager === '' ? 'unknown' : manager,
    operation: 'Update',
    apiVersion: step.apiVersion,
    subresource: '',
    time: now,
  } as const
  return `[${entryText(owner, JSON.stringify(fields))}]`
}

export type SeenChange = {
  readonly scope: Scope
  readonly previous: KubeObject
  readonly next: KubeObject
  /** As it is stored. */
  readonly known: string | undefined
  /** As the sender wrote it. */
  readonly given: readonly ManagedFieldsEntry[] | undefined
}

/** Who owns what after a change that is no apply, as `ownersText`. */
export function ownersAfterChange(call: WriteCall, { scope, previous, next, known, given }: SeenChange): string | undefined {
  const { kind, api, origin } = call
  // Through a subresource nobody says whose the fields are.
  const written = origin.subresource === undefined ? givenOwners(given) : undefined
  const before = written ?? readOwners(known)
  const place = { kind, subresource: origin.subresource ?? '', scope }
  const step = { before: previous, after: next, apiVersion: apiVersionOf(kind), place }
  const after = ownersAfterUpdate(createVersions(kind, api), step, before, writerOf(call))
  return after === before && written === undefined ? known : ownersText(after)
}

const writerOf = ({ api, origin }: WriteCall) => ({ manager: origin.manager, now: formatTime(nowOf(api)) })

/** Kubernetes' bound of the name of a subresource. */
const longestSubresource = 256

/** What is wrong with names that a sender gives to owners. */
export function givenOwnersErrors(given: readonly ManagedFieldsEntry[] | undefined): readonly FieldError[] {
  if (givenOwners(given) === undefined) return []
  return (given ?? []).flatMap(({ manager = '', subresource = '' }, index) => {
    const path = `metadata.managedFields[${index}]`
    const errors = fieldManagerErrors(manager, `${path}.manager`)
    return subresource.length > longestSubresource ? [...errors, fieldTooLong(`${path}.subresource`, longestSubresource)] : errors
  })
}
