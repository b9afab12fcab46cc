import type * as z from 'zod'
import { labelSelector } from '../meta/label-selector.ts'
import { f, message, opt } from './field.ts'
import { int32, quantity, text, textOrEmpty } from './scalars.ts'

export const crossVersionObjectReference = message(
  'autoscaling/v2.CrossVersionObjectReference',
  {
    kind: f(1, textOrEmpty),
    name: f(2, textOrEmpty),
    apiVersion: opt(3, text),
  },
  { map: 'atomic' },
)
export type CrossVersionObjectReference = z.infer<typeof crossVersionObjectReference>

export const metricIdentifier = message('autoscaling/v2.MetricIdentifier', {
  name: f(1, textOrEmpty),
  selector: opt(2, labelSelector),
})

export const metricTarget = message('autoscaling/v2.MetricTarget', {
  type: f(1, textOrEmpty, { description: 'Utilization, Value or AverageValue.' }),
  value: opt(2, quantity),
  averageValue: opt(3, quantity, { description: 'For each pod.' }),
  averageUtilization: opt(4, int32, { description: 'Percent of what the pods ask for.', ptr: true }),
})
export type MetricTarget = z.infer<typeof metricTarget>

const target = f(2, metricTarget.prefault({}))
const metric = f(1, metricIdentifier.prefault({}))

export const objectMetricSource = message('autoscaling/v2.ObjectMetricSource', {
  describedObject: f(1, crossVersionObjectReference.prefault({})),
  target,
  metric: f(3, metricIdentifier.prefault({})),
})

export const podsMetricSource = message('autoscaling/v2.PodsMetricSource', { metric, target })

export const resourceMetricSource = message('autoscaling/v2.ResourceMetricSource', { name: f(1, textOrEmpty), target })

export const containerResourceMetricSource = message('autoscaling/v2.ContainerResourceMetricSource', {
  name: f(1, textOrEmpty),
  target,
  container: f(3, textOrEmpty),
})

export const externalMetricSource = message('autoscaling/v2.ExternalMetricSource', { metric, target })

export const metricSpec = message('autoscaling/v2.MetricSpec', {
  type: f(1, textOrEmpty, { description: 'Which of the others is told: Resource, ContainerResource, Pods, Object or External.' }),
  object: opt(2, objectMetricSource, { description: 'Of another object.' }),
  pods: opt(3, podsMetricSource, { description: 'Of each pod.' }),
  resource: opt(4, resourceMetricSource, { description: 'CPU or memory of the pods.' }),
  containerResource: opt(7, containerResourceMetricSource, { description: 'The same of one container of each.' }),
  external: opt(5, externalMetricSource, { description: 'Of something outside of the cluster.' }),
})
export type MetricSpec = z.infer<typeof metricSpec>

export const metricValueStatus = message('autoscaling/v2.MetricValueStatus', {
  value: opt(1, quantity),
  averageValue: opt(2, quantity),
  averageUtilization: opt(3, int32, { ptr: true }),
})

const current = f(2, metricValueStatus.prefault({}))

export const objectMetricStatus = message('autoscaling/v2.ObjectMetricStatus', {
  metric,
  current,
  describedObject: f(3, crossVersionObjectReference.prefault({})),
})
export const podsMetricStatus = message('autoscaling/v2.PodsMetricStatus', { metric, current })
export const resourceMetricStatus = message('autoscaling/v2.ResourceMetricStatus', { name: f(1, textOrEmpty), current })
export const containerResourceMetricStatus = message('autoscaling/v2.ContainerResourceMetricStatus', {
  name: f(1, textOrEmpty),
  current,
  container: f(3, textOrEmpty),
})
export const externalMetricStatus = message('autoscaling/v2.ExternalMetricStatus', { metric, current })

export const metricStatus = message('autoscaling/v2.MetricStatus', {
  type: f(1, textOrEmpty),
  object: opt(2, objectMetricStatus),
  pods: opt(3, podsMetricStatus),
  resource: opt(4, resourceMetricStatus),
  containerResource: opt(7, containerResourceMetricStatus),
  external: opt(5, externalMetricStatus),
})
export type MetricStatus = z.infer<typeof metricStatus>
