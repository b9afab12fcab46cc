import * as z from 'zod'
import { defineKind } from '../kind.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { podTemplateSpec } from '../types/pod-template.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { int32, int32OrZero, int64, text, time } from '../types/scalars.ts'

export const replicaSetSpec = message('apps/v1.ReplicaSetSpec', {
  replicas: f(1, int32.default(1), { ptr: true }),
  minReadySeconds: opt(4, int32),
  selector: f(2, labelSelector),
  template: f(3, podTemplateSpec),
})
export type ReplicaSetSpec = z.infer<typeof replicaSetSpec>

export const replicaSetCondition = message('apps/v1.ReplicaSetCondition', {
  type: f(1, text),
  status: f(2, oneOf('False', 'True', 'Unknown')),
  lastTransitionTime: opt(3, time),
  reason: opt(4, text),
  message: opt(5, text),
})
export type ReplicaSetCondition = z.infer<typeof replicaSetCondition>

export const replicaSetStatus = message('apps/v1.ReplicaSetStatus', {
  replicas: f(1, int32OrZero),
  fullyLabeledReplicas: opt(2, int32),
  readyReplicas: opt(4, int32),
  availableReplicas: opt(5, int32),
  terminatingReplicas: opt(7, int32, { ptr: true }),
  observedGeneration: opt(3, int64),
  conditions: opt(6, z.array(replicaSetCondition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
})
export type ReplicaSetStatus = z.infer<typeof replicaSetStatus>

export const replicaSet = message('apps/v1.ReplicaSet', {
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('ReplicaSet'),
  metadata: f(1, objectMeta),
  spec: f(2, replicaSetSpec),
  status: opt(3, replicaSetStatus),
})
export type ReplicaSet = z.infer<typeof replicaSet>

export const replicaSets = defineKind<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  resource: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  subresources: { status: true, scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' } },
  schema: replicaSet,
  description: '',
  columns: [],
})
