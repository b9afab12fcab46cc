import type * as z from 'zod'
import { f, message, opt } from './field.ts'
import { resourceList, text } from './scalars.ts'

export const limitRangeItem = message('LimitRangeItem', {
  type: f(1, text, { description: 'Container, Pod or PersistentVolumeClaim.' }),
  max: opt(2, resourceList, { description: 'The most of each resource.' }),
  min: opt(3, resourceList, { description: 'The least of each resource.' }),
  default: opt(4, resourceList, { description: 'The limits of a container that says none.' }),
  defaultRequest: opt(5, resourceList, { description: 'What a container asks for that says nothing.' }),
  maxLimitRequestRatio: opt(6, resourceList, { description: 'How many times as much the limit may be as what is asked for.' }),
})
export type LimitRangeItem = z.infer<typeof limitRangeItem>
