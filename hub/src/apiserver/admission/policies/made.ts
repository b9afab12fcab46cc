import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { MutatingExpressions } from '@bramble/shared/cel/admission/mutating-policy.ts'
import { Budget, OutOfBudget } from '@bramble/shared/cel/budget.ts'
import { celLimits } from '@bramble/shared/cel/limits.ts'
import { jsonPatchType, objectType } from '@bramble/shared/cel/patch-types.ts'
import { type JsonOptions, jsonOf, NoJson } from '@bramble/shared/cel/to-json.ts'
import { CelList, CelMap, type Value } from '@bramble/shared/cel/values.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { pruneUnknown } from '../../bodies/unknown-fields.ts'
import { atomicsIn } from '../../ownership/atomics.ts'
import { merged } from '../../ownership/merge.ts'
import { typeProblem } from '../../ownership/typed.ts'
import { jsonPatch, TestFailed } from '../../patch/json-patch.ts'
import { evaluate, type Purse, Spent, type ValueOf } from '../matching/evaluate.ts'
import { intoOwnVersion } from '../matching/into-own-version.ts'
import type { Question } from '../matching/question.ts'
import { shownType } from '../matching/request.ts'
import type { SceneDeps, View } from '../matching/scene.ts'
import { internal } from '../webhooks/refusals.ts'
import { NotChanged } from './changed.ts'

export type Making = {
  readonly view: View
  readonly question: Question
  readonly deps: SceneDeps
  readonly valuesWithin: (purse: Purse) => ValueOf
}

/**
 * What a mutation makes of the object, as an object of the request; undefined: nothing. Throws `NotChanged` where it cannot, or an `ApiError` where what it
 * makes is no object at all.
 */
export async function madeBy(mutation: MutatingExpressions['mutations'][number], making: Making): Promise<KubeObject | undefined> {
  const { view, question, deps } = making
  if (view.object === undefined) return undefined
  const value = valueOf(mutation, making)
  const isPatch = mutation.type === 'JSONPatch'
  const made = isPatch ? patched(view.object, value) : applied(view, question, value)
  if (made === undefined) return undefined
  try {
    return await intoOwnVersion(isPatch ? known(view, question, made) : made, view.version, question, deps)
  } catch (error) {
    // What is wrong with the object is told later, as of any; here it is none.
    if (error instanceof ApiError && error.reason !== 'BadRequest') throw error
    if (isPatch) throw internal(messageOf(error), error)
    throw new NotChanged(messageOf(error), { cause: error })
  }
}

function valueOf({ expression }: MutatingExpressions['mutations'][number], { valuesWithin }: Making): Value {
  const purse: Purse = { left: celLimits.forPolicy }
  try {
    const outcome = evaluate(expression, valuesWithin(purse), purse)
    if (outcome.ok) return outcome.value
    throw new NotChanged(outcome.why)
  } catch (error) {
    if (error instanceof Spent) throw new NotChanged(error.message, { cause: error })
    throw error
  }
}

function json(value: Value, root: JsonOptions['root'], budget: Budget): unknown {
  try {
    return jsonOf(value, { root, budget })
  } catch (error) {
    if (error instanceof OutOfBudget) throw new NotChanged(new Spent().message, { cause: error })
    if (error instanceof NoJson) throw new NotChanged(error.message, { cause: error })
    throw error
  }
}

/** Laid over the object as by server-side apply, but of what is one value to it nothing: what is not told of that would go with it. */
function applied(view: View, question: Question, value: Value): unknown {
  const type = shownType(question, view.version)
  const told = json(value, objectType.name, new Budget(celLimits.perCall)) as object // of an Object comes one
  const config = { ...told, apiVersion: apiVersionOf(type), kind: type.kind }
  const problem = typeProblem(type.node, config)
  if (problem !== undefined) throw new NotChanged(`error applying patch: failed to convert patch object to typed object: ${problem}`)
  const atomics = atomicsIn(type.node, config)
  if (atomics.length > 0)
    throw new NotChanged(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    )
  return merged(type.node, view.object, config)
}

/** Undefined: the object is not what the patch is for. */
function patched(object: KubeObject, value: Value): unknown {
  if (!(value instanceof CelList)) throw new NotChanged('type mismatch: JSONPatchType.expression should evaluate to array')
  const budget = new Budget(celLimits.perCall)
  const steps: unknown[] = []
  for (let index = 0; index < value.size; index++) steps.push(stepOf(value.at(index), budget))
  try {
    return jsonPatch(object, steps)
  } catch (error) {
    if (error instanceof ApiError && error.cause instanceof TestFailed) return undefined
    throw new NotChanged(`JSON Patch: ${messageOf(error)}`, { cause: error })
  }
}

function stepOf(step: Value, budget: Budget): object {
  if (!(step instanceof CelMap) || step.message !== jsonPatchType.name)
    throw new NotChanged('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch')
  const value = step.get('value')
  return {
    ...{ op: step.get('op'), path: step.get('path') },
    ...(step.has('from') && { from: step.get('from') }),
    ...(value !== undefined && { value: json(value, value instanceof CelMap ? value.message : undefined, budget) }),
  }
}

/** A patch that brings what no type knows is refused; what a definition does not name goes, as from any body. */
function known({ version }: View, question: Question, made: unknown): unknown {
  const { node } = shownType(question, version)
  if (node.tag === 'object' && node.plain) return made
  const { unknown } = pruneUnknown(node, made)
  if (unknown.length > 0)
    throw new Error(`strict decoding error: ${unknown.map((field) => `unknown field ${JSON.stringify(field)}`).join(', ')}`)
  return made
}
