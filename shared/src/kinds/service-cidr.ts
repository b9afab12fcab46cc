import * as z from 'zod'
import { type FieldError, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { checkCanonicalCidr } from '../meta/canonical-ip.ts'
import { condition } from '../meta/condition.ts'
import { checkCidr } from '../meta/ip.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { text } from '../types/scalars.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { checked, immutable } from './rules/field-errors.ts'

export const serviceCidrSpec = message('networking.k8s.io/v1.ServiceCIDRSpec', {
  cidrs: opt(1, z.array(text), {
    list: 'atomic',
    description: 'The network, or one of each family; never changes, but for one that joins.',
  }),
})

export const serviceCidrStatus = message('networking.k8s.io/v1.ServiceCIDRStatus', {
  conditions: opt(1, z.array(condition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
})

export const serviceCidr = message('networking.k8s.io/v1.ServiceCIDR', {
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('ServiceCIDR'),
  metadata: f(1, objectMeta),
  spec: opt(2, serviceCidrSpec, { byValue: true }),
  status: opt(3, serviceCidrStatus, { byValue: true }),
})
export type ServiceCIDR = z.infer<typeof serviceCidr>

export const serviceCidrs = defineKind<ServiceCIDR>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  resource: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  schema: serviceCidr,
  description: 'A network that Services get their addresses of.',
  subresources: { status: true, statusKeeps: ['labels', 'annotations', 'finalizers', 'ownerReferences'] },
  columns: [
    nameColumn,
    {
      name: 'CIDRs',
      type: 'string',
      description: 'The network, or one of each family.',
      cell: ({ spec }) => (spec?.cidrs ?? []).join(','),
    },
    ageColumn,
  ],
  validateCreate: ({ spec }) => validateCidrs(spec?.cidrs ?? []),
  validateUpdate: ({ spec: next }, { spec: previous }) => changeErrors(next, previous),
})

/** What there is stays; a network of the other family may come to one, as a cluster becomes dual-stack. */
function changeErrors(next: ServiceCIDR['spec'], previous: ServiceCIDR['spec']): FieldError[] {
  const [from, to] = [previous?.cidrs ?? [], next?.cidrs ?? []]
  const isJoined = from.length === 1 && to.length === 2
  if (from.length !== to.length && !isJoined) return [immutable(field, next?.cidrs ?? null)]
  const changed = from.flatMap((cidr, i) => (cidr === to[i] ? [] : [immutable(`${field}[${i}]`, to[i])]))
  return isJoined ? [...changed, ...validateCidrs(to)] : changed
}

const field = 'spec.cidrs'

function validateCidrs(cidrs: readonly string[]): FieldError[] {
  if (cidrs.length === 0) return [fieldRequired(field, 'at least one CIDR required')]
  if (cidrs.length > 2) return [fieldInvalid(field, { cidrs }, 'may only hold up to 2 values')]
  if (cidrs.length === 2 && !isOfBothFamilies(cidrs))
    return [fieldInvalid(field, cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64')]
  return cidrs.flatMap((cidr, i) => checked(`${field}[${i}]`, cidr, checkCanonicalCidr))
}

const isOfBothFamilies = (cidrs: readonly string[]): boolean =>
  cidrs.every((cidr) => checkCidr(cidr).length === 0) && new Set(cidrs.map((cidr) => cidr.includes(':'))).size === 2
