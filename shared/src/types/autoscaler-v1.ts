import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { f, message, opt } from './field.ts'
import { int32, int32OrZero, int64, text, textOrEmpty, time } from './scalars.ts'

export const crossVersionObjectReferenceV1 = message(
  'autoscaling/v1.CrossVersionObjectReference',
  {
    kind: f(1, textOrEmpty),
    name: f(2, textOrEmpty),
    apiVersion: opt(3, text),
  },
  { map: 'atomic' },
)

export const horizontalPodAutoscalerSpecV1 = message(
  'autoscaling/v1.HorizontalPodAutoscalerSpec',
  {
    scaleTargetRef: f(1, crossVersionObjectReferenceV1.prefault({}), { description: 'What is scaled.' }),
    minReplicas: f(2, int32.default(1), { description: 'The least pods.', ptr: true }),
    maxReplicas: f(3, int32OrZero, { description: 'The most pods.' }),
    targetCPUUtilizationPercentage: opt(4, int32, { description: 'For how much of the CPU that the pods ask for.', ptr: true }),
  },
  { description: 'What is scaled and how far.' },
)

export const horizontalPodAutoscalerStatusV1 = message('autoscaling/v1.HorizontalPodAutoscalerStatus', {
  observedGeneration: opt(1, int64, { ptr: true }),
  lastScaleTime: opt(2, time),
  currentReplicas: f(3, int32OrZero),
  desiredReplicas: f(4, int32OrZero),
  currentCPUUtilizationPercentage: opt(5, int32, { ptr: true }),
})

export const horizontalPodAutoscalerV1 = message('autoscaling/v1.HorizontalPodAutoscaler', {
  apiVersion: z.literal('autoscaling/v1'),
  kind: z.literal('HorizontalPodAutoscaler'),
  metadata: f(1, objectMeta),
  spec: f(2, horizontalPodAutoscalerSpecV1.prefault({})),
  status: opt(3, horizontalPodAutoscalerStatusV1, { byValue: true }),
})
export type HorizontalPodAutoscalerV1 = z.infer<typeof horizontalPodAutoscalerV1>
