import * as z from 'zod'
import { findCondition } from '../meta/conditions.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { text } from '../types/scalars.ts'
import { nameColumn } from './rules/columns.ts'

export const componentCondition = message('ComponentCondition', {
  type: f(1, text),
  status: f(2, text),
  message: opt(3, text),
  error: opt(4, text),
})

export const componentStatus = message('ComponentStatus', {
  apiVersion: z.literal('v1'),
  kind: z.literal('ComponentStatus'),
  metadata: f(1, objectMeta),
  conditions: opt(2, z.array(componentCondition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
})
export type ComponentStatus = z.infer<typeof componentStatus>

const healthOf = ({ conditions }: ComponentStatus) => findCondition(conditions, 'Healthy')

/** Clients of long ago ask for it. A hub is one process, whose health is told at /readyz: there is no component to list. */
export const componentStatuses = defineKind<ComponentStatus>({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  resource: 'componentstatuses',
  singular: 'componentstatus',
  shortNames: ['cs'],
  namespaced: false,
  durability: 'memory',
  ownsNothing: true,
  verbs: ['get', 'list'],
  schema: componentStatus,
  description: 'Told whether the parts of a control plane are well. A hub is one process: ask it at /readyz.',
  deprecated: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      description: 'Whether it is well.',
      cell: (component) => (healthOf(component)?.status === 'True' ? 'Healthy' : 'Unhealthy'),
    },
    { name: 'Message', type: 'string', description: 'What it says.', cell: (component) => healthOf(component)?.message ?? '' },
    { name: 'Error', type: 'string', description: 'What is wrong.', cell: (component) => healthOf(component)?.error ?? '' },
  ],
})
