import * as z from 'zod'
import { f, message, oneOf, opt } from '../types/field.ts'
import { stringMap, text } from '../types/scalars.ts'

export const labelSelectorRequirement = message('meta/v1.LabelSelectorRequirement', {
  key: f(1, text),
  operator: f(2, oneOf('DoesNotExist', 'Exists', 'In', 'NotIn')),
  values: opt(3, z.array(text), { list: 'atomic' }),
})
export type LabelSelectorRequirement = z.infer<typeof labelSelectorRequirement>

export const labelSelector = message(
  'meta/v1.LabelSelector',
  {
    matchLabels: opt(1, stringMap),
    matchExpressions: opt(2, z.array(labelSelectorRequirement), { list: 'atomic' }),
  },
  { map: 'atomic' },
)
export type LabelSelector = z.infer<typeof labelSelector>
