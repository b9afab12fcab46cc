import * as z from 'zod'
import { defineKind } from '../kind.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { objectReference } from '../types/references.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { bool, int32, stringMap, text } from '../types/scalars.ts'

export const endpointConditions = message('discovery.k8s.io/v1.EndpointConditions', {
  ready: opt(1, bool, { ptr: true }),
  serving: opt(2, bool, { ptr: true }),
  terminating: opt(3, bool, { ptr: true }),
})
export type EndpointConditions = z.infer<typeof endpointConditions>

export const forZone = message('discovery.k8s.io/v1.ForZone', {
  name: f(1, text),
})
export type ForZone = z.infer<typeof forZone>

export const forNode = message('discovery.k8s.io/v1.ForNode', {
  name: f(1, text),
})
export type ForNode = z.infer<typeof forNode>

export const endpointHints = message('discovery.k8s.io/v1.EndpointHints', {
  forZones: opt(1, z.array(forZone), { list: 'atomic' }),
  forNodes: opt(2, z.array(forNode), { list: 'atomic' }),
})
export type EndpointHints = z.infer<typeof endpointHints>

export const endpoint = message('discovery.k8s.io/v1.Endpoint', {
  addresses: f(1, z.array(text), { list: 'set' }),
  conditions: opt(2, endpointConditions),
  hostname: opt(3, text, { ptr: true }),
  targetRef: opt(4, objectReference),
  deprecatedTopology: opt(5, stringMap),
  nodeName: opt(6, text, { ptr: true }),
  zone: opt(7, text, { ptr: true }),
  hints: opt(8, endpointHints),
})
export type Endpoint = z.infer<typeof endpoint>

export const endpointPort = message('discovery.k8s.io/v1.EndpointPort', {
  name: opt(1, text, { ptr: true }),
  protocol: opt(2, oneOf('SCTP', 'TCP', 'UDP'), { ptr: true }),
  port: opt(3, int32, { ptr: true }),
  appProtocol: opt(4, text, { ptr: true }),
})
export type EndpointPort = z.infer<typeof endpointPort>

export const endpointSlice = message('discovery.k8s.io/v1.EndpointSlice', {
  apiVersion: z.literal('discovery.k8s.io/v1'),
  kind: z.literal('EndpointSlice'),
  metadata: f(1, objectMeta),
  addressType: f(4, oneOf('FQDN', 'IPv4', 'IPv6')),
  endpoints: opt(2, z.array(endpoint), { list: 'atomic' }),
  ports: opt(3, z.array(endpointPort), { list: 'atomic' }),
})
export type EndpointSlice = z.infer<typeof endpointSlice>

export const endpointSlices = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  schema: endpointSlice,
  description: '',
  columns: [],
})
