import * as z from 'zod'
import { f, message, opt } from './field.ts'
import { int32, text, textOrEmpty } from './scalars.ts'

export const podFailurePolicyOnExitCodesRequirement = message('batch/v1.PodFailurePolicyOnExitCodesRequirement', {
  containerName: opt(1, text, { description: 'Which container; without it, any of them.', ptr: true }),
  operator: f(2, textOrEmpty, { description: 'In: one of the values; NotIn: neither 0 nor one of them.' }),
  values: f(3, z.array(int32), { description: 'Exit codes, in order.', list: 'set' }),
})
export type PodFailurePolicyOnExitCodesRequirement = z.infer<typeof podFailurePolicyOnExitCodesRequirement>

export const podFailurePolicyOnPodConditionsPattern = message('batch/v1.PodFailurePolicyOnPodConditionsPattern', {
  type: f(1, textOrEmpty),
  status: f(2, text.default('True')),
})
export type PodFailurePolicyOnPodConditionsPattern = z.infer<typeof podFailurePolicyOnPodConditionsPattern>

export const podFailurePolicyRule = message('batch/v1.PodFailurePolicyRule', {
  action: f(1, textOrEmpty, { description: 'FailJob, FailIndex, Ignore or Count.' }),
  onExitCodes: opt(2, podFailurePolicyOnExitCodesRequirement, { description: 'Of pods in which a container ended so.' }),
  onPodConditions: opt(3, z.array(podFailurePolicyOnPodConditionsPattern), {
    description: 'Of pods with one of these conditions.',
    list: 'atomic',
  }),
})
export type PodFailurePolicyRule = z.infer<typeof podFailurePolicyRule>

export const podFailurePolicy = message('batch/v1.PodFailurePolicy', {
  rules: f(1, z.array(podFailurePolicyRule), { description: 'The first that fits a failed pod counts.', list: 'atomic' }),
})
export type PodFailurePolicy = z.infer<typeof podFailurePolicy>

export const successPolicyRule = message('batch/v1.SuccessPolicyRule', {
  succeededIndexes: opt(1, text, { description: 'Which indexes must have succeeded, as in `0,2-4`.', ptr: true }),
  succeededCount: opt(2, int32, { description: 'How many of them.', ptr: true }),
})
export type SuccessPolicyRule = z.infer<typeof successPolicyRule>

export const successPolicy = message('batch/v1.SuccessPolicy', {
  rules: f(1, z.array(successPolicyRule), { description: 'The Job is complete when one of them holds.', list: 'atomic' }),
})
export type SuccessPolicy = z.infer<typeof successPolicy>
