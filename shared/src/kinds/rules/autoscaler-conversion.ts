import type { KubeObject } from '../../api/client.ts'
import { isObject } from '../../json/is-object.ts'
import type { Storage } from '../../schema/storage.ts'
import { type MetricSpec, metricSpec, type MetricStatus, metricStatus } from '../../types/autoscaler-metrics.ts'
import { horizontalPodAutoscalerBehavior, horizontalPodAutoscalerCondition } from '../../types/autoscaler-spec.ts'
import type { HorizontalPodAutoscalerV1 } from '../../types/autoscaler-v1.ts'
import type { HorizontalPodAutoscaler } from '../../types/autoscaler.ts'
import { metricFromV1, metricToV1, statusFromV1, statusToV1 } from './autoscaler-v1-metrics.ts'

const prefix = 'autoscaling.alpha.kubernetes.io/'
/** In v1 these annotations say what only v2 has fields for. */
const annotations = {
  metrics: `${prefix}metrics`,
  behavior: `${prefix}behavior`,
  currentMetrics: `${prefix}current-metrics`,
  conditions: `${prefix}conditions`,
}

/** Nobody may leave such an annotation in what is stored: it would come back as a field. */
export function dropRoundTrips({ metadata }: KubeObject): void {
  if (metadata.annotations === undefined) return
  const kept = Object.entries(metadata.annotations).filter(([key]) => !Object.values(annotations).includes(key))
  if (kept.length === 0) delete metadata.annotations
  else metadata.annotations = Object.fromEntries(kept)
}

export function toV2(object: HorizontalPodAutoscalerV1): HorizontalPodAutoscaler {
  const { metadata, spec, status } = object
  const { targetCPUUtilizationPercentage: cpu, ...rest } = spec
  const told = <T>(key: string, read: (value: unknown) => T | undefined): T | undefined => {
    const text = metadata.annotations?.[key]
    return text === undefined ? undefined : read(jsonOf(text))
  }
  const byCpu = cpu === undefined ? [] : [cpuMetric(cpu)]
  const metrics = [
    ...(told(
      annotations.metrics,
      listOf((entry: unknown) => parsed(metricSpec, metricFromV1(entry))),
    ) ?? []),
    ...byCpu,
  ]
  const behavior = told(annotations.behavior, (value) => parsed(horizontalPodAutoscalerBehavior, value))
  const conditions = told(
    annotations.conditions,
    listOf((entry: unknown) => parsed(horizontalPodAutoscalerCondition, entry)),
  )
  const seen = told(
    annotations.currentMetrics,
    listOf((entry: unknown) => parsed(metricStatus, statusFromV1(entry))),
  )
  const { currentCPUUtilizationPercentage: now, ...counts } = status ?? { currentReplicas: 0, desiredReplicas: 0 }
  const currentMetrics = seen ?? (now === undefined ? undefined : [cpuStatus(now)])
  const converted: HorizontalPodAutoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { ...metadata },
    spec: {
      ...rest,
      metrics: metrics.length === 0 ? [cpuMetric(80)] : metrics,
      ...(behavior !== undefined && { behavior }),
    },
    ...(status !== undefined && {
      status: { ...counts, ...(currentMetrics !== undefined && { currentMetrics }), ...(conditions !== undefined && { conditions }) },
    }),
  }
  dropRoundTrips(converted)
  return converted
}

const cpuMetric = (averageUtilization: number): MetricSpec => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})
const cpuStatus = (averageUtilization: number): MetricStatus => ({
  type: 'Resource',
  resource: { name: 'cpu', current: { averageUtilization } },
})

export function toV1({ metadata, spec, status }: HorizontalPodAutoscaler): HorizontalPodAutoscalerV1 {
  const { metrics = [], behavior, ...rest } = spec
  const cpu = metrics.find(isCpu)?.resource?.target.averageUtilization
  // What is applied is converted before it is checked: there may be anything in its place.
  const others = metrics.filter((metric) => typeof (metric as unknown) === 'object' && (metric as unknown) !== null && !isCpu(metric))
  const { currentMetrics = [], conditions = [], currentReplicas = 0, ...counts } = status ?? { desiredReplicas: 0 }
  const now = currentMetrics.find(({ resource }) => resource?.name === 'cpu' && resource.current.averageUtilization !== undefined)
  const said = {
    ...(others.length > 0 && { [annotations.metrics]: JSON.stringify(others.map(metricToV1)) }),
    ...(behavior !== undefined && { [annotations.behavior]: JSON.stringify(behavior) }),
    ...(currentMetrics.length > 0 && { [annotations.currentMetrics]: JSON.stringify(currentMetrics.map(statusToV1)) }),
    ...(conditions.length > 0 && { [annotations.conditions]: JSON.stringify(conditions) }),
  }
  const all = { ...metadata.annotations, ...said }
  const used = now?.resource?.current.averageUtilization
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: Object.keys(all).length === 0 ? metadata : { ...metadata, annotations: all },
    spec: { ...rest, ...(cpu !== undefined && { targetCPUUtilizationPercentage: cpu }) },
    ...(status !== undefined && {
      status: { ...counts, currentReplicas, ...(used !== undefined && { currentCPUUtilizationPercentage: used }) },
    }),
  }
}

/** What v1 has a field for. */
const isCpu = (metric: MetricSpec | null): boolean => {
  const { name, target }: { readonly name?: string; readonly target?: { readonly averageUtilization?: number | undefined } } =
    metric?.resource ?? {}
  return name === 'cpu' && target?.averageUtilization !== undefined
}

/** All of a list, or nothing of it. */
const listOf =
  <T>(read: (entry: unknown) => T | undefined) =>
  (value: unknown): T[] | undefined => {
    if (!Array.isArray(value) || !value.every(isObject)) return undefined
    const entries = value.map(read)
    return entries.includes(undefined) ? undefined : (entries as T[]) // none of them is undefined
  }

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // as if it were not there, like Kubernetes
  }
}

type Parser<T> = { safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false } }

function parsed<T>(schema: Parser<T>, value: unknown): T | undefined {
  const result = schema.safeParse(value)
  return result.success && isObject(value) ? result.data : undefined
}

/** One object in two versions: v2 says all, and v1 the rest in annotations. */
export const autoscalerStorage: Storage = {
  version: 'v2',
  others: {
    v1: {
      toStored: (object) => toV2(object as HorizontalPodAutoscalerV1), // told by its version
      fromStored: (object) => toV1(object as HorizontalPodAutoscaler), // told by its version
    },
  },
}
