import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { MatchResources } from '@bramble/shared/types/admission-matching.ts'
import type { ParamKind, ParamRef } from '@bramble/shared/types/admission-policy.ts'
import type { Question } from '../matching/question.ts'
import type { Bound } from './bound.ts'
import { type MatchDeps, versionMatched } from './matches.ts'
import { Misconfigured, type ParamDeps, paramKindOf, paramsOf } from './params.ts'

export type InvocationDeps = MatchDeps & ParamDeps

type AnyPolicy = {
  readonly spec: { readonly matchConstraints?: MatchResources | undefined; readonly paramKind?: ParamKind | undefined }
}
type AnyBinding = {
  readonly spec: { readonly matchResources?: MatchResources | undefined; readonly paramRef?: ParamRef | undefined }
}

/** A policy that is to be asked, for one of its bindings and with one of its parameters. `version`: in which the request was met. */
export type Invocation<P, B> = {
  readonly policy: P
  readonly binding: B
  readonly version: Kind
  readonly param: KubeObject | null
}

export type Walk<P, B> = {
  each(invocation: Invocation<P, B>): Promise<void>
  /** It cannot be done as it is configured, which refuses the request or not, as the policy says. */
  misconfigured(policy: P, binding: B | undefined, message: string): void
}

/** One after the other, whatever of the policy and its bindings a request meets. */
export async function forEachInvocation<P extends AnyPolicy, B extends AnyBinding>(
  { policy, bindings }: Bound<P, B>,
  question: Question,
  deps: InvocationDeps,
  { each, misconfigured }: Walk<P, B>,
): Promise<void> {
  const { matchConstraints, paramKind } = policy.spec
  const configured = async (what: string, binding: B | undefined, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof Misconfigured || error instanceof ApiError)) throw error
      misconfigured(policy, binding, `failed to configure ${what}: ${error.message}`)
    }
  }
  await configured('policy', undefined, async () => {
    const version = matchConstraints === undefined ? undefined : versionMatched(matchConstraints, question, deps)
    if (version === undefined) return
    const kind = paramKindOf(paramKind, deps.kinds)
    for (const binding of bindings)
      await configured('binding', binding, async () => {
        const { matchResources, paramRef } = binding.spec
        if (matchResources !== undefined && versionMatched(matchResources, question, deps) === undefined) return
        for (const param of await paramsOf(kind, paramRef, question.namespace, deps)) await each({ policy, binding, version, param })
      })
  })
}
