import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mountsUnder } from '../../edge-agent/src/host/mounts.ts'
import { stopAllPods } from '../../edge-agent/src/kubelet/stop-all.ts'
import { pods } from '../../edge-agent/src/resources.ts'
import type { Pod } from '../../shared/src/kinds/pod.ts'
import { busyboxArchive, canRunContainerd, type ContainerdNode, startContainerdNode, whyNoContainerd } from '../harness/containerd-node.ts'
import { busybox, kubeletOn } from '../harness/kubelet-node.ts'
import { startRegistry } from '../harness/registry.ts'

const port = 5124
const host = `127.0.0.1:${port}`

// Agent and containerd restart while pods stand in every phase of their life, all at once.
describe.skipIf(!canRunContainerd)(`a restart in each phase of a pod, on a real containerd${whyNoContainerd}`, () => {
  let node: ContainerdNode
  let agent: ReturnType<typeof kubeletOn>
  let registry: Awaited<ReturnType<typeof startRegistry>>
  let cutOff: () => Promise<void>
  beforeAll(async () => {
    node = await startContainerdNode()
    const socketPath = `${node.dir}/registry.sock`
    const images = ['agent', 'containerd', 'both'].map((name) => ({
      name: `${name}:1`,
      archive: busyboxArchive(`${host}/${name}:1`),
    }))
    registry = await startRegistry({ socketPath, images })
    cutOff = await node.forward(port, socketPath)
    agent = kubeletOn(node)
  })
  afterAll(async () => {
    registry?.release()
    await agent?.stop()
    await cutOff?.()
    await registry?.[Symbol.asyncDispose]()
    if (node) await stopAllPods({ cri: node.cri, instance: 'kt', graceSeconds: 0 })
    await node?.stop()
  })

  const main = (name: string) => agent.status(name)?.containerStatuses?.[0]
  const running = (name: string) => agent.until(() => main(name)?.state?.running, `${name} running`, 60_000)
  const told = (name: string, reason: string) =>
    agent.until(() => agent.events.find((event) => event.pod === name && event.reason === reason), `${name} ${reason}`)
  const containersOf = async ({ metadata }: Pod) => node.cri.listContainers({ labels: { 'io.kubernetes.pod.uid': metadata.uid ?? '' } })
  const stubborn = "trap '' TERM; while true; do sleep 0.2; done"

  it.each<[string, () => Promise<void>]>([
    ['agent', () => agent.restart()],
    ['containerd', () => node.restart()],
    ['both', async () => void (await Promise.all([agent.restart(), node.restart()]))],
  ])('of the %s: nothing starts twice, no exit is lost, nothing is left behind', async (what, restart) => {
    const put = (name: string, spec: Record<string, unknown>) => agent.put({ name: `${name}-${what}`, spec })
    const at = (name: string) => `${name}-${what}`
    const steady = busybox('main', 'exec sleep 1000')
    registry.hold()

    const pulling = put('pulling', { containers: [{ ...steady, image: `${host}/${what}:1` }] })
    // The init container ends when it is told to, so that the restart falls into its life.
    const shared = { volumes: [{ name: 'v', emptyDir: {} }] }
    const volumeMounts = [{ name: 'v', mountPath: '/v' }]
    const initial = put('initial', {
      ...shared,
      initContainers: [busybox('init', 'echo x >> /v/runs; until test -e /v/go; do sleep 0.1; done; exit 0', { volumeMounts })],
      containers: [busybox('main', 'exec sleep 1000', { volumeMounts })],
    })
    const up = put('up', { containers: [steady] })
    const ending = put('ending', {
      ...shared,
      restartPolicy: 'Never',
      containers: [
        busybox('main', 'until test -e /v/go; do sleep 0.1; done; echo last words > /dev/termination-log; exit 7', { volumeMounts }),
      ],
    })
    const crashing = put('crashing', { containers: [busybox('main', 'exit 3')] })
    const hooked = put('hooked', {
      terminationGracePeriodSeconds: 8,
      containers: [busybox('main', 'exec sleep 1000', { lifecycle: { preStop: { exec: { command: ['sleep', '3'] } } } })],
    })
    const stopping = put('stopping', { terminationGracePeriodSeconds: 6, containers: [busybox('main', stubborn)] })
    const all = [pulling, initial, up, ending, crashing, hooked, stopping]
    const volumeOf = ({ metadata }: Pod) => `${node.dir}/agent/pods/${metadata.uid}/volumes/v`

    await Promise.all(['up', 'ending', 'hooked', 'stopping'].map((name) => running(at(name))))
    await agent.until(() => agent.status(at('initial'))?.initContainerStatuses?.[0]?.state?.running, 'init container running')
    await agent.until(() => main(at('crashing'))?.state?.waiting?.reason === 'CrashLoopBackOff', 'crash loop')
    await expect.poll(() => registry.waiting(), { timeout: 60_000 }).toBeGreaterThan(0)
    const before = { up: main(at('up')), ending: main(at('ending')), crashing: main(at('crashing')) }
    agent.delete(at('hooked'), 8)
    agent.delete(at('stopping'), 6)
    await Promise.all(['hooked', 'stopping'].map((name) => told(at(name), 'Killing')))

    const restarting = restart()
    writeFileSync(`${volumeOf(ending)}/go`, '')
    await restarting
    writeFileSync(`${volumeOf(initial)}/go`, '')
    registry.release()

    // It ended while nobody looked.
    const ended = await agent.until(() => main(at('ending'))?.state?.terminated, 'the exit')
    expect(ended).toMatchObject({ exitCode: 7, message: 'last words\n' })
    expect(agent.status(at('ending'))?.phase).toBe('Failed')
    await Promise.all(['pulling', 'initial'].map((name) => running(at(name))))
    expect(main(at('up'))).toEqual(before.up)
    expect(main(at('initial'))?.restartCount).toBe(0)
    expect(agent.status(at('initial'))?.initContainerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 0 } },
    })
    expect(main(at('pulling'))?.restartCount).toBe(0)
    await agent.until(() => (main(at('crashing'))?.restartCount ?? 0) > (before.crashing?.restartCount ?? 0), 'the next crash', 60_000)
    await agent.until(() => !agent.status(at('hooked')) && !agent.status(at('stopping')), 'both gone', 60_000)
    for (const pod of [pulling, up]) expect(await containersOf(pod)).toHaveLength(1)
    expect(await containersOf(initial)).toHaveLength(2)

    for (const { metadata } of agent.cache.list(pods)) agent.delete(metadata.name, 0)
    await agent.until(() => agent.cache.list(pods).length === 0, 'all pods gone', 60_000)
    expect(await node.cri.listPodSandboxes()).toEqual([])
    expect(await node.cri.listContainers()).toEqual([])
    for (const folder of ['pods', 'logs']) expect(readdirSync(`${node.dir}/agent/${folder}`)).toEqual([])
    expect(mountsUnder([`${node.dir}/agent`])).toEqual([])
    for (const { metadata } of all) expect(agent.cache.facts.get(`ending/${metadata.uid}`)).toBeUndefined()
  })

  it('of the agent in the middle of a removal finishes it, and one while a container starts leaves one container', async () => {
    const pod = agent.put({ name: 'young', spec: { containers: [busybox('main', 'exec sleep 1000')] } })
    await told('young', 'Created')
    await node.restart()
    await running('young')
    const alive = async () => (await containersOf(pod)).filter(({ state }) => state === 'CONTAINER_RUNNING')
    expect(await alive()).toHaveLength(1)
    agent.delete('young', 0)
    await agent.restart()
    await agent.until(() => !agent.status('young'), 'young gone')
    expect(await node.cri.listPodSandboxes()).toEqual([])
    expect(existsSync(`${node.dir}/agent/pods/${pod.metadata.uid}`)).toBe(false)
  })
})
