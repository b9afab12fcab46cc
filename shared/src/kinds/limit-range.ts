import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { limitRangeItem } from '../types/limit-range-item.ts'
import { nameColumn } from './rules/columns.ts'
import { setLimitDefaults, validateLimits } from './rules/limits.ts'

export const limitRangeSpec = message('LimitRangeSpec', {
  limits: f(1, z.array(limitRangeItem).default([]), { description: 'One for each type of object.', list: 'atomic' }),
})

export const limitRange = message('LimitRange', {
  apiVersion: z.literal('v1'),
  kind: z.literal('LimitRange'),
  metadata: f(1, objectMeta),
  spec: opt(2, limitRangeSpec, { byValue: true }),
})
export type LimitRange = z.infer<typeof limitRange>

export const limitRanges = defineKind<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  resource: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  schema: limitRange,
  description: 'The least and the most that each container, pod or claim of a namespace may ask for, and what those get that do not ask.',
  createsOnUpdate: true,
  columns: [
    nameColumn,
    { name: 'Created At', type: 'string', description: 'When it was created.', cell: ({ metadata }) => metadata.creationTimestamp ?? '' },
  ],
  setDefaults: ({ spec }) => setLimitDefaults(spec?.limits ?? []),
  validate: ({ spec }) => validateLimits(spec?.limits ?? [], 'spec.limits'),
})
