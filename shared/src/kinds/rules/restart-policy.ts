import { type FieldError, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import type { Container, ContainerRestartRule } from '../../types/container.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import { fieldTooLong } from './field-errors.ts'

const maxRules = 20
const maxExitCodes = 255
const actions = ['Restart', 'RestartAllContainers']
const operators = ['In', 'NotIn']

/** What Kubernetes wants of the rules by which a container is started again: a policy for when none fits, and exit codes in each. */
export function validateRestartRules({ restartPolicy, restartPolicyRules: rules = [] }: Container, field: string): FieldError[] {
  if (rules.length === 0) return []
  const at = `${field}.restartPolicyRules`
  return [
    ...(restartPolicy === undefined
      ? [fieldRequired(`${field}.restartPolicy`, 'must specify restartPolicy when restart rules are used')]
      : []),
    ...(rules.length > maxRules ? [fieldTooLong(at, maxRules)] : []),
    ...rules.flatMap((rule, i) => validateRule(rule, `${at}[${i}]`)),
  ]
}

function validateRule({ action, exitCodes }: ContainerRestartRule, field: string): FieldError[] {
  return [
    ...(actions.includes(action ?? '') ? [] : [fieldNotSupported(`${field}.action`, action ?? '', actions)]),
    ...(exitCodes === undefined ? [fieldRequired(`${field}.exitCodes`, 'must be specified')] : []),
    ...(exitCodes === undefined || operators.includes(exitCodes.operator ?? '')
      ? []
      : [fieldNotSupported(`${field}.exitCodes.operator`, exitCodes.operator ?? '', operators)]),
    ...((exitCodes?.values ?? []).length > maxExitCodes ? [fieldTooLong(`${field}.exitCodes.values`, maxExitCodes)] : []),
  ]
}

/**
 * Whether a container that ended so is started again: the first of its own rules that fits says so, else its own policy, else that of the
 * pod. An init container that succeeded is through, whatever this says.
 */
export function restartsAfter(
  { restartPolicy, restartPolicyRules = [] }: Container,
  spec: Pick<PodSpec, 'restartPolicy'>,
  exitCode: number,
): boolean {
  if (restartPolicy !== undefined && restartPolicyRules.some((rule) => rule.action === 'Restart' && fits(rule, exitCode))) return true
  const policy = restartPolicy ?? spec.restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

const fits = ({ exitCodes: { operator, values = [] } = {} }: ContainerRestartRule, exitCode: number): boolean =>
  operator !== undefined && values.includes(exitCode) === (operator === 'In')
