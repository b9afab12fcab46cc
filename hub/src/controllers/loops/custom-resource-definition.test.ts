import { customResourceDefinitions } from '@bramble/shared/kinds/custom-resource-definition.ts'
import type { CustomResourceDefinition } from '@bramble/shared/types/custom-resource-definition.ts'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { Resource } from '@bramble/shared/api/client.ts'
import { ingressClasses } from '@bramble/shared/kinds/ingress-class.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { expect, it } from 'vitest'
import { startTestHub, until } from '../../client/test-hub.ts'
import { definitionOf, shirt } from '../../apiserver/testing/definitions.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = { clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16', hubAddresses: () => [], hubPort: 6443, rootCa: 'ca' }
const shirts: Resource = { group: 'stable.example.com', version: 'v1', resource: 'shirts', kind: 'Shirt', namespaced: true }

it('a definition goes after its objects in all namespaces, and waits for those that somebody holds', async () => {
  await using hub = await startTestHub()
  const { client, store } = hub
  hub.start(controllersOf(hub, { config }))
  await client.create(customResourceDefinitions, definitionOf() as CustomResourceDefinition)
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
  for (const namespace of ['default', 'home'])
    for (const name of ['a', 'b']) {
      const finalizers = namespace === 'home' && name === 'b' ? ['example.com/held'] : []
      await client.create(shirts, { ...shirt(name), metadata: { name, namespace, finalizers } })
    }
  await store.create('/stable.example.com/shirts/kube-public/odd', 'no JSON')
  const key = { name: 'shirts.stable.example.com' }
  await client.delete(customResourceDefinitions, key)
  const stored = () => store.list('/stable.example.com/shirts/').entries.map(({ key }) => key.split('/').at(-1))
  await until('all but the held one are gone', () => stored().every((name) => name === 'b' || name === 'odd') && stored().includes('b'))
  const { status, metadata } = await client.get(customResourceDefinitions, key)
  expect(metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io'])
  expect(status?.conditions?.find(({ type }) => type === 'Terminating')?.status).toBe('True')
  await client.patch(
    shirts,
    { name: 'b', namespace: 'home' },
    { type: 'application/merge-patch+json', body: { metadata: { finalizers: null } } },
  )
  const isGone = () =>
    client.get(customResourceDefinitions, key).then(
      () => false,
      (error: unknown) => isApiError(error, 'NotFound'),
    )
  await until('the definition is gone', isGone)
  expect(stored()).toEqual([])
  await expect(client.list(shirts, {})).rejects.toSatisfy((error) => isApiError(error, 'NotFound'))
  // Made anew it has none of the old ones.
  await client.create(customResourceDefinitions, definitionOf() as CustomResourceDefinition)
  expect((await client.list(shirts, {})).items).toEqual([])
})

it('a definition that wanted the names of a built-in kind takes none of its objects along', async () => {
  await using hub = await startTestHub()
  const { client } = hub
  hub.start(controllersOf(hub, { config }))
  const ingressClass = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'a' },
    spec: { controller: 'example.com/a' },
  } as const
  await client.create(ingressClasses, ingressClass)
  const annotations = { 'api-approved.kubernetes.io': 'unapproved, for tests' }
  const names = { plural: 'ingressclasses', kind: 'IngressClass' }
  const definition = definitionOf({
    ...names,
    group: 'networking.k8s.io',
    spec: { scope: 'Cluster' },
    metadata: { name: 'ingressclasses.networking.k8s.io', annotations },
  })
  const made = await client.create(customResourceDefinitions, definition as CustomResourceDefinition)
  expect(made.status?.conditions?.map(({ type, status }) => `${type} ${status}`)).toEqual([
    'NamesAccepted False',
    'Established False',
    'KubernetesAPIApprovalPolicyConformant False',
  ])
  await client.delete(customResourceDefinitions, { name: definition.metadata.name })
  await until('it is gone', () =>
    client.get(customResourceDefinitions, { name: definition.metadata.name }).then(
      () => false,
      (error: unknown) => isApiError(error, 'NotFound'),
    ),
  )
  expect((await client.list(ingressClasses, {})).items).toHaveLength(1)
})
