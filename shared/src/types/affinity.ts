import * as z from 'zod'
import { labelSelector } from '../meta/label-selector.ts'
import { f, message, oneOf, opt } from './field.ts'
import { int32, text } from './scalars.ts'

export const nodeSelectorRequirement = message('NodeSelectorRequirement', {
  key: f(1, text),
  operator: f(2, oneOf('DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn')),
  values: opt(3, z.array(text), { list: 'atomic' }),
})
export type NodeSelectorRequirement = z.infer<typeof nodeSelectorRequirement>

export const nodeSelectorTerm = message(
  'NodeSelectorTerm',
  {
    matchExpressions: opt(1, z.array(nodeSelectorRequirement), { list: 'atomic' }),
    matchFields: opt(2, z.array(nodeSelectorRequirement), { list: 'atomic' }),
  },
  { map: 'atomic' },
)
export type NodeSelectorTerm = z.infer<typeof nodeSelectorTerm>

export const nodeSelector = message(
  'NodeSelector',
  {
    nodeSelectorTerms: f(1, z.array(nodeSelectorTerm), { list: 'atomic' }),
  },
  { map: 'atomic' },
)
export type NodeSelector = z.infer<typeof nodeSelector>

export const preferredSchedulingTerm = message('PreferredSchedulingTerm', {
  weight: f(1, int32),
  preference: f(2, nodeSelectorTerm),
})
export type PreferredSchedulingTerm = z.infer<typeof preferredSchedulingTerm>

export const nodeAffinity = message('NodeAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: opt(1, nodeSelector),
  preferredDuringSchedulingIgnoredDuringExecution: opt(2, z.array(preferredSchedulingTerm), { list: 'atomic' }),
})
export type NodeAffinity = z.infer<typeof nodeAffinity>

export const podAffinityTerm = message('PodAffinityTerm', {
  labelSelector: opt(1, labelSelector),
  namespaces: opt(2, z.array(text), { list: 'atomic' }),
  topologyKey: f(3, text),
  namespaceSelector: opt(4, labelSelector),
  matchLabelKeys: opt(5, z.array(text), { list: 'atomic' }),
  mismatchLabelKeys: opt(6, z.array(text), { list: 'atomic' }),
})
export type PodAffinityTerm = z.infer<typeof podAffinityTerm>

export const weightedPodAffinityTerm = message('WeightedPodAffinityTerm', {
  weight: f(1, int32),
  podAffinityTerm: f(2, podAffinityTerm),
})
export type WeightedPodAffinityTerm = z.infer<typeof weightedPodAffinityTerm>

export const podAffinity = message('PodAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: opt(1, z.array(podAffinityTerm), { list: 'atomic' }),
  preferredDuringSchedulingIgnoredDuringExecution: opt(2, z.array(weightedPodAffinityTerm), { list: 'atomic' }),
})
export type PodAffinity = z.infer<typeof podAffinity>

export const podAntiAffinity = message('PodAntiAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: opt(1, z.array(podAffinityTerm), { list: 'atomic' }),
  preferredDuringSchedulingIgnoredDuringExecution: opt(2, z.array(weightedPodAffinityTerm), { list: 'atomic' }),
})
export type PodAntiAffinity = z.infer<typeof podAntiAffinity>

export const affinity = message('Affinity', {
  nodeAffinity: opt(1, nodeAffinity),
  podAffinity: opt(2, podAffinity),
  podAntiAffinity: opt(3, podAntiAffinity),
})
export type Affinity = z.infer<typeof affinity>
