import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stopAllPods } from '../../edge-agent/src/kubelet/stop-all.ts'
import { canRunContainerd, type ContainerdNode, startContainerdNode, whyNoContainerd } from '../harness/containerd-node.ts'
import { busybox, kubeletOn } from '../harness/kubelet-node.ts'

describe.skipIf(!canRunContainerd)(`the kubelet on a real containerd${whyNoContainerd}`, () => {
  let node: ContainerdNode
  let agent: ReturnType<typeof kubeletOn>
  beforeAll(async () => {
    node = await startContainerdNode()
    agent = kubeletOn(node)
  })
  afterAll(async () => {
    await agent?.stop()
    if (node) await stopAllPods({ cri: node.cri, instance: 'kt', graceSeconds: 0 })
    await node?.stop()
  })
  const running = (name: string) => agent.until(() => agent.status(name)?.phase === 'Running' && agent.status(name), `${name} running`)
  const gone = (name: string) => agent.until(() => !agent.status(name), `${name} gone`)

  it('brings a pod up, tells how it is, and takes it down without a trace', async () => {
    const pod = agent.put({ name: 'web', spec: { containers: [busybox('main', 'echo hello; exec sleep 1000')] } })
    const status = await running('web')
    expect(status.podIP).toMatch(/^10\.99\.0\./)
    expect(status.containerStatuses?.[0]).toMatchObject({ name: 'main', ready: true, started: true, restartCount: 0 })
    expect(status.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ])
    agent.delete('web')
    await gone('web')
    expect(existsSync(`${node.dir}/agent/pods/${pod.metadata.uid}`)).toBe(false)
    expect(existsSync(`${node.dir}/agent/logs/default_web_${pod.metadata.uid}`)).toBe(false)
    expect(await node.cri.listPodSandboxes()).toEqual([])
  })
})
