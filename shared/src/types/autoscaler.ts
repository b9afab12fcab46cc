import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { horizontalPodAutoscalerSpec, horizontalPodAutoscalerStatus } from './autoscaler-spec.ts'
import { f, message, opt } from './field.ts'

export const horizontalPodAutoscaler = message('autoscaling/v2.HorizontalPodAutoscaler', {
  apiVersion: z.literal('autoscaling/v2'),
  kind: z.literal('HorizontalPodAutoscaler'),
  metadata: f(1, objectMeta),
  spec: f(2, horizontalPodAutoscalerSpec.prefault({})),
  status: opt(3, horizontalPodAutoscalerStatus, { byValue: true }),
})
export type HorizontalPodAutoscaler = z.infer<typeof horizontalPodAutoscaler>
