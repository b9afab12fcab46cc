import { several } from '@bramble/shared/async/several.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { Registry } from '../../objects/registry.ts'
import type { Question } from '../matching/question.ts'
import type { Scene, View } from '../matching/scene.ts'
import { ask, type AskDeps } from './ask.ts'
import type { Candidate } from './candidates.ts'
import { chosen } from './chosen.ts'
import type { Hook } from './hooks.ts'
import { noteFailedOpen } from './noted.ts'
import { denied, internal, NotHeard } from './refusals.ts'

export type ValidatingDeps = AskDeps & { readonly registry: Registry }

/** Of one request. */
const askedAtOnce = 16

/** Asks all at once who are to be asked. Of several refusals the first in the order of the webhooks is told. */
export async function validateBy(candidates: readonly Candidate<Hook>[], scene: Scene, deps: ValidatingDeps): Promise<void> {
  const asked: { readonly hook: Hook; readonly view: View }[] = []
  for (const candidate of candidates) {
    // Their conditions may be dear, and many.
    if (isTurnOver()) await nextTurn()
    const view = await chosen(candidate, scene, deps)
    if (view !== undefined) asked.push({ hook: candidate.hook, view })
  }
  const refusals: Error[] = []
  await several(asked, askedAtOnce, async ({ hook, view }, index) => {
    const refusal = await refusalOf(hook, scene.question, view, { ...deps, index })
    if (refusal !== undefined) refusals[index] = refusal
  })
  const first = refusals.find((refusal) => refusal !== undefined)
  if (first !== undefined) throw first
}

type Asking = ValidatingDeps & { readonly index: number }

async function refusalOf(hook: Hook, question: Question, view: View, { index, ...deps }: Asking): Promise<Error | undefined> {
  const { name, failurePolicy } = hook.webhook
  try {
    const verdict = await ask(hook, question, view, false, deps)
    return verdict.allowed ? undefined : denied(name, verdict)
  } catch (error) {
    if (!(error instanceof NotHeard)) return error as Error // whatever is thrown here is one
    if (failurePolicy !== 'Ignore') return internal(error.message, error)
    noteFailedOpen(hook, index, question.origin.note)
    return undefined
  }
}
