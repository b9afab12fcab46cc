import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { checkDnsLabel, checkPathSegment, checkQualifiedName } from '../../meta/names.ts'
import { parseQuantity } from '../../meta/quantity.ts'
import type { MetricSpec, MetricTarget } from '../../types/autoscaler-metrics.ts'
import { validateTarget as validateReference } from './autoscaler-target.ts'
import { checked } from './field-errors.ts'

/** The field of each type, in the order in which they are looked at. */
const fields = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const
const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']

export function validateMetric(metric: MetricSpec, field: string): FieldError[] {
  const { type } = metric
  const given = Object.values(fields).filter((name) => metric[name] !== undefined)
  const expected = Object.hasOwn(fields, type) ? fields[type as keyof typeof fields] : undefined // as was asked just now
  const [first] = given
  const unknown = fieldNotSupported(`${field}.type`, type, types)
  return [
    ...(type === '' ? [fieldRequired(`${field}.type`, 'must specify a metric source type')] : []),
    ...(expected === undefined ? [unknown] : []),
    ...(first === undefined ? [] : validateSource(metric, first, `${field}.${first}`)),
    ...(expected === undefined ? [unknown] : []),
    ...(expected !== undefined && metric[expected] === undefined
      ? [fieldRequired(`${field}.${expected}`, 'must populate information for the given metric source')]
      : []),
    ...(given.length === 1
      ? []
      : given
          .filter((name) => name !== expected)
          .map((name) => fieldForbidden(`${field}.${name}`, 'must populate the given metric source only'))),
  ]
}

function validateSource(metric: MetricSpec, name: (typeof fields)[keyof typeof fields], field: string): FieldError[] {
  const { object, external, pods, resource, containerResource } = metric
  const need = (part: string, why: string) => fieldRequired(`${field}.target.${part}`, why)
  const hasNone = ({ value, averageValue }: MetricTarget) => value === undefined && averageValue === undefined
  if (name === 'object' && object !== undefined)
    return [
      ...validateReference(object.describedObject, `${field}.describedObject`),
      ...validateName(object.metric.name, field),
      ...validateTarget(object.target, `${field}.target`),
      ...(hasNone(object.target) ? [need('averageValue', 'must set either a target value or averageValue')] : []),
    ]
  if (name === 'external' && external !== undefined)
    return [
      ...validateName(external.metric.name, field),
      ...validateTarget(external.target, `${field}.target`),
      ...(hasNone(external.target) ? [need('averageValue', 'must set either a target value for metric or a per-pod target')] : []),
      ...(external.target.value !== undefined && external.target.averageValue !== undefined
        ? [fieldForbidden(`${field}.target.value`, 'may not set both a target value for metric and a per-pod target')]
        : []),
    ]
  if (name === 'pods' && pods !== undefined)
    return [
      ...validateName(pods.metric.name, field),
      ...validateTarget(pods.target, `${field}.target`),
      ...(pods.target.averageValue === undefined ? [need('averageValue', 'must specify a positive target averageValue')] : []),
    ]
  if (containerResource !== undefined && name === 'containerResource')
    return [
      ...(containerResource.name === ''
        ? [fieldRequired(`${field}.name`, 'must specify a resource name')]
        : validateResourceName(containerResource.name, `${field}.name`)),
      ...(containerResource.container === ''
        ? [fieldRequired(`${field}.container`, 'must specify a container')]
        : checked(`${field}.container`, containerResource.container, checkDnsLabel)),
      ...validateUsage(containerResource.target, `${field}.target`),
    ]
  if (resource === undefined) return []
  return [
    ...(resource.name === '' ? [fieldRequired(`${field}.name`, 'must specify a resource name')] : []),
    ...validateUsage(resource.target, `${field}.target`),
  ]
}

const validateName = (name: string, field: string): FieldError[] =>
  name === ''
    ? [fieldRequired(`${field}.metric.name`, 'must specify a metric name')]
    : checked(`${field}.metric.name`, name, checkPathSegment)

function validateResourceName(name: string, field: string): FieldError[] {
  const errors = checked(field, name, checkQualifiedName)
  const isStandard = ['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-') || name.includes('/')
  if (errors.length === 0 && !isStandard) errors.push(fieldInvalid(field, name, 'must be a standard resource for containers'))
  return errors
}

/** What is used is told as a part of what was asked for, or as an amount. */
function validateUsage(target: MetricTarget, field: string): FieldError[] {
  const { averageUtilization, averageValue } = target
  return [
    ...validateTarget(target, field),
    ...(averageUtilization === undefined && averageValue === undefined
      ? [fieldRequired(`${field}.averageUtilization`, 'must set either a target raw value or a target utilization')]
      : []),
    ...(averageUtilization !== undefined && averageValue !== undefined
      ? [fieldForbidden(`${field}.averageValue`, 'may not set both a target raw value and a target utilization')]
      : []),
  ]
}

const targetTypes = ['Utilization', 'Value', 'AverageValue']

function validateTarget({ type, value, averageValue, averageUtilization }: MetricTarget, field: string): FieldError[] {
  const positive = (name: string, amount: string | undefined) =>
    amount !== undefined && parseQuantity(amount).nano <= 0n ? [fieldInvalid(`${field}.${name}`, amount, 'must be positive')] : []
  return [
    ...(type === '' ? [fieldRequired(`${field}.type`, 'must specify a metric target type')] : []),
    ...(targetTypes.includes(type) ? [] : [fieldInvalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue')]),
    ...positive('value', value),
    ...positive('averageValue', averageValue),
    ...(averageUtilization !== undefined && averageUtilization < 1
      ? [fieldInvalid(`${field}.averageUtilization`, averageUtilization, 'must be greater than 0')]
      : []),
  ]
}
