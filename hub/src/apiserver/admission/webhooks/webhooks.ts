import type { Log } from '@bramble/shared/logging/log.ts'
import type { KindSet } from '@bramble/shared/schema/kind-set.ts'
import { mutatingWebhookConfigurations } from '@bramble/shared/kinds/mutating-webhook-configuration.ts'
import { validatingWebhookConfigurations } from '@bramble/shared/kinds/validating-webhook-configuration.ts'
import type { Asking } from '../dynamic.ts'
import { createFollowed } from '../matching/followed.ts'
import { Reinvocation } from '../matching/reinvocation.ts'
import { createCandidates } from './candidates.ts'
import { type Hook, mutatingHooks, type MutatingHook, validatingHooks } from './hooks.ts'
import { mutateBy, type MutatingDeps } from './mutating.ts'
import { createOutages } from './outages.ts'
import { validateBy } from './validating.ts'

export type WebhooksDeps = Omit<MutatingDeps, 'outages'> & { readonly kindSet: KindSet; readonly log: Log }

/** The webhooks of all configurations, as they stand in the store at the moment. */
export function createWebhooks({ kindSet, log, ...given }: WebhooksDeps): Asking {
  const deps: MutatingDeps = { ...given, outages: createOutages(log) }
  const { registry } = deps
  const mutating = createFollowed({ registry, log, kind: mutatingWebhookConfigurations, make: mutatingHooks })
  const validating = createFollowed({ registry, log, kind: validatingWebhookConfigurations, make: validatingHooks })
  const mutatorsOf = createCandidates<MutatingHook>(kindSet, mutating.all)
  const validatorsOf = createCandidates<Hook>(kindSet, validating.all)
  return {
    isIdle: () => mutating.all().length === 0 && validating.all().length === 0,
    mutation(question) {
      const candidates = mutatorsOf(question)
      if (candidates.length === 0) return undefined
      const rounds = new Reinvocation<MutatingHook>()
      return { round: () => mutateBy(candidates, question, rounds, deps), hasChanged: () => rounds.hasChanged }
    },
    validation(question) {
      const candidates = validatorsOf(question)
      return candidates.length === 0 ? undefined : (scene) => validateBy(candidates, scene, deps)
    },
    close() {
      mutating.close()
      validating.close()
    },
  }
}
