import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'

describe('the lives of pods', () => {
  let cluster: TestCluster
  let manifests: string
  let node: string
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    node = cluster.nodes[0] ?? ''
    manifests = join(cluster.layout.node(node).dir, 'manifests')
    await cluster.importImage('busybox-1.tar')
    write('born', 'i=0; while true; do echo $i; i=$((i + 1)); sleep 1; done')
    await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [rules, familyIn(cluster.home)] }))
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const write = (name: string, script: string) =>
    writeFileSync(
      join(manifests, `${name}.yaml`),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: 'busybox:1', command: ['sh', '-c', script] }] },
      }),
    )
  const podOf = (name: string) => cluster.json<Pod>('get', 'pod', name)
  const running = (name: string) =>
    eventually(`${name} to run`, async () => {
      const pod = await podOf(name)
      return pod.status?.phase === 'Running' && pod
    })
  const containerOf = ({ status }: Pod) => status?.containerStatuses?.[0]?.containerID

  it('a pod of a manifest runs, and the API shows it, its logs and its inside by a mirror', async () => {
    const { metadata, status } = await running(`born-${node}`)
    expect(metadata.annotations).toMatchObject({
      'kubernetes.io/config.source': 'file',
      'kubernetes.io/config.mirror': metadata.annotations?.['kubernetes.io/config.hash'],
    })
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: node, controller: true }])
    expect(status?.podIP).toMatch(/^10\./)
    expect(await cluster.kubectl('logs', metadata.name)).toMatch(/^0\n/)
    expect(await cluster.kubectl('exec', metadata.name, '--', 'hostname')).toBe(`${metadata.name}\n`)
  })

  it('a mirror that is deleted is made anew, and the pod goes on', async () => {
    const before = await running(`born-${node}`)
    await cluster.kubectl('delete', 'pod', before.metadata.name, '--wait=false')
    const after = await eventually('another mirror', async () => {
      const pod = await podOf(before.metadata.name)
      return pod.metadata.uid !== before.metadata.uid && pod.status?.phase === 'Running' && pod
    })
    expect(containerOf(after)).toBe(containerOf(before))
    expect(after.status?.containerStatuses?.[0]?.restartCount).toBe(0)
  })

  it('a rule starts a container again that its policy would not, and the full name is the host name where that is asked for', async () => {
    const { status } = await eventually('the end', async () => {
      const pod = await podOf('rules')
      return pod.status?.phase === 'Succeeded' && pod
    })
    expect(status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, state: { terminated: { exitCode: 0 } } })
    expect(await cluster.kubectl('logs', 'rules')).toBe('rules.all.default.svc.cluster.local\n')
  })

  it('hooks of all containers run at once when a pod ends, and its sidecars end after it, the last first', async () => {
    await running('family')
    await cluster.kubectl('delete', 'pod', 'family')
    const told = readFileSync(join(cluster.home, 'told'), 'utf8').trim().split('\n')
    expect(told.slice(0, 3).toSorted()).toEqual(['hook a', 'hook b', 'hook main'])
    expect(told.slice(3)).toEqual(['end main', 'end b', 'end a'])
  })

  it('without the hub, and over a restart of the agent, manifests come and go', async () => {
    const before = await running(`born-${node}`)
    process.kill(cluster.pidOf('hub'), 'SIGKILL')
    process.kill(cluster.pidOf(node), 'SIGKILL')
    write('later', 'sleep 10000')
    await cluster.heal()
    const later = await running(`later-${node}`)
    expect(containerOf(await running(`born-${node}`))).toBe(containerOf(before))
    rmSync(join(manifests, 'later.yaml'))
    await eventually('the mirror goes', async () => (await cluster.tryKubectl('get', 'pod', later.metadata.name)).code === 1)
  })
})

const podNamed = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { automountServiceAccountToken: false, terminationGracePeriodSeconds: 20, ...spec },
})

const rules = podNamed('rules', {
  ...{ restartPolicy: 'Never', subdomain: 'all', setHostnameAsFQDN: true, volumes: [{ name: 'v', emptyDir: {} }] },
  containers: [
    {
      ...{ name: 'main', image: 'busybox:1', volumeMounts: [{ name: 'v', mountPath: '/v' }] },
      command: ['sh', '-c', 'test -e /v/again && exec hostname; touch /v/again; exit 42'],
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
    },
  ],
})

const toldBy = (name: string, more: object = {}) => ({
  ...{ name, image: 'busybox:1', ...more, volumeMounts: [{ name: 'home', mountPath: '/home' }] },
  command: ['sh', '-c', `trap 'echo end ${name} >> /home/told; exit 0' TERM; while true; do sleep 0.1; done`],
  lifecycle: { preStop: { exec: { command: ['sh', '-c', `echo hook ${name} >> /home/told; sleep 1`] } } },
})

const familyIn = (home: string) =>
  podNamed('family', {
    volumes: [{ name: 'home', hostPath: { path: home } }],
    initContainers: ['a', 'b'].map((name) => toldBy(name, { restartPolicy: 'Always' })),
    containers: [toldBy('main')],
  })
