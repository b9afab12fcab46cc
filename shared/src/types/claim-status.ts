import * as z from 'zod'
import { f, message, opt } from './field.ts'
import { resourceList, stringMap, text, time } from './scalars.ts'

export const persistentVolumeClaimCondition = message('PersistentVolumeClaimCondition', {
  type: f(1, text),
  status: f(2, text),
  lastProbeTime: opt(3, time, { byValue: true }),
  lastTransitionTime: opt(4, time, { byValue: true }),
  reason: opt(5, text),
  message: opt(6, text),
})
export type PersistentVolumeClaimCondition = z.infer<typeof persistentVolumeClaimCondition>

export const modifyVolumeStatus = message('ModifyVolumeStatus', {
  targetVolumeAttributesClassName: opt(1, text),
  status: f(2, text),
})
export type ModifyVolumeStatus = z.infer<typeof modifyVolumeStatus>

export const persistentVolumeClaimStatus = message(
  'PersistentVolumeClaimStatus',
  {
    phase: opt(1, text, { description: 'Pending until a volume is bound to it, Bound then, Lost when that volume is gone.' }),
    accessModes: opt(2, z.array(text), { description: 'How the volume can be mounted.', list: 'atomic' }),
    capacity: opt(3, resourceList, { description: 'How much the volume holds.' }),
    conditions: opt(4, z.array(persistentVolumeClaimCondition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
    allocatedResources: opt(5, resourceList),
    allocatedResourceStatuses: opt(7, stringMap),
    currentVolumeAttributesClassName: opt(8, text, { ptr: true }),
    modifyVolumeStatus: opt(9, modifyVolumeStatus),
  },
  { description: 'What has become of a claim.' },
)
export type PersistentVolumeClaimStatus = z.infer<typeof persistentVolumeClaimStatus>
