import * as z from 'zod'
import { defineKind } from '../schema/kind.ts'
import { notNegative } from './rules/field-errors.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { fieldInvalid } from '../api/api-error.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { f, message, opt } from '../types/field.ts'
import { int32, microTime, text } from '../types/scalars.ts'

export const leaseSpec = message('coordination.k8s.io/v1.LeaseSpec', {
  holderIdentity: opt(1, text, { description: 'Who holds it.', ptr: true }),
  leaseDurationSeconds: opt(2, int32, { description: 'How long it is held without being renewed.', ptr: true }),
  acquireTime: opt(3, microTime, { description: 'Since when this holder has it.' }),
  renewTime: opt(4, microTime, { description: 'When it was renewed last.' }),
  leaseTransitions: opt(5, int32, { description: 'How often the holder changed.', ptr: true }),
  strategy: opt(6, text, { ptr: true }),
  preferredHolder: opt(7, text, { ptr: true }),
})
export type LeaseSpec = z.infer<typeof leaseSpec>

export const lease = message('coordination.k8s.io/v1.Lease', {
  apiVersion: z.literal('coordination.k8s.io/v1'),
  kind: z.literal('Lease'),
  metadata: f(1, objectMeta),
  spec: opt(2, leaseSpec, { byValue: true }),
})
export type Lease = z.infer<typeof lease>

export const leases = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  resource: 'leases',
  singular: 'lease',
  namespaced: true,
  schema: lease,
  description: 'Who holds something for now, such as the lead among several controllers, or that a node is alive. Kept in memory only.',
  durability: 'memory',
  // One for each node and each leader; they are about 500 bytes.
  kept: { count: 20_000, bytes: 16 * 1024 * 1024 },
  needsRevision: true,
  createsOnUpdate: true,
  columns: [
    nameColumn,
    { name: 'Holder', type: 'string', description: 'Who holds it.', cell: ({ spec }) => spec?.holderIdentity ?? '' },
    ageColumn,
  ],
  // Who holds it is settled between those who want it: nobody chooses among them, so what would tell how is left out, as Kubernetes does.
  prepareForCreate: ({ spec }) => dropChoice(spec),
  prepareForUpdate: ({ spec }) => dropChoice(spec),
  validate: ({ spec }) => [
    ...(spec?.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0
      ? [fieldInvalid('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0')]
      : []),
    ...notNegative('spec.leaseTransitions', spec?.leaseTransitions),
  ],
})

function dropChoice(spec: LeaseSpec | undefined): void {
  delete spec?.strategy
  delete spec?.preferredHolder
}
