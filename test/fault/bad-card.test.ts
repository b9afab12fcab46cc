import { readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command, eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { cutPower, startAgent } from '../harness/power.ts'
import { deployWeb, fetchFrom, type PodStatus, webPods } from '../harness/web.ts'

describe('a card that fails', () => {
  let cluster: TestCluster
  let web: Awaited<ReturnType<typeof deployWeb>>
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 2 })
    web = await deployWeb(cluster)
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const dir = () => cluster.layout.node('node-1').dir
  const condition = async (type: string) =>
    (await cluster.json<{ status: PodStatus }>('get', 'node', 'node-1')).status.conditions?.find((each) => each.type === type)
  const containers = async () => (await webPods(cluster)).map(({ status }) => status.containerStatuses?.[0]?.containerID).sort()

  it('an agent that starts on a read-only card connects, says so, and its pods go on', async () => {
    const before = await containers()
    await command('mount', ['--bind', dir(), dir()])
    await command('mount', ['-o', 'remount,ro,bind', dir()])
    try {
      process.kill(cluster.pidOf('node-1'), 'SIGKILL')
      await startAgent(cluster, 0)
      const degraded = await eventually('the condition', async () => {
        const found = await condition('StorageDegraded')
        return found?.status === 'True' && found
      })
      expect(degraded.message).toMatch(/cache\.db: .*read-only file system/)
      expect(await condition('Ready')).toMatchObject({ status: 'True' })
      await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
      expect(await containers()).toEqual(before)
    } finally {
      await command('umount', ['--lazy', dir()])
    }
    process.kill(cluster.pidOf('node-1'), 'SIGKILL')
    await startAgent(cluster, 0)
    await eventually('the all-clear', async () => (await condition('StorageDegraded'))?.status === 'False')
    expect(await containers()).toEqual(before)
  })

  it('a node whose runtime cannot start tells the hub why', async () => {
    await cutPower(cluster, 0)
    const root = join(dir(), 'containerd/root')
    await command('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', root])
    try {
      await startAgent(cluster, 0)
      await eventually('the reason', async () => {
        const ready = await condition('Ready')
        return ready?.status === 'False' && /containerd does not start: .*read-only file system/.test(ready.message ?? '')
      })
    } finally {
      await command('umount', ['--lazy', root])
    }
    await eventually('the node Ready', async () => (await condition('Ready'))?.status === 'True', 90_000)
    await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
  })

  it('a board that boots with a read-only card connects, says what does not run and why, and needs no restart when the card is well again', async () => {
    await cutPower(cluster, 0)
    await command('mount', ['--bind', dir(), dir()])
    await command('mount', ['-o', 'remount,ro,bind', dir()])
    let agent: number
    try {
      await startAgent(cluster, 0)
      agent = cluster.pidOf('node-1')
      await eventually('both conditions', async () => {
        const [ready, storage] = [await condition('Ready'), await condition('StorageDegraded')]
        return (
          ready?.status === 'False' &&
          /containerd does not start: .*read-only file system/.test(ready.message ?? '') &&
          storage?.status === 'True' &&
          /read-only file system/.test(storage.message ?? '')
        )
      })
      expect(cluster.pidOf('node-1')).toBe(agent)
    } finally {
      await command('umount', ['--lazy', dir()])
    }
    await eventually('the node Ready', async () => (await condition('Ready'))?.status === 'True', 90_000)
    await eventually('the all-clear', async () => (await condition('StorageDegraded'))?.status === 'False', 90_000)
    await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
    expect(cluster.pidOf('node-1')).toBe(agent)
  })

  it('a runtime whose records were torn by a power cut begins anew by itself: the same pods, no registry asked', async () => {
    const uids = async () => (await webPods(cluster)).map(({ metadata }) => metadata.uid).sort()
    const before = await uids()
    const ran = await containers()
    await cutPower(cluster, 0)
    truncateSync(join(dir(), 'containerd/root/io.containerd.metadata.v1.bolt/meta.db'), 8192)
    await startAgent(cluster, 0)
    await eventually(
      'every pod ready again',
      async () => {
        const pods = (await webPods(cluster)).filter(({ spec }) => spec.nodeName === 'node-1')
        return (
          pods.length > 0 &&
          pods.every(({ status }) => status.containerStatuses?.[0]?.ready && !ran.includes(status.containerStatuses[0].containerID))
        )
      },
      120_000,
    )
    expect(await uids()).toEqual(before)
    await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
    expect(readdirSync(join(dir(), 'containerd')).filter((file) => file.startsWith('damaged-'))).toHaveLength(1)
  })
})
