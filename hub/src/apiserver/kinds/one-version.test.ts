import { kinds } from '@bramble/shared/kinds.ts'
import { eachResourceOnce } from '@bramble/shared/schema/served.ts'
import { expect, it } from 'vitest'

/** Whose rules in admission and views are told of each version; no loop and no plugin knows the autoscalers. */
const alsoServed = ['autoscaling/v1 horizontalpodautoscalers', 'events.k8s.io/v1 events']

it('no other built-in resource has a second version: admission, views and loops know their kinds by identity, and would let it pass', () => {
  const once = new Set(eachResourceOnce(kinds))
  const again = kinds.filter((kind) => !once.has(kind))
  expect(again.map(({ group, version, resource }) => `${group}/${version} ${resource}`).toSorted()).toEqual(alsoServed)
})
