import * as z from 'zod'
import { crossVersionObjectReference, metricSpec, metricStatus } from './autoscaler-metrics.ts'
import { f, message, opt } from './field.ts'
import { int32, int32OrZero, int64, quantity, text, textOrEmpty, time } from './scalars.ts'

export const hpaScalingPolicy = message('autoscaling/v2.HPAScalingPolicy', {
  type: f(1, textOrEmpty, { description: 'Pods or Percent.' }),
  value: f(2, int32OrZero, { description: 'So many.' }),
  periodSeconds: f(3, int32OrZero, { description: 'In so long.' }),
})
export type HPAScalingPolicy = z.infer<typeof hpaScalingPolicy>

export const hpaScalingRules = message('autoscaling/v2.HPAScalingRules', {
  stabilizationWindowSeconds: opt(3, int32, { description: 'How long what was recommended before counts too.', ptr: true }),
  selectPolicy: opt(1, text, { description: 'Which policy counts: Max, Min, or Disabled.', ptr: true }),
  policies: opt(2, z.array(hpaScalingPolicy), { description: 'How fast.', list: 'atomic' }),
  tolerance: opt(4, quantity, { description: 'How far off the target is good enough.' }),
})
export type HPAScalingRules = z.infer<typeof hpaScalingRules>

export const horizontalPodAutoscalerBehavior = message('autoscaling/v2.HorizontalPodAutoscalerBehavior', {
  scaleUp: opt(1, hpaScalingRules, { description: 'How more pods are made.' }),
  scaleDown: opt(2, hpaScalingRules, { description: 'How pods are taken away.' }),
})
export type HorizontalPodAutoscalerBehavior = z.infer<typeof horizontalPodAutoscalerBehavior>

export const horizontalPodAutoscalerSpec = message(
  'autoscaling/v2.HorizontalPodAutoscalerSpec',
  {
    scaleTargetRef: f(1, crossVersionObjectReference.prefault({}), { description: 'What is scaled.' }),
    minReplicas: f(2, int32.default(1), { description: 'The least pods.', ptr: true }),
    maxReplicas: f(3, int32OrZero, { description: 'The most pods.' }),
    metrics: opt(4, z.array(metricSpec), { description: 'What is looked at; by default the CPU, for 80 %.', list: 'atomic' }),
    behavior: opt(5, horizontalPodAutoscalerBehavior, { description: 'How fast.' }),
  },
  { description: 'What is scaled, by what and how far.' },
)
export type HorizontalPodAutoscalerSpec = z.infer<typeof horizontalPodAutoscalerSpec>

export const horizontalPodAutoscalerCondition = message('autoscaling/v2.HorizontalPodAutoscalerCondition', {
  type: f(1, text),
  status: f(2, text),
  lastTransitionTime: opt(3, time, { byValue: true }),
  reason: opt(4, text),
  message: opt(5, text),
})

export const horizontalPodAutoscalerStatus = message('autoscaling/v2.HorizontalPodAutoscalerStatus', {
  observedGeneration: opt(1, int64, { ptr: true }),
  lastScaleTime: opt(2, time, { description: 'When the number of pods was changed last.' }),
  currentReplicas: opt(3, int32, { description: 'How many pods there are.' }),
  desiredReplicas: f(4, int32OrZero, { description: 'How many there should be.' }),
  currentMetrics: opt(5, z.array(metricStatus), { description: 'What the metrics say.', list: 'atomic' }),
  conditions: opt(6, z.array(horizontalPodAutoscalerCondition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
})
export type HorizontalPodAutoscalerStatus = z.infer<typeof horizontalPodAutoscalerStatus>
