import { ApiError } from '@bramble/shared/api/api-error.ts'
import { validatingAdmissionPolicyBindings } from '@bramble/shared/kinds/validating-admission-policy-binding.ts'
import { validatingAdmissionPolicies } from '@bramble/shared/kinds/validating-admission-policy.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { KindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Asking } from '../dynamic.ts'
import { createFollowed } from '../matching/followed.ts'
import type { Question } from '../matching/question.ts'
import { equivalentsOf } from '../matching/rules.ts'
import type { Scene, SceneDeps } from '../matching/scene.ts'
import { type Bound, createBound } from './bound.ts'
import { type Decision, decideBy, type Failure } from './decide.ts'
import { forEachInvocation, type InvocationDeps } from './invocations.ts'
import { type Binding, bindingOf, type Policy, policyOf } from './policies.ts'
import { isReview } from './reviews.ts'

export type PoliciesDeps = SceneDeps & { readonly kindSet: KindSet; readonly log: Log }

/** ValidatingAdmissionPolicies and what binds them, as they stand in the store at the moment. */
export function createValidatingPolicies(deps: PoliciesDeps): Asking {
  const { registry, log, kindSet } = deps
  const policies = createFollowed({ registry, log, kind: validatingAdmissionPolicies, make: policyOf })
  const bindings = createFollowed({ registry, log, kind: validatingAdmissionPolicyBindings, make: bindingOf })
  const boundTo = createBound<Policy, Binding>(kindSet, { policies: policies.all, bindings: bindings.all })
  const all = { ...deps, equivalentsOf: (kind: Kind) => equivalentsOf(kind, kindSet.all()) }
  return {
    isIdle: () => bindings.all().length === 0,
    mutation: () => undefined,
    validation(question) {
      if (isReview(question)) return undefined
      const bound = boundTo(question)
      return bound.length === 0 ? undefined : (scene) => validate(bound, scene, all)
    },
    close() {
      policies.close()
      bindings.close()
    },
  }
}

/** Why a request is refused, and by whom. */
type Denial = Pick<Failure, 'message' | 'reason'> & { readonly policy: Policy; readonly binding?: Binding | undefined }

async function validate(bound: readonly Bound<Policy, Binding>[], scene: Scene, deps: InvocationDeps): Promise<void> {
  const denials: Denial[] = []
  for (const each of bound) await ask(each, scene, deps, denials)
  const [first] = denials
  if (first !== undefined) throw refusal(scene.question, first)
}

async function ask(bound: Bound<Policy, Binding>, scene: Scene, deps: InvocationDeps, denials: Denial[]): Promise<void> {
  const { question } = scene
  await forEachInvocation(bound, question, deps, {
    async each({ policy, binding, version, param }) {
      const view = await scene.view(version)
      tell({ policy, binding }, await decideBy(policy, view, param), question, denials)
    },
    misconfigured(policy, binding, message) {
      if (policy.spec.failurePolicy !== 'Ignore') denials.push({ policy, binding, message })
    },
  })
}

type Who = { readonly policy: Policy; readonly binding: Binding }

function tell(
  { policy, binding }: Who,
  { failures, notes, unnoted }: Decision,
  { warn, origin: { note } }: Question,
  denials: Denial[],
): void {
  const { validationActions = [] } = binding.spec
  for (const { message, reason, index } of failures)
    for (const action of validationActions)
      switch (action) {
        case 'Deny':
          denials.push({ policy, binding, message, reason })
          break
        case 'Warn':
          warn(`Validation failed for ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}': ${message}`)
          break
        case 'Audit':
          note?.(
            'validation.policy.admission.k8s.io/validation_failure',
            JSON.stringify([{ message, policy: policy.name, binding: binding.name, expressionIndex: String(index), validationActions }]),
          )
          break
        default:
          action satisfies never
      }
  for (const message of unnoted) denials.push({ policy, binding, message })
  if (note !== undefined) for (const { key, text } of notes) note(key, text)
}

/** With the code of its reason, in the words of a 403. */
function refusal({ kind, name }: Question, { policy, binding, message, reason = 'Invalid' }: Denial): ApiError {
  const by = `ValidatingAdmissionPolicy '${policy.name}'${binding === undefined ? '' : ` with binding '${binding.name}'`}`
  const told = `${by} denied request: ${message}`
  const qualified = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`
  return new ApiError(reason, `${qualified} ${JSON.stringify(name)} is forbidden: ${told}`, {
    ...{ name, group: kind.group, kind: kind.resource },
    causes: [{ message: told }],
  })
}
