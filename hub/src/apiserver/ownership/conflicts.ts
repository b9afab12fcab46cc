import { ApiError } from '@bramble/shared/api/api-error.ts'
import { difference, type FieldSet, isEmpty, pathsOf } from './field-set.ts'
import type { Owner } from './owners.ts'
import { pathText } from './shape.ts'

/** Somebody else owns what a configuration would change. */
export type Conflict = { readonly owner: Owner; readonly fields: FieldSet }

export const conflictsWithout = (conflicts: readonly Conflict[], allowed: FieldSet): readonly Conflict[] =>
  conflicts.map(({ owner, fields }) => ({ owner, fields: difference(fields, allowed) })).filter(({ fields }) => !isEmpty(fields))

/** As many as anybody reads, and as much of each. */
const maxTold = 200
const longestField = 500

/** 409 in the words of Kubernetes: with whom, and about which fields. */
export function conflictError(conflicts: readonly Conflict[]): ApiError {
  const told: { readonly manager: string; readonly field: string }[] = []
  let count = 0
  for (const { manager, fields } of conflicts
    .map(({ owner, fields }) => ({ manager: ownerText(owner), fields }))
    .sort((a, b) => (a.manager < b.manager ? -1 : 1)))
    for (const path of pathsOf(fields)) {
      count += 1
      if (told.length < maxTold) told.push({ manager, field: shortened(pathText(path)) })
    }
  const causes = told.map(({ manager, field }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field }))
  return new ApiError('Conflict', messageOf(told, count), { causes })
}

const shortened = (field: string): string => (field.length > longestField ? `${field.slice(0, longestField)}…` : field)

function messageOf(told: readonly { readonly manager: string; readonly field: string }[], count: number): string {
  const [first] = told
  if (count === 1 && first !== undefined) return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.field}`
  const lines: string[] = []
  for (const [index, { manager, field }] of told.entries()) {
    if (told[index - 1]?.manager !== manager) lines.push(`conflicts with ${manager}:`)
    lines.push(`- ${field}`)
  }
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`
}

function ownerText({ manager, operation, apiVersion, subresource }: Owner): string {
  const part = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`
  return `${JSON.stringify(manager)}${part}${operation === 'Update' ? ` using ${apiVersion}` : ''}`
}
