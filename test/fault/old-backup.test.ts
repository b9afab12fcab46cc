import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { pidsIn } from '../harness/pids-in.ts'
import { deployWeb, type PodStatus } from '../harness/web.ts'

describe('a hub whose store is put back from a backup', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    await deployWeb(cluster)
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const store = () => readdirSync(cluster.layout.hubDir).filter((name) => name.startsWith('store.db'))
  /** As somebody would with the hub switched off. */
  const whileOff = async (act: () => void) => {
    const pid = cluster.pidOf('hub')
    process.kill(pid, 'SIGKILL')
    await eventually('the end of the hub', async () => !existsPid(pid))
    act()
    await cluster.heal()
    await eventually('the node Ready', async () => (await cluster.kubectl('get', 'nodes')).includes(' Ready'))
  }
  const backup = () => join(cluster.home, 'backup')
  const backUp = () => {
    for (const name of store()) cpSync(join(cluster.layout.hubDir, name), join(backup(), name))
  }
  const putBack = () => {
    for (const name of store()) rmSync(join(cluster.layout.hubDir, name))
    cpSync(backup(), cluster.layout.hubDir, { recursive: true })
  }
  const start = async (name: string) => {
    const spec = { containers: [{ name: 'main', image: 'busybox:1', imagePullPolicy: 'IfNotPresent', command: ['sleep', '100000'] }] }
    await cluster.apply(
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { ...spec, terminationGracePeriodSeconds: 1 } }),
    )
    await cluster.kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=90s')
    return containerOf(name)
  }
  const containerOf = async (name: string) => {
    const { status } = await cluster.json<{ status: PodStatus }>('get', 'pod', name)
    return status.containerStatuses?.[0]?.containerID ?? ''
  }
  const restored = async () => {
    const { status } = await cluster.json<{ status: PodStatus }>('get', 'node', cluster.nodes[0] ?? '')
    return status.conditions?.find(({ type }) => type === 'HubRestored')
  }

  it('ends no container, says what it does not list, and ends that when it is told to', async () => {
    const before = await start('before')
    await whileOff(backUp)
    const after = await start('after')
    const processes = { before: pidsIn(before), after: pidsIn(after) }
    expect(processes.after).not.toEqual([])

    await whileOff(putBack)
    const told = await eventually('the condition', async () => ((await restored())?.status === 'True' ? await restored() : undefined))
    expect(told?.message).toContain('pods that it does not list (1, such as default/after) go on')
    expect((await cluster.tryKubectl('get', 'pod', 'after')).code).not.toBe(0)
    expect({ before: pidsIn(before), after: pidsIn(after) }).toEqual(processes)
    expect(await containerOf('before')).toBe(before)
    const made = await start('made-since')

    process.kill(cluster.pidOf(cluster.nodes[0] ?? ''), 'SIGKILL')
    await cluster.heal()
    await cluster.kubectl('delete', 'pod', 'made-since')
    await eventually('its end', async () => pidsIn(made).length === 0)
    expect({ before: pidsIn(before), after: pidsIn(after) }).toEqual(processes)

    const [, ...words] = /(?:kubectl) (annotate .*)$/.exec(told?.message ?? '')?.[1]?.split(' ') ?? []
    await cluster.kubectl('annotate', ...words)
    await eventually('the end of what it does not list', async () => pidsIn(after).length === 0)
    await eventually('the all-clear', async () => (await restored())?.status === 'False')
    expect(pidsIn(before)).toEqual(processes.before)
  })
})

function existsPid(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
