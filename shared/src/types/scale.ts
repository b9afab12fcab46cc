import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { f, message, opt } from './field.ts'
import { int32, int32OrZero, text } from './scalars.ts'

export const scaleSpec = message('autoscaling/v1.ScaleSpec', {
  replicas: opt(1, int32),
})
export type ScaleSpec = z.infer<typeof scaleSpec>

export const scaleStatus = message('autoscaling/v1.ScaleStatus', {
  replicas: f(1, int32OrZero),
  selector: opt(2, text),
})
export type ScaleStatus = z.infer<typeof scaleStatus>

export const scale = message('autoscaling/v1.Scale', {
  apiVersion: z.literal('autoscaling/v1'),
  kind: z.literal('Scale'),
  metadata: f(1, objectMeta),
  spec: opt(2, scaleSpec),
  status: opt(3, scaleStatus),
})
export type Scale = z.infer<typeof scale>
