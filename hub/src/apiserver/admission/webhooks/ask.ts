import { messageOf } from '@bramble/shared/process/service.ts'
import type { PostToWebhook } from '../../conversion/webhook.ts'
import { notInTime } from '../../query/request-timeout.ts'
import type { Question } from '../matching/question.ts'
import type { View } from '../matching/scene.ts'
import type { Hook } from './hooks.ts'
import type { Outages } from './outages.ts'
import { noDryRun, NotHeard } from './refusals.ts'
import { BadAnswer, reviewText, reviewVersionOf, type Verdict, verdictOf } from './review.ts'

export type AskDeps = { readonly post: PostToWebhook; readonly uuid: () => string; readonly outages: Outages }

/** Room for a patch that brings as much as an object may have. */
const leastAnswer = 4 * 1024 * 1024

/** Puts a question to a webhook. Throws `NotHeard`, or a refusal to ask it at all. */
export async function ask(hook: Hook, question: Question, view: View, isMutating: boolean, deps: AskDeps): Promise<Verdict> {
  try {
    const verdict = await asked(hook, question, view, { ...deps, isMutating })
    deps.outages.heard(hook)
    return verdict
  } catch (error) {
    if (error instanceof NotHeard) deps.outages.unheard(hook, error.message)
    throw error
  }
}

type Asking = AskDeps & { readonly isMutating: boolean }

async function asked({ webhook }: Hook, question: Question, view: View, { post, uuid, isMutating }: Asking): Promise<Verdict> {
  const { name, sideEffects, admissionReviewVersions, clientConfig, timeoutSeconds } = webhook
  if (question.origin.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') throw noDryRun(name)
  const version = reviewVersionOf(admissionReviewVersions)
  if (version === undefined)
    throw new NotHeard(name, 'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)')
  const asked = { version, uid: uuid(), isMutating }
  const body = reviewText(asked, question, view)
  const signal = question.asker?.signal() ?? new AbortController().signal
  let answer: unknown
  try {
    answer = await post(clientConfig, body, { timeoutMs: timeoutSeconds * 1000, maxBytes: leastAnswer, signal })
  } catch (cause) {
    // Else whoever hangs up, or wants his answer at once, would get past a webhook that may fail and would have said no.
    if (signal.aborted) throw notInTime(cause)
    throw new NotHeard(name, `failed to call webhook: ${messageOf(cause)}`, cause)
  }
  try {
    const verdict = verdictOf(answer, asked)
    tell(name, verdict, question)
    return verdict
  } catch (error) {
    if (!(error instanceof BadAnswer)) throw error
    throw new NotHeard(name, `received invalid webhook response: ${error.message}`, error)
  }
}

/** What it wants noted stands beside what others do. */
function tell(name: string, { warnings, annotations }: Verdict, { warn, origin: { note } }: Question): void {
  for (const warning of warnings) warn(warning)
  if (note !== undefined) for (const [key, text] of Object.entries(annotations)) note(`${name}/${key}`, text)
}
