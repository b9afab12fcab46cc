import * as z from 'zod'
import { defineKind } from '../kind.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { f, message, opt } from '../types/field.ts'
import { int32, microTime, text } from '../types/scalars.ts'

export const leaseSpec = message('coordination.k8s.io/v1.LeaseSpec', {
  holderIdentity: opt(1, text, { ptr: true }),
  leaseDurationSeconds: opt(2, int32, { ptr: true }),
  acquireTime: opt(3, microTime),
  renewTime: opt(4, microTime),
  leaseTransitions: opt(5, int32, { ptr: true }),
  strategy: opt(6, text, { ptr: true }),
  preferredHolder: opt(7, text, { ptr: true }),
})
export type LeaseSpec = z.infer<typeof leaseSpec>

export const lease = message('coordination.k8s.io/v1.Lease', {
  apiVersion: z.literal('coordination.k8s.io/v1'),
  kind: z.literal('Lease'),
  metadata: f(1, objectMeta),
  spec: opt(2, leaseSpec),
})
export type Lease = z.infer<typeof lease>

export const leases = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  resource: 'leases',
  singular: 'lease',
  namespaced: true,
  durability: 'memory',
  schema: lease,
  description: '',
  columns: [],
})
