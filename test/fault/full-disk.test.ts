import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { cutPower, podsOnNode, remainsOf, startAgent } from '../harness/power.ts'
import { deployWeb, fetchFrom, webPods } from '../harness/web.ts'

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a full disk', () => {
  let cluster: TestCluster
  let web: Awaited<ReturnType<typeof deployWeb>>
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 2, diskMi: 400 })
    web = await deployWeb(cluster)
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const filler = () => join(cluster.home, 'filler')
  /** Takes every block that is left. */
  const fill = () => {
    for (let step = 1; ; step += 1) {
      const { bavail, bsize } = statfsSync(cluster.home)
      if (bavail === 0) return
      try {
        writeFileSync(`${filler()}-${step}`, Buffer.alloc(bavail * bsize))
      } catch {
        // somebody else wrote meanwhile: all the fuller
      }
    }
  }
  const makeRoom = () => {
    for (let step = 1; step < 50; step += 1) rmSync(`${filler()}-${step}`, { force: true })
  }

  it('changes are refused with one sentence, /readyz tells, reads and pods go on, and it heals', async () => {
    const before = (await webPods(cluster)).map(({ status }) => status.containerStatuses?.[0]?.containerID)
    fill()
    const refused = await eventually('a refusal', async () => {
      const { code, stderr } = await cluster.tryKubectl('create', 'configmap', `full-${performance.now().toFixed()}`, '--from-literal=a=b')
      return code !== 0 && stderr
    })
    expect(refused).toMatch(/the disk is full .* make room, until then changes are refused/)
    // Strangers read it too, and are not told why.
    expect((await cluster.tryKubectl('get', '--raw', '/readyz')).stderr).toContain('[-]storage failed: reason withheld')
    expect((await cluster.tryKubectl('get', '--raw', '/readyz/storage')).stderr).toContain('the disk')
    expect((await webPods(cluster)).map(({ status }) => status.containerStatuses?.[0]?.containerID)).toEqual(before)
    await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
    makeRoom()
    await cluster.kubectl('create', 'configmap', 'room', '--from-literal=a=b')
    expect(await cluster.kubectl('get', '--raw', '/readyz')).toBe('ok')
    await cluster.kubectl('scale', 'deployment/web', '--replicas=4')
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
  })

  it('an agent that starts while the disk is full adopts its pods, is heard, and takes new ones when there is room', async () => {
    const own = await podsOnNode(cluster, 'node-2')
    fill()
    const before = cluster.pidOf('node-2')
    process.kill(before, 'SIGKILL')
    await eventually('its end', async () => !isAlive(before))
    await startAgent(cluster, 1)
    const since = Date.now()
    // The hub's disk is as full; leases are kept in memory, so this is what it can hear.
    await eventually('a lease that the new agent renewed', async () => {
      const { spec } = await cluster.json<{ spec: { renewTime: string } }>('get', 'lease', '-n', 'kube-node-lease', 'node-2')
      return Date.parse(spec.renewTime) > since
    })
    await fetchFrom(cluster, 1, `http://${web.clusterIP}/`)
    expect(await podsOnNode(cluster, 'node-2')).toEqual(own)
    expect(cluster.pidOf('node-2')).not.toBe(before)
    expect(await cluster.kubectl('get', 'node', 'node-2')).toMatch(/ Ready /)
    makeRoom()
    await cluster.kubectl('scale', 'deployment/web', '--replicas=6')
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
  })

  it('a board that boots with a full disk is heard, does not end, and has its pods when there is room', async () => {
    const own = await podsOnNode(cluster, 'node-2')
    fill()
    await cutPower(cluster, 1)
    await startAgent(cluster, 1)
    const agent = cluster.pidOf('node-2')
    const since = Date.now()
    await eventually('a lease that the new agent renewed', async () => {
      const { spec } = await cluster.json<{ spec: { renewTime: string } }>('get', 'lease', '-n', 'kube-node-lease', 'node-2')
      return Date.parse(spec.renewTime) > since
    })
    makeRoom()
    await eventually(
      'its pods',
      async () => {
        const running = await podsOnNode(cluster, 'node-2')
        return own.every((uid) => running.includes(uid))
      },
      120_000,
    )
    expect(cluster.pidOf('node-2')).toBe(agent)
  })

  it('down leaves nothing on the machine although not a byte can be written', async () => {
    fill()
    await cluster.down()
    expect(await remainsOf(cluster)).toEqual([])
    makeRoom()
  })
})
