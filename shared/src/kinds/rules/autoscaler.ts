import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import type { HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus, HPAScalingRules } from '../../types/autoscaler-spec.ts'
import { validateMetric } from './autoscaler-metrics.ts'
import { validateTarget } from './autoscaler-target.ts'
import { validateCounts } from './counts.ts'

export function setAutoscalerDefaults(spec: HorizontalPodAutoscalerSpec): void {
  const target = { type: 'Utilization', averageUtilization: 80 }
  if ((spec.metrics ?? []).length === 0) spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
  if (spec.behavior === undefined) return
  const all = { type: 'Percent', value: 100, periodSeconds: 15 }
  const policies = [{ type: 'Pods', value: 4, periodSeconds: 15 }, all]
  spec.behavior.scaleUp = { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies, ...spec.behavior.scaleUp }
  spec.behavior.scaleDown = { selectPolicy: 'Max', policies: [all], ...spec.behavior.scaleDown }
}

/** To nothing only what has been scaled to nothing before. */
export const validateLeast = (minReplicas: number): FieldError[] =>
  minReplicas === 0 ? [fieldInvalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1')] : []

export function validateAutoscaler(spec: HorizontalPodAutoscalerSpec): FieldError[] {
  const { minReplicas, maxReplicas, metrics = [], behavior } = spec
  const isFedFromOutside = metrics.some(({ type }) => type === 'Object' || type === 'External')
  return [
    ...(minReplicas < 0 ? [fieldInvalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1')] : []),
    ...(maxReplicas < 1 ? [fieldInvalid('spec.maxReplicas', maxReplicas, 'must be greater than 0')] : []),
    ...(maxReplicas < minReplicas ? [fieldInvalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')] : []),
    ...validateTarget(spec.scaleTargetRef, 'spec.scaleTargetRef'),
    ...metrics.flatMap((metric, i) => validateMetric(metric, `spec.metrics[${i}]`)),
    ...(minReplicas === 0 && !isFedFromOutside
      ? [fieldForbidden('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas')]
      : []),
    ...validateRules(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ]
}

const selections = ['Disabled', 'Max', 'Min']
const units = ['Percent', 'Pods']

function validateRules(rules: HPAScalingRules | undefined, field: string): FieldError[] {
  if (rules === undefined) return []
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules
  const at = `${field}.stabilizationWindowSeconds`
  return [
    ...(window < 0 ? [fieldInvalid(at, window, 'must be greater than or equal to zero')] : []),
    ...(window > 3600 ? [fieldInvalid(at, window, 'must be less than or equal to 3600')] : []),
    ...(selectPolicy === undefined || selections.includes(selectPolicy)
      ? []
      : [fieldNotSupported(`${field}.selectPolicy`, selectPolicy, selections)]),
    ...(policies.length === 0 ? [fieldRequired(`${field}.policies`, 'must specify at least one Policy')] : []),
    ...policies.flatMap(({ type, value, periodSeconds }, i) => {
      const name = `${field}.policies[${i}]`
      return [
        ...(units.includes(type) ? [] : [fieldNotSupported(`${name}.type`, type, units)]),
        ...(value <= 0 ? [fieldInvalid(`${name}.value`, value, 'must be greater than zero')] : []),
        ...(periodSeconds <= 0 ? [fieldInvalid(`${name}.periodSeconds`, periodSeconds, 'must be greater than zero')] : []),
        ...(periodSeconds > 1800 ? [fieldInvalid(`${name}.periodSeconds`, periodSeconds, 'must be less than or equal to 1800')] : []),
      ]
    }),
    ...(tolerance?.startsWith('-') === true ? [fieldInvalid(`${field}.tolerance`, tolerance, 'must be greater than or equal to 0')] : []),
  ]
}

export const validateAutoscalerStatus = (status: HorizontalPodAutoscalerStatus | undefined): FieldError[] =>
  validateCounts({ currentReplicas: status?.currentReplicas, desiredReplicas: status?.desiredReplicas })
