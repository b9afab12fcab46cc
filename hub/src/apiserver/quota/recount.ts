import type { KubeObject } from '@bramble/shared/api/client.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { every } from '@bramble/shared/async/every.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { ownValue, setOwn } from '@bramble/shared/json/own.ts'
import { type ResourceQuota, resourceQuotas } from '@bramble/shared/kinds/resource-quota.ts'
import type { Quantities } from '@bramble/shared/kinds/rules/pod-amounts.ts'
import { addQuantities } from '@bramble/shared/meta/quantity.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import type { KindSet } from '@bramble/shared/schema/kind-set.ts'
import { eachResourceOnce } from '@bramble/shared/schema/served.ts'
import type { Registry } from '../objects/registry.ts'
import { readableObject } from '../query/selectors.ts'
import type { QuotaDesk } from './desk.ts'
import { isInScopes } from './scopes.ts'
import { count, isCounted, isCountedBy, isMeasured, usageOf } from './usage.ts'

/** As often as Kubernetes: what changes by time alone is seen then, such as pods whose node is lost. */
const everyMs = 5 * 60_000

export type RecountDeps = {
  readonly registry: Registry
  readonly desk: QuotaDesk
  readonly kinds: Pick<KindSet, 'all'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

/** Counts what there is of what quotas limit: at once when a quota is made or changed, and over everything now and then. */
export const createRecount = (deps: RecountDeps): Service => ({
  name: 'quota recount',
  async run(signal) {
    const { registry, desk } = deps
    const { store } = registry
    const pending = new Set<string>()
    let isWorking: Promise<void> | undefined
    const work = async (): Promise<void> => {
      for (const namespace of pending) {
        if (signal.aborted) return
        pending.delete(namespace)
        await recount(deps, namespace).catch((error: unknown) =>
          deps.log.warn({ namespace, error: messageOf(error) }, 'quotas could not be counted'),
        )
      }
    }
    const ask = (namespace: string): void => {
      pending.add(namespace)
      isWorking ??= work().finally(() => {
        isWorking = undefined
        if (pending.size > 0 && !signal.aborted) ask([...pending][0] ?? '')
      })
    }
    const prefix = registry.prefixOf(resourceQuotas)
    const follow = () =>
      store.watch(prefix, store.revisionOf(prefix), (events) => {
        for (const { type, entry } of events) {
          const quota = type === 'put' ? readableObject(registry, resourceQuotas, entry) : undefined
          if (quota !== undefined && !isSameJson(quota.spec?.hard ?? {}, quota.status?.hard ?? {})) ask(quota.metadata.namespace ?? '')
        }
      })
    const watch = follow()
    try {
      for await (const _ of every(everyMs, signal)) for (const { quota } of desk.quotasOf.everywhere()) ask(quota.metadata.namespace ?? '')
    } finally {
      watch.close()
      await isWorking
    }
  },
})

/** Enough: each further time means that somebody else has changed a quota meanwhile, and the change asks for it again. */
const most = 10

/**
 * All quotas of a namespace, until nothing is different. Twice at least where anything was: what was on its way to the store before a quota
 * counted it is there the second time, and all that came later was counted.
 */
export const recount = (deps: RecountDeps, namespace: string): Promise<void> =>
  deps.desk.alone(namespace, async () => {
    const { quotasOf } = deps.desk
    for (let round = 0, isChanged = true; isChanged && round < most; round++) {
      isChanged = false
      for (const stored of quotasOf.all(namespace)) {
        const used = await usedOf(deps, namespace, stored.quota)
        if (quotasOf.isUpToDate(stored, used)) continue
        const { key, value, expected } = quotasOf.counted(stored, used)
        await deps.registry.store.update(key, value ?? '', expected)
        isChanged = true
      }
    }
  })

async function usedOf({ registry, kinds, clock }: RecountDeps, namespace: string, quota: ResourceQuota): Promise<Quantities> {
  const used: Quantities = {}
  for (const kind of eachResourceOnce(kinds.all()).filter(isCounted)) {
    const names = Object.keys(quota.spec?.hard ?? {}).filter((name) => isCountedBy(kind, name))
    if (names.length === 0) continue
    const { entries } = registry.store.list(registry.prefixOf(kind, namespace))
    const isOneEach = !isMeasured(kind)
    for (const name of names) setOwn(used, name, count(isOneEach && isInScopes(quota, kind, nothing) ? entries.length : 0))
    if (isOneEach) continue
    for (const entry of entries) {
      if (isTurnOver()) await nextTurn()
      const object = readableObject(registry, kind, entry)
      if (object === undefined || !isInScopes(quota, kind, object)) continue
      const usage = usageOf(kind, object, clock.now())
      for (const name of names) {
        const amount = ownValue(usage, name)
        if (amount !== undefined) setOwn(used, name, addQuantities(ownValue(used, name) ?? count(0), amount))
      }
    }
  }
  return used
}

/** For kinds of whose objects nothing counts but that they are there. */
const nothing: KubeObject = { apiVersion: '', kind: '', metadata: { name: '' } }
