import { isObject } from '../../json/is-object.ts'
import type { MetricSpec, MetricStatus } from '../../types/autoscaler-metrics.ts'

type Json = Readonly<Record<string, unknown>>

/** What is wanted of a metric or what it says: in v2 the member that tells how much, in v1 what the names of its fields begin with. */
type Form = 'target' | 'current'
type Amount = {
  readonly value?: string | undefined
  readonly averageValue?: string | undefined
  readonly averageUtilization?: number | undefined
}
type Source = { readonly [F in Form]?: Amount }

/** A metric in the form of v1, whose fields have the names of its first days. */
export const metricToV1 = (metric: MetricSpec): Json => toV1('target', metric)
export const metricFromV1 = (value: unknown): Json => fromV1('target', value)

/** What a metric says, in the form of v1. */
export const statusToV1 = (metric: MetricStatus): Json => toV1('current', metric)
export const statusFromV1 = (value: unknown): Json => fromV1('current', value)

const namesOf = (form: Form) => ({ value: `${form}Value`, average: `${form}AverageValue`, utilization: `${form}AverageUtilization` })

function toV1(form: Form, { type, object, pods, resource, containerResource, external }: MetricSpec | MetricStatus): Json {
  const names = namesOf(form)
  // What is seen stands there in v1 also when nobody has said it.
  const least = form === 'current' ? '0' : undefined
  const amountOf = (source: Source): Amount => source[form] ?? {}
  const usage = (source: Source & { readonly name: string }): Json => {
    const { averageUtilization, averageValue = least } = amountOf(source)
    return { name: source.name, [names.utilization]: averageUtilization, [names.average]: averageValue }
  }
  return {
    type,
    ...(object !== undefined && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        [names.value]: amountOf(object).value ?? '0',
        selector: object.metric.selector,
        averageValue: amountOf(object).averageValue,
      },
    }),
    ...(pods !== undefined && {
      pods: { metricName: pods.metric.name, [names.average]: amountOf(pods).averageValue ?? '0', selector: pods.metric.selector },
    }),
    ...(resource !== undefined && { resource: usage(resource) }),
    ...(containerResource !== undefined && {
      containerResource: { ...usage(containerResource), container: containerResource.container },
    }),
    ...(external !== undefined && {
      external: {
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        [names.value]: amountOf(external).value ?? least,
        [names.average]: amountOf(external).averageValue,
      },
    }),
  }
}

function fromV1(form: Form, given: unknown): Json {
  const names = namesOf(form)
  const { type, object, pods, resource, containerResource, external } = objectOf(given)
  /** Only what is wanted says in which way. */
  const amount = (way: string, of: Json): Json => ({ [form]: form === 'target' ? { type: way, ...of } : of })
  const usage = (source: Json): Json => {
    const { [names.utilization]: averageUtilization, [names.average]: averageValue } = source
    return {
      name: source['name'],
      ...amount(averageUtilization === undefined ? 'AverageValue' : 'Utilization', { averageUtilization, averageValue }),
    }
  }
  const [of, each, out] = [objectOf(object), objectOf(pods), objectOf(external)]
  const { [names.value]: value, averageValue } = of
  const isFilledIn = form === 'target' && value === '0' && averageValue !== undefined
  return {
    type,
    ...(object !== undefined && {
      object: {
        describedObject: of['target'],
        metric: { name: of['metricName'], selector: of['selector'] },
        ...amount(averageValue === undefined ? 'Value' : 'AverageValue', { value: isFilledIn ? undefined : value, averageValue }),
      },
    }),
    ...(pods !== undefined && {
      pods: {
        metric: { name: each['metricName'], selector: each['selector'] },
        ...amount('AverageValue', { averageValue: each[names.average] }),
      },
    }),
    ...(resource !== undefined && { resource: usage(objectOf(resource)) }),
    ...(containerResource !== undefined && {
      containerResource: { ...usage(objectOf(containerResource)), container: objectOf(containerResource)['container'] },
    }),
    ...(external !== undefined && {
      external: {
        metric: { name: out['metricName'], selector: out['metricSelector'] },
        ...amount(out[names.value] === undefined ? 'AverageValue' : 'Value', { value: out[names.value], averageValue: out[names.average] }),
      },
    }),
  }
}

const objectOf = (value: unknown): Json => (isObject(value) ? (value as Json) : {}) // that is what was asked
