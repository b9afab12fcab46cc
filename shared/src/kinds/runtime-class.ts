import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { checkDnsLabel } from '../meta/names.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { resourceList, stringMap, text } from '../types/scalars.ts'
import { toleration } from '../types/taint.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { checked, immutable, validateLabels } from './rules/field-errors.ts'
import { validateResources } from './rules/resources.ts'
import { validateTolerations } from './rules/scheduling.ts'

export const overhead = message('node.k8s.io/v1.Overhead', {
  podFixed: opt(1, resourceList, { description: 'What each pod takes beside its containers.' }),
})
export type Overhead = z.infer<typeof overhead>

export const scheduling = message('node.k8s.io/v1.Scheduling', {
  nodeSelector: opt(1, stringMap, { description: 'The labels of the nodes that have the runtime.', map: 'atomic' }),
  tolerations: opt(2, z.array(toleration), { description: 'Taints that its pods put up with.', list: 'atomic' }),
})
export type Scheduling = z.infer<typeof scheduling>

export const runtimeClass = message('node.k8s.io/v1.RuntimeClass', {
  apiVersion: z.literal('node.k8s.io/v1'),
  kind: z.literal('RuntimeClass'),
  metadata: f(1, objectMeta),
  handler: f(2, text, { description: 'The name by which a node knows the runtime; never changes.' }),
  overhead: opt(3, overhead, { description: 'What the runtime itself takes.' }),
  scheduling: opt(4, scheduling, { description: 'Which nodes have it.' }),
})
export type RuntimeClass = z.infer<typeof runtimeClass>

/** As Kubernetes has it, word for word. */
const toldPaths = { 'scheduling.tolerations': 'scheduling.tolerations.tolerations' }

export const runtimeClasses = defineKind<RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  resource: 'runtimeclasses',
  singular: 'runtimeclass',
  namespaced: false,
  schema: runtimeClass,
  description: 'A way to run containers, such as in a virtual machine. Nodes have runc alone, so pods that ask for a class are refused.',
  needsRevision: true,
  toldPaths,
  columns: [
    nameColumn,
    { name: 'Handler', type: 'string', description: 'The name by which a node knows the runtime.', cell: ({ handler }) => handler },
    ageColumn,
  ],
  validate: ({ handler, overhead: fixed, scheduling: where }) => [
    ...checked('handler', handler, checkDnsLabel),
    ...validateResources({ limits: fixed?.podFixed }, 'overhead'),
    ...validateLabels('scheduling.nodeSelector', where?.nodeSelector),
    ...validateTolerations(where?.tolerations, toldPaths['scheduling.tolerations']),
  ],
  validateUpdate: (next, previous) => (next.handler === previous.handler ? [] : [immutable('handler', next.handler)]),
})
