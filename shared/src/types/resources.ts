import * as z from 'zod'
import { f, message, opt } from './field.ts'
import { resourceList, text } from './scalars.ts'

export const resourceClaim = message('ResourceClaim', {
  name: f(1, text),
  request: opt(2, text),
})
export type ResourceClaim = z.infer<typeof resourceClaim>

export const resourceRequirements = message('ResourceRequirements', {
  limits: opt(1, resourceList, { description: 'The most that may be used.' }),
  requests: opt(2, resourceList, { description: 'What is kept free for it; the scheduler counts this. By default the limits.' }),
  claims: opt(3, z.array(resourceClaim), { list: 'map', keys: ['name'] }),
})
export type ResourceRequirements = z.infer<typeof resourceRequirements>

export const volumeResourceRequirements = message('VolumeResourceRequirements', {
  limits: opt(1, resourceList),
  requests: opt(2, resourceList),
})
export type VolumeResourceRequirements = z.infer<typeof volumeResourceRequirements>
