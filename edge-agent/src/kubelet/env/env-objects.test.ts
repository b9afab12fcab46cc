import { expect, test } from 'vitest'
import type { ConfigMap } from '@bramble/shared/kinds/config-map.ts'
import { envObjects, EnvTooLarge } from './env-objects.ts'
import { resolveEnv, type Objects } from './env.ts'
import { samplePod } from '../testing/samples.ts'

const node = { nodeName: 'n', hostIP: '192.0.2.1', podIPs: [], allocatable: {} }

function world(data: Readonly<Record<string, Record<string, string>>>) {
  const reads: string[] = []
  const objects: Objects = {
    has: (_kind, name) => name in data,
    configMap(name) {
      reads.push(name)
      return data[name] && ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: data[name] } as ConfigMap)
    },
    secret: () => undefined,
    services: () => [],
  }
  return { reads, objects }
}
const taking = (container: object) => samplePod({ containers: [{ name: 'main', image: 'x', ...container }] })

test('an object is read once for an environment, however many variables name it', async () => {
  const { reads, objects } = world({ a: { k: 'of a' }, b: { k: 'of b' } })
  const names = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 'a' : 'b'))
  const pod = taking({
    env: names.map((name, index) => ({ name: `V${index}`, valueFrom: { configMapKeyRef: { name, key: 'k' } } })),
    envFrom: [{ configMapRef: { name: 'a' } }],
  })
  const container = pod.spec.containers[0]!
  const resolved = resolveEnv({ pod, container, objects: await envObjects(container, objects), node })
  expect('env' in resolved && resolved.env.filter(({ name }) => /^(V0|V1|k)$/.test(name))).toEqual([
    { name: 'k', value: 'of a' },
    { name: 'V0', value: 'of a' },
    { name: 'V1', value: 'of b' },
  ])
  expect(reads).toEqual(['a', 'b'])
})

test('of a large object only the keys that are asked for are taken', async () => {
  const { objects } = world({ a: { k: 'small', rest: 'x'.repeat(3 * 1024 * 1024) } })
  const container = taking({ env: [{ name: 'V', valueFrom: { configMapKeyRef: { name: 'a', key: 'k' } } }] }).spec.containers[0]!
  expect((await envObjects(container, objects)).configMap('a')?.data).toEqual({ k: 'small' })
})

test('an environment with which Linux starts no program is refused before all of it is in memory', async () => {
  const data = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`c-${index}`, { [`k${index}`]: 'x'.repeat(1024 * 1024) }]))
  const { reads, objects } = world(data)
  const container = taking({ envFrom: Object.keys(data).map((name) => ({ configMapRef: { name } })) }).spec.containers[0]!
  await expect(envObjects(container, objects)).rejects.toThrow(EnvTooLarge)
  expect(reads).toHaveLength(2)
})
