import * as z from 'zod'
import { defineKind } from '../kind.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { podTemplateSpec } from '../types/pod-template.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { bool, int32, int64, intOrString, text, time } from '../types/scalars.ts'

export const rollingUpdateDeployment = message('apps/v1.RollingUpdateDeployment', {
  maxUnavailable: opt(1, intOrString, { ptr: true }),
  maxSurge: opt(2, intOrString, { ptr: true }),
})
export type RollingUpdateDeployment = z.infer<typeof rollingUpdateDeployment>

export const deploymentStrategy = message('apps/v1.DeploymentStrategy', {
  type: f(1, oneOf('Recreate', 'RollingUpdate').default('RollingUpdate')),
  rollingUpdate: opt(2, rollingUpdateDeployment),
})
export type DeploymentStrategy = z.infer<typeof deploymentStrategy>

export const deploymentSpec = message('apps/v1.DeploymentSpec', {
  replicas: f(1, int32.default(1), { ptr: true }),
  selector: f(2, labelSelector),
  template: f(3, podTemplateSpec),
  strategy: f(4, deploymentStrategy.default({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } }), {
    patch: 'retainKeys',
  }),
  minReadySeconds: opt(5, int32),
  revisionHistoryLimit: f(6, int32.default(10), { ptr: true }),
  paused: opt(7, bool),
  progressDeadlineSeconds: f(9, int32.default(600), { ptr: true }),
})
export type DeploymentSpec = z.infer<typeof deploymentSpec>

export const deploymentCondition = message('apps/v1.DeploymentCondition', {
  type: f(1, text),
  status: f(2, oneOf('False', 'True', 'Unknown')),
  lastUpdateTime: opt(6, time),
  lastTransitionTime: opt(7, time),
  reason: opt(4, text),
  message: opt(5, text),
})
export type DeploymentCondition = z.infer<typeof deploymentCondition>

export const deploymentStatus = message('apps/v1.DeploymentStatus', {
  observedGeneration: opt(1, int64),
  replicas: opt(2, int32),
  updatedReplicas: opt(3, int32),
  readyReplicas: opt(7, int32),
  availableReplicas: opt(4, int32),
  unavailableReplicas: opt(5, int32),
  terminatingReplicas: opt(9, int32, { ptr: true }),
  conditions: opt(6, z.array(deploymentCondition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
  collisionCount: opt(8, int32, { ptr: true }),
})
export type DeploymentStatus = z.infer<typeof deploymentStatus>

export const deployment = message('apps/v1.Deployment', {
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  metadata: f(1, objectMeta),
  spec: f(2, deploymentSpec),
  status: opt(3, deploymentStatus),
})
export type Deployment = z.infer<typeof deployment>

export const deployments = defineKind<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  resource: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  subresources: { status: true, scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' } },
  schema: deployment,
  description: '',
  columns: [],
})
