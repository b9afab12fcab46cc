import type { ApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { ForeignRefusal } from '@bramble/shared/api/foreign-refusal.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { notInTime } from '../../query/request-timeout.ts'
import { conditionsMet } from '../matching/conditions.ts'
import type { Question } from '../matching/question.ts'
import type { Reinvocation } from '../matching/reinvocation.ts'
import { replaceBy } from '../matching/replace.ts'
import { Scene, type View } from '../matching/scene.ts'
import type { Bound } from './bound.ts'
import { NotChanged } from './changed.ts'
import { valuesFor } from './decide.ts'
import { forEachInvocation, type Invocation, type InvocationDeps } from './invocations.ts'
import { madeBy } from './made.ts'
import type { MutatingBinding, MutatingPoliciesDeps, MutatingPolicy } from './mutating-policy.ts'

type Deps = MutatingPoliciesDeps & InvocationDeps
type Asked = Invocation<MutatingPolicy, MutatingBinding>
type Bounds = readonly Bound<MutatingPolicy, MutatingBinding>[]

/** Why a request is refused, and by whom. `isInvalid`: what was to be changed could not be; else the policy is not configured well. */
type Refusal = {
  readonly policy: MutatingPolicy
  readonly binding: MutatingBinding | undefined
  readonly message: string
  readonly isInvalid: boolean
}

/**
 * Whom a request concerns is settled by the object as it comes. Then each changes it as those before have left it; what one cannot do does not
 * keep the next from its work, and the request is refused when all are done.
 */
export async function mutateBy(bound: Bounds, question: Question, rounds: Reinvocation<string>, deps: Deps): Promise<void> {
  const { object } = question
  if (object === undefined) return
  rounds.begin(object)
  const refusals: Refusal[] = []
  const seen = new Seen(question, deps, (refusal) => {
    if (refusal.policy.spec.failurePolicy !== 'Ignore') refusals.push(refusal)
  })
  for (const asked of await concerned(bound, seen)) {
    if (isTurnOver()) await nextTurn()
    if (!(await isMet(asked, seen)) || !rounds.isDue(keyOf(asked))) continue
    const before = exactJson(object)
    await mutate(asked, object, seen)
    if (exactJson(object) !== before) rounds.changed()
    if (asked.policy.spec.reinvocationPolicy === 'IfNeeded') rounds.mayAgain(keyOf(asked))
  }
  rounds.end(object)
  if (refusals.length > 0) throw refusalOf(question, refusals)
}

/** The request as it stands: seen once until it is changed. */
class Seen {
  readonly question: Question
  readonly deps: Deps
  readonly refuse: (refusal: Refusal) => void
  #scene: Scene

  constructor(question: Question, deps: Deps, refuse: (refusal: Refusal) => void) {
    this.question = question
    this.deps = deps
    this.refuse = refuse
    this.#scene = new Scene(question, deps)
  }

  view(version: Kind): View | Promise<View> {
    return this.#scene.view(version)
  }

  become(object: KubeObject, made: KubeObject): void {
    replaceBy(object, made)
    this.#scene = new Scene(this.question, this.deps)
  }
}

async function concerned(bound: Bounds, seen: Seen): Promise<readonly Asked[]> {
  const found: Asked[] = []
  for (const each of bound)
    await forEachInvocation(each, seen.question, seen.deps, {
      async each(asked) {
        await seen.view(asked.version)
        found.push(asked)
      },
      misconfigured: (policy, binding, message) => seen.refuse({ policy, binding, message, isInvalid: false }),
    })
  return found
}

async function isMet({ policy, binding, version, param }: Asked, seen: Seen): Promise<boolean> {
  const { conditions, variables } = policy.expressions()
  if (conditions.length === 0) return true
  const view = await seen.view(version)
  const met = conditionsMet(conditions, valuesFor(variables, view, param, { left: 0 }))
  if (typeof met === 'boolean') return met
  seen.refuse({ policy, binding, message: met.error, isInvalid: true })
  return false
}

/** Its mutations see what those before them have made. */
async function mutate(asked: Asked, object: KubeObject, seen: Seen): Promise<void> {
  const { question, deps } = seen
  const { policy, binding, version, param } = asked
  const { mutations, variables } = policy.expressions()
  const { metrics, clock } = deps
  for (const mutation of mutations) {
    if (isTurnOver()) await nextTurn()
    if (question.asker?.signal().aborted === true) throw notInTime()
    const from = clock.monotonic()
    const count = (errorType: string) => {
      const labels = { policy: policy.name, policy_binding: binding.name, error_type: errorType }
      metrics.mutations.add(labels)
      metrics.mutationSeconds.of(labels).observe((clock.monotonic() - from) / 1000)
    }
    try {
      const view = await seen.view(version)
      const made = await madeBy(mutation, { view, question, deps, valuesWithin: (purse) => valuesFor(variables, view, param, purse) })
      if (made !== undefined) seen.become(object, made)
      count('no_error')
    } catch (error) {
      count(errorTypeOf(error))
      if (!(error instanceof NotChanged)) throw error
      seen.refuse({ policy, binding, message: error.message, isInvalid: true })
    }
  }
}

function errorTypeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('compilation')) return 'compile_error'
  return message.startsWith('validation failed due to running out of cost budget') ? 'out_of_budget' : 'invalid_error'
}

const keyOf = ({ policy, binding, param }: Asked): string =>
  [policy.name, binding.name, param?.metadata.namespace ?? '', param?.metadata.name ?? ''].join('\0')

/** As many as anybody reads. */
const mostCauses = 100

/** 403 with the reason of the first, in the words of Kubernetes. */
function refusalOf({ kind, name }: Question, refusals: readonly Refusal[]): ApiError {
  const told = refusals.slice(0, mostCauses).map(({ policy, binding, message }) => {
    const by = binding === undefined ? `policy ${JSON.stringify(policy.name)}` : `policy '${policy.name}' with binding '${binding.name}'`
    return `${by} denied request: ${message}`
  })
  const reason = refusals[0]?.isInvalid === true ? 'Invalid' : 'Forbidden'
  return new ForeignRefusal({
    ...{ reason, word: reason, code: 403, message: told[0] ?? '' },
    details: { name, group: kind.group, kind: kind.resource, causes: told.map((message) => ({ message })) },
  })
}
