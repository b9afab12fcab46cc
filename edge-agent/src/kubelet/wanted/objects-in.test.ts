import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createMemoryCache } from '../../cache/memory-cache.ts'
import { createSqliteCache } from '../../cache/sqlite-cache.ts'
import { configMaps, secrets } from '../../resources.ts'
import { NotHeardYet, resolveEnv } from '../env/env.ts'
import { objectsIn } from './objects-in.ts'
import { samplePod } from '../testing/samples.ts'
import { configMapSource, secretSource } from '../volumes/payload.ts'
import { hubSource } from '../../link/sync/hub-source.ts'

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, data: { k: 'v' } }
const node = { nodeName: 'n', hostIP: '192.0.2.1', podIPs: [], allocatable: {} }

const waysToAsk = (cache: ReturnType<typeof createMemoryCache>) => {
  const objects = objectsIn(cache)('default')
  const env = (container: object) => {
    const pod = samplePod({ containers: [{ name: 'main', image: 'x', ...container }] })
    return resolveEnv({ pod, container: pod.spec.containers[0]!, objects, node })
  }
  const optional = true
  return [
    ['configmaps', () => configMapSource({ name: 'c', optional }, objects, 0o644)],
    ['secrets', () => secretSource({ name: 'c', optional }, objects, 0o644)],
    ['configmaps', () => env({ envFrom: [{ configMapRef: { name: 'c', optional } }] })],
    ['secrets', () => env({ envFrom: [{ secretRef: { name: 'c', optional } }] })],
    ['configmaps', () => env({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'k', optional } } }] })],
    ['secrets', () => env({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'c', key: 'k', optional } } }] })],
  ] as const
}

test.each([0, 1, 2, 3, 4, 5])('an optional object that was not synced yet is not taken for absent (way %i)', (way) => {
  const cache = createMemoryCache()
  const [type, ask] = waysToAsk(cache)[way]!
  expect(ask).toThrow(NotHeardYet)
  hubSource(cache).replace(`${type}/default/c`, type === 'secrets' ? secrets : configMaps, [], '5')
  expect(ask).not.toThrow()
})

test('an optional object is there as soon as the node has it', () => {
  const cache = createMemoryCache()
  hubSource(cache).replace('configmaps/default/c', configMaps, [configMap], '5')
  expect([...configMapSource({ name: 'c', optional: true }, objectsIn(cache)('default'), 0o644)().keys()]).toEqual(['k'])
})

test('across a cold boot with no hub what the cache last knew holds: absent stays absent', () => {
  const folder = mkdtempSync(join(tmpdir(), 'objects-in-'))
  const open = () => createSqliteCache({ folder, clock: systemClock, log: silentLog })
  const first = open()
  hubSource(first).replace('configmaps/default/c', configMaps, [], '5')
  first.close()
  const second = open()
  hubSource(second)
  const objects = objectsIn(second)('default')
  expect(objects.configMap('c', { optional: true })).toBeUndefined()
  expect(() => objects.configMap('other', { optional: true })).toThrow(NotHeardYet)
  second.close()
  rmSync(folder, { recursive: true })
})

test('a required object that is not there is told as such at once', () => {
  const objects = objectsIn(createMemoryCache())('default')
  expect(() => configMapSource({ name: 'c' }, objects, 0o644)).toThrow('configmap "c" not found')
})
