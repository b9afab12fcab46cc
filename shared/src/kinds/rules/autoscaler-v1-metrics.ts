import { isObject } from '../../json/is-object.ts'
import type { MetricSpec, MetricStatus } from '../../types/autoscaler-metrics.ts'

type Json = Readonly<Record<string, unknown>>

const objectOf = (value: unknown): Json => (isObject(value) ? (value as Json) : {}) // that is what was asked

/** A metric in the form of v1, whose fields have the names of its first days. */
export function metricToV1({ type, object, pods, resource, containerResource, external }: MetricSpec): Json {
  return {
    type,
    ...(object !== undefined && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value ?? '0',
        selector: object.metric.selector,
        averageValue: object.target.averageValue,
      },
    }),
    ...(pods !== undefined && {
      pods: { metricName: pods.metric.name, targetAverageValue: pods.target.averageValue ?? '0', selector: pods.metric.selector },
    }),
    ...(resource !== undefined && { resource: usageToV1(resource) }),
    ...(containerResource !== undefined && {
      containerResource: { ...usageToV1(containerResource), container: containerResource.container },
    }),
    ...(external !== undefined && {
      external: {
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        targetValue: external.target.value,
        targetAverageValue: external.target.averageValue,
      },
    }),
  }
}

type Usage = NonNullable<MetricSpec['resource']>

const usageToV1 = ({ name, target }: Usage): Json => ({
  name,
  targetAverageUtilization: target.averageUtilization,
  targetAverageValue: target.averageValue,
})

export function metricFromV1(value: unknown): Json {
  const { type, object, pods, resource, containerResource, external } = objectOf(value)
  const amount = (value: unknown, averageValue: unknown) => ({
    type: averageValue === undefined ? 'Value' : 'AverageValue',
    value: averageValue !== undefined && value === '0' ? undefined : value,
    averageValue,
  })
  const [of, each, out] = [objectOf(object), objectOf(pods), objectOf(external)]
  return {
    type,
    ...(object !== undefined && {
      object: {
        describedObject: of['target'],
        metric: { name: of['metricName'], selector: of['selector'] },
        target: amount(of['targetValue'], of['averageValue']),
      },
    }),
    ...(pods !== undefined && {
      pods: {
        metric: { name: each['metricName'], selector: each['selector'] },
        target: { type: 'AverageValue', averageValue: each['targetAverageValue'] },
      },
    }),
    ...(resource !== undefined && { resource: usageFromV1(resource) }),
    ...(containerResource !== undefined && {
      containerResource: { ...usageFromV1(containerResource), container: objectOf(containerResource)['container'] },
    }),
    ...(external !== undefined && {
      external: {
        metric: { name: out['metricName'], selector: out['metricSelector'] },
        target: {
          type: out['targetValue'] === undefined ? 'AverageValue' : 'Value',
          value: out['targetValue'],
          averageValue: out['targetAverageValue'],
        },
      },
    }),
  }
}

function usageFromV1(value: unknown): Json {
  const { name, targetAverageUtilization: averageUtilization, targetAverageValue: averageValue } = objectOf(value)
  return { name, target: { type: averageUtilization === undefined ? 'AverageValue' : 'Utilization', averageUtilization, averageValue } }
}

/** What a metric says, in the form of v1. */
export function statusToV1({ type, object, pods, resource, containerResource, external }: MetricStatus): Json {
  const usage = ({ name, current }: NonNullable<MetricStatus['resource']>): Json => ({
    name,
    currentAverageUtilization: current.averageUtilization,
    currentAverageValue: current.averageValue ?? '0',
  })
  return {
    type,
    ...(object !== undefined && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value ?? '0',
        selector: object.metric.selector,
        averageValue: object.current.averageValue,
      },
    }),
    ...(pods !== undefined && {
      pods: { metricName: pods.metric.name, currentAverageValue: pods.current.averageValue ?? '0', selector: pods.metric.selector },
    }),
    ...(resource !== undefined && { resource: usage(resource) }),
    ...(containerResource !== undefined && {
      containerResource: { ...usage(containerResource), container: containerResource.container },
    }),
    ...(external !== undefined && {
      external: {
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        currentValue: external.current.value ?? '0',
        currentAverageValue: external.current.averageValue,
      },
    }),
  }
}

export function statusFromV1(value: unknown): Json {
  const { type, object, pods, resource, containerResource, external } = objectOf(value)
  const usage = (of: unknown): Json => {
    const { name, currentAverageUtilization: averageUtilization, currentAverageValue: averageValue } = objectOf(of)
    return { name, current: { averageUtilization, averageValue } }
  }
  const [of, each, out] = [objectOf(object), objectOf(pods), objectOf(external)]
  return {
    type,
    ...(object !== undefined && {
      object: {
        describedObject: of['target'],
        metric: { name: of['metricName'], selector: of['selector'] },
        current: { value: of['currentValue'], averageValue: of['averageValue'] },
      },
    }),
    ...(pods !== undefined && {
      pods: {
        metric: { name: each['metricName'], selector: each['selector'] },
        current: { averageValue: each['currentAverageValue'] },
      },
    }),
    ...(resource !== undefined && { resource: usage(resource) }),
    ...(containerResource !== undefined && {
      containerResource: { ...usage(containerResource), container: objectOf(containerResource)['container'] },
    }),
    ...(external !== undefined && {
      external: {
        metric: { name: out['metricName'], selector: out['metricSelector'] },
        current: { value: out['currentValue'], averageValue: out['currentAverageValue'] },
      },
    }),
  }
}
