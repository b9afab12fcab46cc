import { expect, test } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { referencesOf } from './references.ts'

// A spec as the apiserver hands it out; only what references something is spelled out.
const pod = (namespace: string, spec: object) =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace }, spec: { containers: [], ...spec } }) as unknown as Pod

test.each([
  [
    'env of a ConfigMap',
    { containers: [{ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }] }] },
    ['configmaps/ns/c'],
  ],
  ['env of a Secret', { containers: [{ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }] }, ['secrets/ns/s']],
  [
    'env of a field',
    {
      containers: [
        {
          env: [
            { name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'B', value: 'x' },
          ],
        },
      ],
    },
    [],
  ],
  [
    'envFrom',
    { containers: [{ envFrom: [{ configMapRef: { name: 'c' } }, { secretRef: { name: 's' } }] }] },
    ['configmaps/ns/c', 'secrets/ns/s'],
  ],
  ['an init container', { initContainers: [{ envFrom: [{ configMapRef: { name: 'c' } }] }] }, ['configmaps/ns/c']],
  ['one with which somebody looks in', { ephemeralContainers: [{ envFrom: [{ secretRef: { name: 's' } }] }] }, ['secrets/ns/s']],
  [
    'volumes',
    {
      volumes: [
        { name: 'a', configMap: { name: 'c' } },
        { name: 'b', secret: { secretName: 's' } },
        { name: 'e', emptyDir: {} },
      ],
    },
    ['configmaps/ns/c', 'secrets/ns/s'],
  ],
  [
    'a projected volume',
    { volumes: [{ name: 'a', projected: { sources: [{ configMap: { name: 'c' } }, { secret: { name: 's' } }, { downwardAPI: {} }] } }] },
    ['configmaps/ns/c', 'secrets/ns/s'],
  ],
  ['image pull secrets', { imagePullSecrets: [{ name: 'registry' }] }, ['secrets/ns/registry']],
])('%s is a reference of the pod', (_what, spec, scopes) => {
  expect([...referencesOf([pod('ns', spec)]).keys()].sort()).toEqual(scopes)
})

test('pods that name the same object share one reference; another namespace is another object', () => {
  const spec = { imagePullSecrets: [{ name: 'registry' }] }
  expect([...referencesOf([pod('a', spec), pod('a', spec), pod('b', spec)]).keys()]).toEqual(['secrets/a/registry', 'secrets/b/registry'])
})
