import { systemClock } from '@bramble/shared/clock.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { kinds } from '@bramble/shared/kinds.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { expect, it } from 'vitest'
import { memoryLog } from '../../store/memory/memory-disk.ts'
import { createStore } from '../../store/mvcc.ts'
import type { AdmissionPlugin } from '../admission/admission.ts'
import { nobody } from '../admission/dynamic.ts'
import { hubParts } from '../authz/hub-parts.ts'
import type { Api, WriteCall } from '../call.ts'
import { createKindIndex } from '../discovery/kind-index.ts'
import { originOfPart } from '../objects/origin.ts'
import { createRegistry } from '../objects/registry.ts'
import { configMap } from '../testing/api.ts'
import { changeObject } from './change.ts'
import { createLines } from '../fairness/one-at-a-time.ts'

it('an update whose admission relied on what is no longer so where it is written is decided again', async () => {
  const store = await createStore({ log: memoryLog() })
  const registry = createRegistry({ store })
  const origin = originOfPart(hubParts.apiserver, 'update')
  const rule = '/rules.example.com/rules/a'
  await store.create(rule, 'open')
  await registry.create({ kind: configMaps, origin, owners: undefined, object: configMap('a', {}, { namespace: 'default' }) })
  const seen: string[] = []
  const plugin: AdmissionPlugin = {
    name: 'rules',
    validate({ object }) {
      const word = store.get(rule)?.value ?? ''
      seen.push(word)
      Object.assign(object ?? {}, { data: { word } })
    },
    // Somebody else is faster, once, and this hub has not heard of it yet.
    holds() {
      const { revision = 0 } = store.get(rule) ?? {}
      if (seen.length === 1) void store.update(rule, 'shut', revision)
      return [{ key: rule, revision }]
    },
  }
  const api = {
    registry,
    admission: [plugin],
    dynamic: nobody,
    kinds: createKindIndex(createKindSet(kinds)),
    clock: systemClock,
    random: Math.random,
    lines: createLines(),
  }
  const info = {
    type: 'resource',
    verb: 'update',
    group: '',
    version: 'v1',
    resource: 'configmaps',
    namespace: 'default',
    name: 'a',
  } as const
  const request = { signal: new AbortController().signal }
  const call = { api: api as unknown as Api, request, kind: configMaps, info, origin, warn: () => {} } as unknown as WriteCall // what a change uses of it
  const { object } = await changeObject(call, { scope: 'main', next: () => configMap('a', { word: '' }) })
  expect([object, seen]).toMatchObject([{ data: { word: 'shut' } }, ['open', 'shut']])
  await store.close()
})
