import { isObject } from '@bramble/shared/json/is-object.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { Origin } from '../../objects/origin.ts'
import type { Hook } from './hooks.ts'

/** Which asking of a webhook it is: in the first round or the second, and the how manieth of all mutating webhooks it is. */
export type Turn = { readonly round: 0 | 1; readonly index: number }

/**
 * What is written of a mutating webhook in the Event of a request (Kubernetes: Dynamic Admission Control, "Mutating webhook auditing annotations"):
 * that it was asked and whether it changed anything, at every level; what it changed, where bodies are written too; and that the request went on
 * without it.
 */
export function notedOf({ configuration, webhook: { name: webhook } }: Hook, { round, index }: Turn, note: Origin['note']) {
  const at = `webhook.admission.k8s.io/round_${round}_index_${index}`
  return {
    asked: (mutated: boolean) => note?.(`mutation.${at}`, () => JSON.stringify({ configuration, webhook, mutated })),
    patched: (patch: readonly unknown[]) =>
      note?.(`patch.${at}`, () => exactJson({ configuration, webhook, patch: patch.map(inOrder), patchType: 'JSONPatch' }), 'Request'),
    failedOpen: () => note?.(`failed-open.mutation.${at}`, webhook),
  }
}

/** Of validating webhooks only this is written: `index` counts those that were asked. */
export const noteFailedOpen = ({ webhook: { name } }: Hook, index: number, note: Origin['note']): void =>
  note?.(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${index}`, name)

/** A step with its members in the order of their names, as Go writes them. */
const inOrder = (step: unknown): unknown =>
  isObject(step) ? Object.fromEntries(Object.entries(step).toSorted(([a], [b]) => (a < b ? -1 : 1))) : step
