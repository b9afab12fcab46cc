import * as z from 'zod'
import { type FieldError, fieldRequired } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { checkDnsSubdomain, checkPathSegment } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { text } from '../types/scalars.ts'
import { nameColumn } from './rules/columns.ts'
import { checked, immutable, requiredAndChecked } from './rules/field-errors.ts'

export const parentReference = message('networking.k8s.io/v1.ParentReference', {
  group: opt(1, text, { description: 'The group of whose address it is; none for Services.' }),
  resource: opt(2, text, { description: 'Its resource, such as services.' }),
  namespace: opt(3, text),
  name: opt(4, text),
})
export type ParentReference = z.infer<typeof parentReference>

export const ipAddressSpec = message('networking.k8s.io/v1.IPAddressSpec', {
  parentRef: opt(1, parentReference, { description: 'Whose address it is; never changes.' }),
})

export const ipAddress = message('networking.k8s.io/v1.IPAddress', {
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('IPAddress'),
  metadata: f(1, objectMeta),
  spec: opt(2, ipAddressSpec, { byValue: true }),
})
export type IPAddress = z.infer<typeof ipAddress>

export const ipAddresses = defineKind<IPAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  resource: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  namespaced: false,
  nameRule: 'ip',
  schema: ipAddress,
  description: 'An address, by its name, and what it belongs to.',
  columns: [nameColumn, { name: 'ParentRef', type: 'string', description: 'What the address belongs to.', cell: parentText }],
  validate: ({ spec }) => validateParent(spec?.parentRef),
  validateUpdate: ({ spec: next }, { spec: previous }) =>
    isSameJson(next?.parentRef, previous?.parentRef) ? [] : [immutable('spec.parentRef', next?.parentRef ?? null)],
})

function parentText({ spec }: IPAddress): string {
  if (spec?.parentRef === undefined) return '<none>'
  const { group = '', resource = '', namespace = '', name = '' } = spec.parentRef
  const kind = (group === '' ? resource : `${resource}.${group}`).toLowerCase()
  return [kind, ...(namespace === '' ? [] : [namespace]), name].join('/')
}

function validateParent(parent: ParentReference | undefined): FieldError[] {
  const field = 'spec.parentRef'
  if (parent === undefined) return [fieldRequired(field)]
  const { group = '', resource, name, namespace = '' } = parent
  return [
    ...(group === '' ? [] : checked(`${field}.group`, group, checkDnsSubdomain)),
    ...requiredAndChecked(`${field}.resource`, resource, checkPathSegment),
    ...requiredAndChecked(`${field}.name`, name, checkPathSegment),
    ...(namespace === '' ? [] : checked(`${field}.namespace`, namespace, checkPathSegment)),
  ]
}
