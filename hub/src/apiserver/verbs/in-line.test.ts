import { systemClock } from '@bramble/shared/clock.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { kinds } from '@bramble/shared/kinds.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { expect, it } from 'vitest'
import { memoryLog } from '../../store/memory/memory-disk.ts'
import { createStore } from '../../store/mvcc.ts'
import { hubParts } from '../authz/hub-parts.ts'
import type { Api, WriteCall } from '../call.ts'
import { nobody } from '../admission/dynamic.ts'
import { createKindIndex } from '../discovery/kind-index.ts'
import { createLines } from '../fairness/one-at-a-time.ts'
import { originOfPart } from '../objects/origin.ts'
import { createRegistry } from '../objects/registry.ts'
import { configMap } from '../testing/api.ts'
import { changeObject } from './change.ts'

/** A ConfigMap in whose line somebody stands, and changes of it. */
async function held() {
  const store = await createStore({ log: memoryLog() })
  const registry = createRegistry({ store })
  const lines = createLines()
  const origin = originOfPart(hubParts.apiserver, 'update')
  await registry.create({ kind: configMaps, origin, owners: undefined, object: configMap('a', {}, { namespace: 'default' }) })
  const names = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default', name: 'a' } as const
  const info = { type: 'resource', verb: 'update', ...names } as const
  const clocks = { clock: systemClock, random: Math.random }
  const api = { registry, lines, admission: [], dynamic: nobody, kinds: createKindIndex(createKindSet(kinds)), ...clocks }
  const change = (word: string, { signal = new AbortController().signal, dryRun = false } = {}) => {
    const call = { api: api as unknown as Api, request: { signal }, kind: configMaps, info, origin: { ...origin, dryRun }, warn: () => {} }
    return changeObject(call as unknown as WriteCall, { scope: 'main', next: () => configMap('a', { word }) }) // what a change uses of it
  }
  const leave = await lines.enter(registry.keyOf(configMaps, 'default', 'a'), new AbortController())
  return { change, leave, close: () => store.close() }
}

it('a change whose caller has gone leaves the line and is not made, and the one behind it is', async () => {
  const { change, leave, close } = await held()
  const going = new AbortController()
  const gone = change('gone', { signal: going.signal })
  const behind = change('behind')
  going.abort()
  await expect(gone).rejects.toMatchObject({ reason: 'Timeout' })
  leave()
  await expect(behind).resolves.toMatchObject({ object: { data: { word: 'behind' } } })
  await close()
})

it('a dry run waits for nobody', async () => {
  const { change, leave, close } = await held()
  await expect(change('dry', { dryRun: true })).resolves.toMatchObject({ object: { data: { word: 'dry' } }, entry: undefined })
  leave()
  await close()
})
