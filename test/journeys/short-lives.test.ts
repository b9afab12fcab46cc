import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { podsOnNode } from '../harness/power.ts'
import type { PodStatus } from '../harness/web.ts'

type PodObject = { metadata: { uid: string; deletionTimestamp?: string }; status: PodStatus }

const podOf = (name: string, script: string, metadata = '') => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}${metadata} }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - { name: main, image: busybox:1, imagePullPolicy: IfNotPresent, command: [/bin/sh, -c, ${JSON.stringify(script)}] }
`

describe('pods that come and go, and hubs that do', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    await cluster.importImage('busybox-1.tar')
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const pod = (name: string) => cluster.json<PodObject>('get', 'pod', name)
  const ready = (name: string) => cluster.kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=90s')

  it('a pod made, deleted and made again under one name, fifty times, leaves the last one and no other', async () => {
    const manifest = podOf('again', 'exec sleep 1000')
    for (let round = 0; round < 50; round++) {
      await cluster.apply(manifest)
      await cluster.kubectl('delete', 'pod', 'again', '--grace-period=0', '--force', '--wait=false')
    }
    await cluster.apply(manifest)
    await ready('again')
    const { metadata } = await pod('again')
    await eventually('the last one alone', async () => {
      const running = await podsOnNode(cluster, cluster.nodes[0] ?? '')
      return running.length === 1 && running[0] === metadata.uid
    })
    await cluster.kubectl('delete', 'pod', 'again')
  })

  it('a pod whose finalizer stays is stopped and kept, over a restart of its agent too, and goes when the finalizer does', async () => {
    await cluster.apply(podOf('kept', 'exec sleep 1000', ", finalizers: ['example.com/wait']"))
    await ready('kept')
    await cluster.kubectl('delete', 'pod', 'kept', '--wait=false')
    await eventually('its containers stopped', async () => (await podsOnNode(cluster, cluster.nodes[0] ?? '')).length === 0)
    const seen = await eventually('its end told', async () => {
      const found = await pod('kept')
      return found.status.containerStatuses?.[0]?.state?.terminated && found
    })
    expect(seen.metadata.deletionTimestamp).toBeDefined()
    // As Kubernetes shows a pod that has ended, on its way out or not.
    expect(await cluster.kubectl('get', 'pod', 'kept')).toMatch(/ Error /)
    process.kill(cluster.pidOf(cluster.nodes[0] ?? ''), 'SIGKILL')
    await cluster.heal()
    await eventually('the node Ready', async () => (await cluster.kubectl('get', 'nodes')).includes(' Ready'))
    expect(await podsOnNode(cluster, cluster.nodes[0] ?? '')).toEqual([])
    expect((await pod('kept')).metadata.uid).toBe(seen.metadata.uid)
    await cluster.kubectl('patch', 'pod', 'kept', '--type=merge', '-p', '{"metadata":{"finalizers":null}}')
    await eventually('the pod gone', async () => (await cluster.tryKubectl('get', 'pod', 'kept')).stderr.includes('NotFound'))
  })

  it('kubectl logs -f ends when the hub does, and a second one goes on', async () => {
    await cluster.apply(podOf('chatty', 'i=0; while true; do echo line $i; i=$((i+1)); sleep 0.1; done'))
    await ready('chatty')
    const follow = () => {
      const child = cluster.spawnKubectl('logs', '-f', 'chatty')
      const seen = { text: '', isOver: false }
      child.stdout?.on('data', (chunk: Buffer) => (seen.text += chunk.toString()))
      child.on('exit', () => (seen.isOver = true))
      return { child, seen }
    }
    const first = follow()
    await eventually('the first lines', async () => first.seen.text.includes('line 3\n'))
    process.kill(cluster.pidOf('hub'), 'SIGKILL')
    await eventually('its end', async () => first.seen.isOver)
    await cluster.heal()
    const second = await eventually('a second one', async () => {
      const again = follow()
      await eventually('its lines', async () => again.seen.text.includes('line 3\n') || again.seen.isOver)
      return again.seen.isOver ? undefined : again
    })
    try {
      const lines = () => second.seen.text.split('\n').length
      const before = lines()
      await eventually('more lines', async () => lines() > before + 5)
    } finally {
      second.child.kill()
    }
    await cluster.kubectl('delete', 'pod', 'chatty')
  })
})
