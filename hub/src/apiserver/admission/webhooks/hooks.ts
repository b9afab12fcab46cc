import type { MutatingWebhookConfiguration } from '@bramble/shared/kinds/mutating-webhook-configuration.ts'
import type { ValidatingWebhookConfiguration } from '@bramble/shared/kinds/validating-webhook-configuration.ts'
import type { MutatingWebhook, ValidatingWebhook } from '@bramble/shared/types/webhook.ts'
import { compileConditions, type Conditions } from '../matching/conditions.ts'

/** One webhook of a configuration, ready to be asked. */
export type Hook<W extends ValidatingWebhook = ValidatingWebhook> = {
  readonly configuration: string
  readonly webhook: W
  /** Compiled when they are first looked at. */
  readonly conditions: () => Conditions
}
export type MutatingHook = Hook<MutatingWebhook>

export const mutatingHooks = ({ metadata: { name }, webhooks = [] }: MutatingWebhookConfiguration): readonly MutatingHook[] =>
  webhooks.map((webhook) => hookOf(name, webhook))

export const validatingHooks = ({ metadata: { name }, webhooks = [] }: ValidatingWebhookConfiguration): readonly Hook[] =>
  webhooks.map((webhook) => hookOf(name, webhook))

function hookOf<W extends ValidatingWebhook>(configuration: string, webhook: W): Hook<W> {
  let compiled: Conditions | undefined
  return { configuration, webhook, conditions: () => (compiled ??= compileConditions(webhook.matchConditions, false)) }
}
