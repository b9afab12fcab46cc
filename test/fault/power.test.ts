import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { containerdPid, cutPower, kill, podsOnNode, processesOf, remainsOf, startAgent } from '../harness/power.ts'
import { deployWeb, fetchFrom, webPods } from '../harness/web.ts'

describe('a home whose power comes and goes', () => {
  let cluster: TestCluster
  let web: Awaited<ReturnType<typeof deployWeb>>
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 2 })
    web = await deployWeb(cluster)
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const uids = async () => (await webPods(cluster)).map(({ metadata }) => metadata.uid).sort()

  it('a node that starts without a hub has its pods, Service rules and routes again; the hub learns of it when it is back', async () => {
    const before = await uids()
    const ofNode = (await webPods(cluster)).filter(({ spec }) => spec.nodeName === 'node-2').map(({ metadata }) => metadata.uid)
    expect(await podsOnNode(cluster, 'node-2')).toEqual(ofNode.sort())
    process.kill(cluster.pidOf('hub'), 'SIGKILL')
    await cutPower(cluster, 1)
    await expect(podsOnNode(cluster, 'node-2')).rejects.toThrow()
    await startAgent(cluster, 1)
    // Asked on the node itself, with no hub to tell it anything.
    await eventually('its own pods in its own containerd', async () => String(await podsOnNode(cluster, 'node-2')) === String(ofNode))
    expect(() => cluster.pidOf('hub')).toThrow('hub does not run')
    await fetchFrom(cluster, 1, `http://${web.clusterIP}/`)
    await fetchFrom(cluster, 1, `http://127.0.0.1:${web.nodePort}/`)
    await cluster.heal()
    await eventually('the restarts in the API, with every pod ready', async () => {
      const pods = (await webPods(cluster)).filter(({ spec }) => spec.nodeName === 'node-2')
      return pods.every(({ status }) => status.containerStatuses?.[0]?.ready && status.containerStatuses[0].restartCount > 0)
    })
    expect(await uids()).toEqual(before)
    await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
  })

  it('a killed containerd is started again by the agent, and its containers go on', async () => {
    const states = async () => (await webPods(cluster)).map(({ status }) => status.containerStatuses?.[0]?.containerID).sort()
    const before = await states()
    const killed = containerdPid(cluster, 'node-1')
    process.kill(killed, 'SIGKILL')
    await eventually('another containerd', async () => containerdPid(cluster, 'node-1') !== killed)
    await cluster.kubectl('scale', 'deployment/web', '--replicas=4')
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
    expect(await states()).toEqual(expect.arrayContaining(before))
  })

  it('down leaves nothing on the machine, whatever of the cluster is dead, and up brings all of it back', async () => {
    process.kill(cluster.pidOf('hub'), 'SIGKILL')
    process.kill(cluster.pidOf('node-1'), 'SIGKILL')
    process.kill(containerdPid(cluster, 'node-1'), 'SIGKILL')
    process.kill(containerdPid(cluster, 'node-2'), 'SIGKILL')
    await cluster.down()
    expect(await remainsOf(cluster)).toEqual([])
    await cluster.heal()
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
    await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
    // A machine that lost its namespaces as well.
    for (const name of cluster.nodes) for (const pid of processesOf(cluster, name)) kill(pid)
    await cluster.down()
    expect(await remainsOf(cluster)).toEqual([])
  })
})
