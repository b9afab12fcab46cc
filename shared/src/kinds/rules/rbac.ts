import { type FieldError, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import type { KubeObject } from '../../api/client.ts'
import { isSameJson } from '../../json/same-json.ts'
import { checkDnsSubdomain, checkPathSegment } from '../../meta/names.ts'
import type { Column } from '../../schema/kind.ts'
import type { PolicyRule, RoleRef, Subject } from '../../types/rbac.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { checked, required, requiredAndChecked } from './field-errors.ts'

export const rbacGroup = 'rbac.authorization.k8s.io'

export const validateRules = (rules: readonly PolicyRule[] | undefined, { namespaced }: { readonly namespaced: boolean }): FieldError[] =>
  (rules ?? []).flatMap((rule, i) => validateRule(rule, { field: `rules[${i}]`, namespaced }))

function validateRule(rule: PolicyRule, { field, namespaced }: { readonly field: string; readonly namespaced: boolean }): FieldError[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  const errors = verbs.length === 0 ? [fieldRequired(`${field}.verbs`, 'verbs must contain at least one value')] : []
  const refuse = (why: string) => errors.push(fieldInvalid(`${field}.nonResourceURLs`, nonResourceURLs, why))
  if (nonResourceURLs.length > 0) {
    if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs')
    if (apiGroups.length + resources.length + resourceNames.length > 0)
      refuse('rules cannot apply to both regular resources and non-resource URLs')
    return errors
  }
  if (apiGroups.length === 0) errors.push(fieldRequired(`${field}.apiGroups`, 'resource rules must supply at least one api group'))
  if (resources.length === 0) errors.push(fieldRequired(`${field}.resources`, 'resource rules must supply at least one resource'))
  if (resourceNames.length > 0 && resources.length > 1)
    errors.push(fieldRequired(`${field}.resourceNames`, 'resource names cannot apply to multiple resources'))
  return errors
}

/** What a binding binds. Both kinds of it are made of this. */
export type BindingLike = KubeObject & { readonly roleRef: RoleRef; readonly subjects?: Subject[] | undefined }

export function setBindingDefaults({ roleRef, subjects = [] }: BindingLike): void {
  if ((roleRef.apiGroup ?? '') === '') roleRef.apiGroup = rbacGroup
  for (const subject of subjects)
    if ((subject.apiGroup ?? '') === '' && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = rbacGroup
}

export function validateBinding({ roleRef, subjects = [] }: BindingLike, { namespaced }: { readonly namespaced: boolean }): FieldError[] {
  const { apiGroup = '', kind, name } = roleRef
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  return [
    ...(apiGroup === rbacGroup ? [] : [fieldNotSupported('roleRef.apiGroup', apiGroup, [rbacGroup])]),
    ...(kinds.includes(kind) ? [] : [fieldNotSupported('roleRef.kind', kind, kinds)]),
    ...requiredAndChecked('roleRef.name', name, checkPathSegment),
    ...subjects.flatMap((subject, i) => validateSubject(subject, { field: `subjects[${i}]`, namespaced })),
  ]
}

/** Whoever may bind could give himself another role by changing what is bound. */
export const validateBindingUpdate = ({ roleRef }: BindingLike, { roleRef: previous }: BindingLike): FieldError[] =>
  isSameJson(roleRef, previous) ? [] : [fieldInvalid('roleRef', roleRef, 'cannot change roleRef')]

type SubjectPlace = { readonly field: string; readonly namespaced: boolean }

function validateSubject({ kind, apiGroup = '', name, namespace = '' }: Subject, { field, namespaced }: SubjectPlace): FieldError[] {
  const errors = required(`${field}.name`, name)
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') errors.push(...checked(`${field}.name`, name, checkDnsSubdomain))
      if (apiGroup !== '') errors.push(fieldNotSupported(`${field}.apiGroup`, apiGroup, ['']))
      if (!namespaced) errors.push(...required(`${field}.namespace`, namespace))
      break
    case 'User':
    case 'Group':
      if (name === '') errors.push(fieldInvalid(`${field}.name`, name, `${kind.toLowerCase()} name cannot be empty`))
      if (apiGroup !== rbacGroup) errors.push(fieldNotSupported(`${field}.apiGroup`, apiGroup, [rbacGroup]))
      break
    default:
      errors.push(fieldNotSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group']))
  }
  return errors
}

export const roleColumns: readonly Column<KubeObject>[] = [
  nameColumn,
  {
    name: 'Created At',
    type: 'string',
    description: 'When the object was created.',
    cell: ({ metadata }) => metadata.creationTimestamp,
  },
]

export const bindingColumns: readonly Column<BindingLike>[] = [
  nameColumn,
  { name: 'Role', type: 'string', description: 'The role that is bound.', cell: ({ roleRef: { kind, name } }) => `${kind}/${name}` },
  ageColumn,
  subjectsColumn('Users', 'The users it is bound to.', ({ kind }) => kind === 'User'),
  subjectsColumn('Groups', 'The groups it is bound to.', ({ kind }) => kind === 'Group'),
  subjectsColumn('ServiceAccounts', 'The service accounts it is bound to.', ({ kind }) => kind === 'ServiceAccount'),
]

function subjectsColumn(name: string, description: string, belongs: (subject: Subject) => boolean): Column<BindingLike> {
  const shown = (subject: Subject) => (subject.kind === 'ServiceAccount' ? `${subject.namespace ?? ''}/${subject.name}` : subject.name)
  return {
    ...{ name, type: 'string', description, priority: 1 },
    cell: ({ subjects = [] }) => subjects.filter(belongs).map(shown).join(', '),
  }
}
