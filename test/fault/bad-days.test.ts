import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { pidsIn } from '../harness/pids-in.ts'
import { deployWeb, fetchFrom, type PodStatus, webPods } from '../harness/web.ts'

describe('bad days', () => {
  let cluster: TestCluster
  let web: Awaited<ReturnType<typeof deployWeb>>
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 2 })
    web = await deployWeb(cluster)
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const containers = async () =>
    new Map(
      (await webPods(cluster)).map(({ metadata, status }) => [
        metadata.name,
        `${status.containerStatuses?.[0]?.containerID} restarts ${status.containerStatuses?.[0]?.restartCount}`,
      ]),
    )

  it('a killed container is started again, and only that one', async () => {
    const before = await containers()
    const [victim] = await webPods(cluster)
    const name = victim?.metadata.name ?? ''
    await killContainer(victim?.status.containerStatuses?.[0]?.containerID)
    await eventually('the restart', async () => {
      const { status } = await cluster.json<{ status: PodStatus }>('get', 'pod', name)
      const [container] = status.containerStatuses ?? []
      return container?.restartCount === 1 && container.ready && container.lastState?.terminated?.exitCode === 137
    })
    const after = await containers()
    for (const [pod, container] of before) if (pod !== name) expect(after.get(pod)).toBe(container)
  })

  it('a killed agent adopts its pods: no container restarts, connections go on', async () => {
    const before = await containers()
    const connection = openConnection(cluster, web.clusterIP)
    process.kill(cluster.pidOf('node-1'), 'SIGKILL')
    await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
    await cluster.heal()
    await eventually('node-1 Ready', async () => (await cluster.kubectl('get', 'node', 'node-1')).includes(' Ready'))
    expect(await containers()).toEqual(before)
    expect(await connection.isStillOpen()).toBe(true)
  })

  it('a killed hub loses no acknowledged write, and no container notices', async () => {
    const before = await containers()
    const acknowledged: string[] = []
    const writes = (async () => {
      for (let index = 0; ; index += 1) {
        const { code } = await cluster.tryKubectl('create', 'configmap', `written-${index}`, `--from-literal=value=${index}`)
        if (code !== 0) return
        acknowledged.push(`written-${index}`)
      }
    })()
    await eventually('some writes', async () => acknowledged.length >= 5)
    process.kill(cluster.pidOf('hub'), 'SIGKILL')
    await writes
    await fetchFrom(cluster, 1, `http://${web.clusterIP}/`)
    await cluster.heal()
    const kept = (await cluster.json<{ items: { metadata: { name: string } }[] }>('get', 'configmaps')).items.map(
      ({ metadata }) => metadata.name,
    )
    expect(kept).toEqual(expect.arrayContaining(acknowledged))
    await eventually('both nodes Ready', async () => (await cluster.kubectl('get', 'nodes')).match(/ Ready /g)?.length === 2)
    expect(await containers()).toEqual(before)
  })

  it('with hub and agent both killed and started again, everything is adopted and follows the API again', async () => {
    const before = await containers()
    for (const name of ['hub', 'node-1', 'node-2']) process.kill(cluster.pidOf(name), 'SIGKILL')
    await cluster.heal()
    expect(await containers()).toEqual(before)
    await cluster.kubectl('scale', 'deployment/web', '--replicas=4')
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
  })

  it('a pod deleted while its node is away is gone after it came back, and no sandbox is orphaned', async () => {
    const victim = (await webPods(cluster)).find(({ spec }) => spec.nodeName === 'node-2')
    process.kill(cluster.pidOf('node-2'), 'SIGKILL')
    await cluster.kubectl('delete', 'pod', victim?.metadata.name ?? '', '--wait=false')
    await cluster.heal()
    await eventually('the pod gone', async () => (await cluster.tryKubectl('get', 'pod', victim?.metadata.name ?? '')).code !== 0)
    await eventually('its cgroups gone', async () => !podCgroupExists(victim?.metadata.uid ?? ''))
  })

  it('a node that is cut off turns NotReady, its endpoints leave, nothing on it stops, and it comes back by itself', async () => {
    const before = await containers()
    const cut = (state: 'down' | 'up') => cluster.onNode(1, 'ip', 'link', 'set', 'eth0', state)
    await cut('down')
    await eventually('node-2 NotReady', async () => (await cluster.kubectl('get', 'node', 'node-2')).includes('NotReady'), 90_000)
    await eventually('only endpoints of node-1', async () => {
      const { items } = await cluster.json<{ items: { endpoints?: { nodeName: string; conditions: { ready: boolean } }[] }[] }>(
        'get',
        'endpointslices',
        '-l',
        'kubernetes.io/service-name=web',
      )
      const ready = items.flatMap(({ endpoints = [] }) => endpoints).filter(({ conditions }) => conditions.ready)
      return ready.length > 0 && ready.every(({ nodeName }) => nodeName === 'node-1')
    })
    await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
    await cut('up')
    await cluster.onNode(1, 'ip', 'route', 'replace', 'default', 'via', `${cluster.nodeAddress(1).split('.').slice(0, 3).join('.')}.1`)
    await eventually('node-2 Ready', async () => / Ready /.test(await cluster.kubectl('get', 'node', 'node-2')), 120_000)
    await eventually('the same containers', async () => {
      expect(await containers()).toEqual(before)
      return true
    })
    await fetchFrom(cluster, 1, `http://${web.clusterIP}/`)
  })

  it('a node that was deleted from the cluster is back after bramble up, and takes pods again', async () => {
    const [, name = ''] = cluster.nodes
    await cluster.kubectl('delete', 'node', name)
    await cluster.heal()
    expect(await cluster.kubectl('get', 'node', name)).toMatch(/ Ready /)
    await cluster.kubectl('rollout', 'restart', 'deployment/web') // pods of now, not those that were bound to the one before
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
    await eventually('a pod on it', async () => (await webPods(cluster)).some(({ spec }) => spec.nodeName === name))
    await fetchFrom(cluster, 1, `http://${web.clusterIP}/`)
  })
})

async function killContainer(containerId: string | undefined): Promise<void> {
  const pids = containerId === undefined ? [] : pidsIn(containerId)
  if (pids.length === 0) throw new Error(`no process of container ${containerId}`)
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // ended with its parent
    }
  }
}

const podCgroupExists = (podUid: string): boolean =>
  execFileSync('find', ['/sys/fs/cgroup', '-maxdepth', '6', '-type', 'd', '-name', `*${podUid}*`]).toString() !== ''

/** A TCP connection through the Service, from node 1, that stays open until it is asked for. */
function openConnection(cluster: TestCluster, address: string) {
  const marker = join(cluster.home, 'finish-request')
  rmSync(marker, { force: true })
  // Half a request: the server waits for the rest as long as the connection lives.
  const half = `exec 3<>/dev/tcp/${address}/80; printf 'GET / HTTP/1.0\\r\\n' >&3`
  const rest = `for i in $(seq 600); do [ -e ${marker} ] && break; sleep 0.1; done; printf '\\r\\n' >&3; cat <&3`
  const running = cluster.onNode(0, 'bash', '-c', `${half}; ${rest}`)
  return {
    /** Sends the other half; true when the answer comes over the same connection. */
    async isStillOpen(): Promise<boolean> {
      writeFileSync(marker, '')
      return (await running).stdout.includes('200 OK')
    },
  }
}
