import type * as z from 'zod'
import { templateMeta } from '../meta/object-meta.ts'
import { persistentVolumeClaimSpec } from './claim-volumes.ts'
import { persistentVolumeClaimStatus } from './claim-status.ts'
import { f, message, opt } from './field.ts'
import { text } from './scalars.ts'

/** A claim within another object, from which claims are made: it says what it is although everybody knows. */
export const claimTemplate = message('PersistentVolumeClaim', {
  apiVersion: text.default('v1'),
  kind: text.default('PersistentVolumeClaim'),
  metadata: opt(1, templateMeta, { byValue: true }),
  spec: opt(2, persistentVolumeClaimSpec, { byValue: true }),
  status: f(3, persistentVolumeClaimStatus.prefault({ phase: 'Pending' })),
})
export type ClaimTemplate = z.infer<typeof claimTemplate>
