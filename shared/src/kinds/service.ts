import * as z from 'zod'
import { defineKind } from '../kind.ts'
import { condition } from '../meta/condition.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { loadBalancerStatus } from '../types/load-balancer.ts'
import { serviceSpec } from '../types/service-spec.ts'
import { f, message, opt } from '../types/field.ts'

export const serviceStatus = message('ServiceStatus', {
  loadBalancer: opt(1, loadBalancerStatus),
  conditions: opt(2, z.array(condition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
})
export type ServiceStatus = z.infer<typeof serviceStatus>

export const service = message('Service', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata: f(1, objectMeta),
  spec: f(2, serviceSpec),
  status: opt(3, serviceStatus),
})
export type Service = z.infer<typeof service>

export const services = defineKind<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  resource: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  subresources: { status: true },
  nameRule: 'dns-label-1035',
  schema: service,
  description: '',
  columns: [],
})
