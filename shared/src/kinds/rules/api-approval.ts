import { type FieldError, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import type { CustomResourceDefinition } from '../../types/custom-resource-definition.ts'

const annotation = 'api-approved.kubernetes.io'
const see = 'see https://github.com/kubernetes/enhancements/pull/1111'

/** Groups of Kubernetes' own domains say who has approved of the kind, or that nobody has. */
export type Approval = { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string }

/** Undefined: the group needs none. */
export function approvalOf({ metadata, spec: { group } }: CustomResourceDefinition): Approval | undefined {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return undefined
  const value = metadata.annotations?.[annotation] ?? ''
  if (value === '')
    return {
      status: 'False',
      reason: 'MissingAnnotation',
      message: `protected groups must have approval annotation "${annotation}", ${see}`,
    }
  if (value.startsWith('unapproved')) return { status: 'False', reason: 'UnapprovedAnnotation', message: `not approved: "${value}"` }
  if (isUrl(value)) return { status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${value}` }
  const how = 'with either a URL or a reason starting with "unapproved"'
  return {
    status: 'False',
    reason: 'InvalidAnnotation',
    message: `protected groups must have approval annotation "${annotation}" ${how}, ${see}`,
  }
}

/** What has not changed is as good as it was. */
export function approvalErrors(next: CustomResourceDefinition, previous?: CustomResourceDefinition): readonly FieldError[] {
  const valueIn = ({ metadata }: CustomResourceDefinition) => metadata.annotations?.[annotation] ?? ''
  if (previous !== undefined && valueIn(next) === valueIn(previous)) return []
  const { reason, message = '' } = approvalOf(next) ?? {}
  const field = `metadata.annotations[${annotation}]`
  if (reason === 'MissingAnnotation') return [fieldRequired(field, message)]
  return reason === 'InvalidAnnotation' ? [fieldInvalid(field, valueIn(next), message)] : []
}

function isUrl(text: string): boolean {
  try {
    return new URL(text).host !== ''
  } catch {
    return false
  }
}
