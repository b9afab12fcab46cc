import { kinds } from '@bramble/shared/kinds.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { validatingWebhookConfigurations } from '@bramble/shared/kinds/validating-webhook-configuration.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { expect, it } from 'vitest'
import { configuration, rule } from '../../testing/admission-webhook.ts'
import { createCandidates } from './candidates.ts'
import { validatingHooks } from './hooks.ts'

const hooksOf = (name: string, resource: string) => {
  const parsed = validatingWebhookConfigurations.parse(configuration('Validating', name, { rules: [rule(resource)] }))
  if (!parsed.ok) throw parsed.error
  return validatingHooks(parsed.object)
}

it('the rules of a thousand configurations are looked at once for each sort of request, and anew when one has changed', () => {
  let all = [...Array.from({ length: 1000 }, (_, i) => hooksOf(`c${i}`, `things${i}`)), hooksOf('mine', 'configmaps')]
  const candidates = createCandidates(createKindSet(kinds), () => all)
  const asked = { kind: configMaps, operation: 'CREATE', subresource: '' } as const
  const first = candidates(asked)
  expect(first.map(({ hook }) => hook.configuration)).toEqual(['mine'])
  expect(candidates(asked)).toBe(first)
  expect(candidates({ ...asked, subresource: 'status' })).toEqual([])
  all = [...all, hooksOf('other', '*')]
  expect(candidates(asked).map(({ hook }) => hook.configuration)).toEqual(['mine', 'other'])
})
