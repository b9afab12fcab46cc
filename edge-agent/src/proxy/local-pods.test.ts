import { expect, test } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { pods } from '../resources.ts'
import { createLocalPods } from './local-pods.ts'
import { testCache } from './testing/objects.ts'

const status = (podIP: string, ready: 'True' | 'False', phase = 'Running') =>
  ({ phase, podIP, conditions: [{ type: 'Ready', status: ready }] }) as NonNullable<Pod['status']>
const pod = (uid: string, more: object = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: uid, namespace: 'default', uid },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort: 8080 }] }], ...more },
    status: status('10.42.1.5', 'True'),
  }) as Pod

test("the kubelet's word comes before what the hub last said, and goes with the pod", () => {
  const cache = testCache()
  const localPods = createLocalPods(cache)
  const a = pod('a')
  cache.put(pods, a)
  expect(localPods.list()).toMatchObject([{ uid: 'a', ip: '10.42.1.5', ready: true }])
  let told = 0
  localPods.subscribe(() => told++)
  localPods.report(a, status('10.42.1.9', 'False'))
  expect(told).toBe(1)
  expect(localPods.list()).toMatchObject([{ uid: 'a', ip: '10.42.1.9', ready: false }])
  localPods.report(a, status('10.42.1.9', 'False', 'Failed'))
  expect(localPods.list()).toEqual([])
  cache.remove(pods, a.metadata)
  localPods.list()
  cache.put(pods, a)
  expect(localPods.list()).toMatchObject([{ ip: '10.42.1.5' }])
})

test('a pod on the network of the host listens on its ports by itself', () => {
  const cache = testCache()
  cache.put(pods, pod('a'))
  cache.put(pods, pod('b', { hostNetwork: true }))
  const [a, b] = createLocalPods(cache).list()
  expect(a?.hostPorts).toEqual([{ protocol: 'TCP', hostPort: 8080, containerPort: 80 }])
  expect(b?.hostPorts).toEqual([])
})
