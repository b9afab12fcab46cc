import { systemClock } from '@bramble/shared/clock.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { deployments } from '@bramble/shared/kinds/deployment.ts'
import type { Deployment } from '@bramble/shared/kinds/deployment.ts'
import { endpointSlices } from '@bramble/shared/kinds/endpoint-slice.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { replicaSets } from '@bramble/shared/kinds/replica-set.ts'
import { services } from '@bramble/shared/kinds/service.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import { createLog, silentLog } from '@bramble/shared/logging/log.ts'
import { runAll } from '@bramble/shared/process/service.ts'
import { expect, test } from 'vitest'
import { createNode, createPretendAgents, settle, startTestHub, until } from '../client/test-hub.ts'
import type { TestHub } from '../client/test-hub.ts'
import { createInformerSet } from '../client/informer-set.ts'
import { createScheduler } from '../scheduler/scheduler.ts'
import { controllersOf } from './testing/controllers-of.ts'
import { hubParts } from '../apiserver/authz/hub-parts.ts'

const config = {
  clusterCidr: '10.42.0.0/16',
  serviceCidr: '10.43.0.0/16',
  hubAddresses: () => ['192.168.1.2'],
  hubPort: 6443,
  rootCa: 'ca',
}

async function startHub(log = silentLog): Promise<TestHub> {
  const hub = await startTestHub()
  hub.start(
    controllersOf(hub, { log, config }),
    createScheduler({ client: hub.part(hubParts.scheduler), informers: hub.informers, clock: systemClock, log }),
    createPretendAgents(hub.client),
  )
  await createNode(hub.client, 'pi-1')
  await createNode(hub.client, 'pi-2')
  return hub
}

const webOf = (image: string, replicas = 3): Deployment =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
      },
    },
  }) as unknown as Deployment // the API adds the defaults

const key = { name: 'web', namespace: 'default' }

const serviceOfWeb: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: key,
  spec: {
    selector: { app: 'web' },
    ports: [{ port: 80, targetPort: 'http', protocol: 'TCP' }],
    type: 'ClusterIP',
    sessionAffinity: 'None',
  },
}

const rolledOut = (hub: TestHub, replicas: number) =>
  until(`web has ${replicas} replicas`, async () => {
    const { metadata, status } = await hub.client.get(deployments, key)
    return (
      status?.observedGeneration === metadata.generation &&
      (status?.updatedReplicas ?? 0) === replicas &&
      (status?.replicas ?? 0) === replicas &&
      (status?.availableReplicas ?? 0) === replicas
    )
  })

test('a deployment becomes running pods, and an update replaces them all and can be rolled back', async () => {
  await using hub = await startHub()
  await hub.client.create(deployments, webOf('busybox:1'))
  await rolledOut(hub, 3)
  const first = await hub.client.list(pods, { namespace: 'default' })
  expect(new Set(first.items.map(({ spec }) => spec.nodeName))).toEqual(new Set(['pi-1', 'pi-2']))

  const patch = (image: string) =>
    hub.client.patch(deployments, key, {
      type: 'application/strategic-merge-patch+json',
      body: { spec: { template: { spec: { containers: [{ name: 'main', image }] } } } },
    })
  await patch('busybox:2')
  await rolledOut(hub, 3)
  const second = await hub.client.list(pods, { namespace: 'default' })
  expect(second.items.map(({ spec }) => spec.containers[0]?.image)).toEqual(['busybox:2', 'busybox:2', 'busybox:2'])
  const { metadata } = await hub.client.get(deployments, key)
  expect(metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2')

  await patch('busybox:1')
  await rolledOut(hub, 3)
  const sets = await hub.client.list(replicaSets, { namespace: 'default' })
  expect(sets.items).toHaveLength(2)
  expect((await hub.client.get(deployments, key)).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
})

test('a namespace that is being deleted gets nothing new, and nobody complains', async () => {
  const lines: string[] = []
  await using hub = await startHub(createLog({ level: 'warn', write: (line) => lines.push(line) }))
  const namespace = 'leaving'
  await hub.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await hub.client.create(services, { ...serviceOfWeb, metadata: { name: 'web', namespace, finalizers: ['example.com/kept'] } })
  const slices = async () => (await hub.client.list(endpointSlices, { namespace })).items
  await until('the slice is there', async () => (await slices()).length === 1)
  await hub.client.delete(namespaces, { name: namespace })
  await until('the slice is gone', async () => (await slices()).length === 0)
  await settle(500)
  expect(lines).toEqual([])
})

test('a settled cluster writes nothing', async () => {
  await using hub = await startHub()
  await hub.client.create(services, serviceOfWeb)
  await hub.client.create(deployments, webOf('busybox:1'))
  await rolledOut(hub, 3)
  await until('the slice is full', async () => {
    const { items } = await hub.client.list(endpointSlices, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' })
    return items.flatMap(({ endpoints = [] }) => endpoints).filter(({ conditions }) => conditions?.ready === true).length === 3
  })
  await settle()
  hub.writes.length = 0
  await settle(500)
  expect(hub.writes).toEqual([])
})

test('a hub that starts over a settled cluster writes nothing', async () => {
  await using hub = await startTestHub()
  hub.start(createPretendAgents(hub.client))
  const startParts = () => {
    const stop = new AbortController()
    const client = hub.part(hubParts.scheduler)
    const informers = createInformerSet({ client: hub.part(hubParts.informers), clock: systemClock, log: silentLog })
    const parts = [
      informers,
      controllersOf(hub, { informers, config }),
      createScheduler({ client, informers, clock: systemClock, log: silentLog }),
    ]
    const running = runAll(parts, stop.signal)
    return async () => {
      stop.abort()
      await running
    }
  }
  const stopFirst = startParts()
  await createNode(hub.client, 'pi-1')
  await hub.client.create(services, serviceOfWeb)
  await hub.client.create(deployments, webOf('busybox:1'))
  await rolledOut(hub, 3)
  await settle(200)
  await stopFirst()
  hub.writes.length = 0
  const stopSecond = startParts()
  await settle(600)
  expect(hub.writes).toEqual([])
  await hub.client.patch(deployments, key, { type: 'application/merge-patch+json', body: { spec: { replicas: 4 } } })
  await rolledOut(hub, 4)
  await stopSecond()
})
