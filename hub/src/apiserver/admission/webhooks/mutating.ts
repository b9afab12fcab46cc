import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { parseJsonBody } from '../../bodies/json-body.ts'
import { jsonPatch } from '../../patch/json-patch.ts'
import type { Question } from '../matching/question.ts'
import { Scene, type SceneDeps, type View } from '../matching/scene.ts'
import { intoOwnVersion } from '../matching/into-own-version.ts'
import { replaceBy } from '../matching/replace.ts'
import type { Reinvocation } from '../matching/reinvocation.ts'
import { ask } from './ask.ts'
import type { Candidate } from './candidates.ts'
import { chosen } from './chosen.ts'
import type { MutatingHook } from './hooks.ts'
import { notedOf } from './noted.ts'
import { denied, internal, NotHeard } from './refusals.ts'
import type { ValidatingDeps } from './validating.ts'

export type MutatingDeps = ValidatingDeps & SceneDeps

/** Asks one after the other, each about the object as those before have left it. In the second round those who want to know of later changes. */
export async function mutateBy(
  candidates: readonly Candidate<MutatingHook>[],
  question: Question,
  rounds: Reinvocation<MutatingHook>,
  deps: MutatingDeps,
): Promise<void> {
  rounds.begin(question.object)
  let scene = new Scene(question, deps)
  for (const candidate of candidates) {
    if (isTurnOver()) await nextTurn()
    const { hook, index } = candidate
    const view = await chosen(candidate, scene, deps)
    if (view === undefined || !rounds.isDue(hook)) continue
    const noted = notedOf(hook, { round: rounds.round, index }, question.origin.note)
    if (await isChangedBy({ hook, noted }, question, view, deps)) {
      rounds.changed()
      scene = new Scene(question, deps)
    }
    if (hook.webhook.reinvocationPolicy === 'IfNeeded') rounds.mayAgain(hook)
  }
  rounds.end(question.object)
}

type Asking = { readonly hook: MutatingHook; readonly noted: ReturnType<typeof notedOf> }

async function isChangedBy({ hook, noted }: Asking, question: Question, view: View, deps: MutatingDeps): Promise<boolean> {
  const { name, failurePolicy } = hook.webhook
  let isChanged = false
  try {
    const verdict = await ask(hook, question, view, true, deps)
    if (!verdict.allowed) throw denied(name, verdict)
    const { object } = view
    const steps = stepsOf(verdict.patch)
    if (steps.length === 0) return false
    if (object === undefined || question.object === undefined)
      throw internal(`admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`)
    const before = exactJson(question.object)
    const made = await patched({ steps, object, version: view.version, question }, deps)
    noted.patched(steps)
    replaceBy(question.object, made)
    isChanged = exactJson(question.object) !== before
    return isChanged
  } catch (error) {
    if (!(error instanceof NotHeard)) throw error
    if (failurePolicy !== 'Ignore') throw internal(error.message, error)
    noted.failedOpen()
    return false
  } finally {
    noted.asked(isChanged)
  }
}

// Of a patch that was sent in base64 and is no larger than the answer.
const maxPatchParts = 300_000

function stepsOf(patch: string): readonly unknown[] {
  if (patch === '') return []
  try {
    const { value } = parseJsonBody(patch, { findDuplicates: false, maxParts: maxPatchParts })
    if (Array.isArray(value)) return value
    throw new Error('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  } catch (error) {
    throw internal(messageOf(error), error)
  }
}

type Patching = { readonly steps: readonly unknown[]; readonly object: KubeObject; readonly version: Kind; readonly question: Question }

async function patched({ steps, object: shown, version, question }: Patching, deps: MutatingDeps): Promise<KubeObject> {
  let made: unknown
  try {
    made = jsonPatch(shown, steps)
  } catch (error) {
    throw internal(messageOf(error), error)
  }
  try {
    return await intoOwnVersion(made, version, question, deps)
  } catch (error) {
    // What is wrong with the object is told later, as of any; here it is none.
    throw error instanceof ApiError && error.reason !== 'BadRequest' ? error : internal(messageOf(error), error)
  }
}
