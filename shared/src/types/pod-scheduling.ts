import * as z from 'zod'
import { labelSelector } from '../meta/label-selector.ts'
import { f, message, oneOf, opt } from './field.ts'
import { int32, text } from './scalars.ts'

export const topologySpreadConstraint = message('TopologySpreadConstraint', {
  maxSkew: f(1, int32),
  topologyKey: f(2, text),
  whenUnsatisfiable: f(3, oneOf('DoNotSchedule', 'ScheduleAnyway')),
  labelSelector: opt(4, labelSelector),
  minDomains: opt(5, int32, { ptr: true }),
  nodeAffinityPolicy: opt(6, oneOf('Honor', 'Ignore'), { ptr: true }),
  nodeTaintsPolicy: opt(7, oneOf('Honor', 'Ignore'), { ptr: true }),
  matchLabelKeys: opt(8, z.array(text), { list: 'atomic' }),
})
export type TopologySpreadConstraint = z.infer<typeof topologySpreadConstraint>

export const podReadinessGate = message('PodReadinessGate', {
  conditionType: f(1, text),
})
export type PodReadinessGate = z.infer<typeof podReadinessGate>

export const podSchedulingGate = message('PodSchedulingGate', {
  name: f(1, text),
})
export type PodSchedulingGate = z.infer<typeof podSchedulingGate>

export const podResourceClaim = message('PodResourceClaim', {
  name: f(1, text),
  resourceClaimName: opt(3, text, { ptr: true }),
  resourceClaimTemplateName: opt(4, text, { ptr: true }),
})
export type PodResourceClaim = z.infer<typeof podResourceClaim>

export const podOS = message('PodOS', {
  name: f(1, oneOf('linux', 'windows')),
})
export type PodOS = z.infer<typeof podOS>
