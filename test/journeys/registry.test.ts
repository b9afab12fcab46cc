import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { stopAllPods } from '../../edge-agent/src/kubelet/stop-all.ts'
import { pods, secrets } from '../../edge-agent/src/resources.ts'
import { busyboxArchive, canRunContainerd, type ContainerdNode, startContainerdNode, whyNoContainerd } from '../harness/containerd-node.ts'
import { busybox, kubeletOn } from '../harness/kubelet-node.ts'
import { startRegistry } from '../harness/registry.ts'

const port = 5123
const host = `127.0.0.1:${port}`

describe.skipIf(!canRunContainerd)(`a registry that asks who pulls, on a real containerd${whyNoContainerd}`, () => {
  let node: ContainerdNode
  let agent: ReturnType<typeof kubeletOn>
  let registry: Awaited<ReturnType<typeof startRegistry>>
  let cutOff: () => Promise<void>
  beforeAll(async () => {
    node = await startContainerdNode()
    const socketPath = `${node.dir}/registry.sock`
    const images = ['team/app:1', 'team/other:1', 'team/late:1'].map((name) => ({ name, archive: busyboxArchive(`${host}/${name}`) }))
    registry = await startRegistry({ socketPath, images, credentials: { username: 'ann', password: 'right' } })
    cutOff = await node.forward(port, socketPath)
    agent = kubeletOn(node)
    agent.apply(secrets, [pullSecret('wrong', 'bob', 'wrong'), pullSecret('right', 'ann', 'right')])
  })
  afterEach(async () => {
    for (const { metadata } of agent.cache.list(pods)) agent.delete(metadata.name, 0)
    await agent.until(() => agent.cache.list(pods).length === 0, 'all pods gone')
  })
  afterAll(async () => {
    await agent?.stop()
    await cutOff?.()
    await registry?.[Symbol.asyncDispose]()
    if (node) await stopAllPods({ cri: node.cri, instance: 'kt', graceSeconds: 0 })
    await node?.stop()
  })

  const main = (name: string) => agent.status(name)?.containerStatuses?.[0]
  const put = (name: string, image: string, pullSecrets: readonly string[]) =>
    agent.put({
      name,
      spec: {
        imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })),
        containers: [{ ...busybox('main', 'exec sleep 1000'), image: `${host}/team/${image}`, imagePullPolicy: 'Always' }],
      },
    })
  const reasonsOf = (name: string) => agent.events.filter(({ pod }) => pod === name).map(({ reason }) => reason)

  it('lets in who has two pull secrets, the first wrong and the second right', async () => {
    put('both', 'app:1', ['wrong', 'right'])
    await agent.until(() => main('both')?.state?.running, 'running')
    expect(main('both')?.imageID).toMatch(new RegExp(`^${host}/team/app@sha256:[0-9a-f]{64}$`))
    const users = registry.asked.filter(({ path }) => path.includes('/team/app/')).map(({ user }) => user)
    expect(users.indexOf('bob')).toBeGreaterThanOrEqual(0)
    expect(users.indexOf('bob')).toBeLessThan(users.indexOf('ann'))
  })

  it('refuses who has the wrong one alone, or none, and the pod says why', async () => {
    put('stranger', 'other:1', [])
    put('wrong', 'other:1', ['wrong'])
    for (const name of ['stranger', 'wrong']) {
      await agent.until(() => main(name)?.state?.waiting?.reason === 'ErrImagePull', `${name} refused`)
      expect(main(name)?.state?.waiting?.message).toMatch(/401 Unauthorized|authorization failed|no basic auth credentials/)
    }
  })

  it('is not needed by a pod that ran here: policy Always starts it with the image it had, and nobody else', async () => {
    const { metadata } = put('mine', 'late:1', ['right'])
    await agent.until(() => main('mine')?.state?.running, 'running')
    await cutOff()
    try {
      put('newcomer', 'late:1', ['right'])
      await agent.until(() => main('newcomer')?.state?.waiting?.reason === 'ErrImagePull', 'a pod that never ran here is refused')
      const [running] = await node.cri.listContainers({ labels: { 'io.kubernetes.pod.uid': metadata.uid ?? '' } })
      await node.cri.stopContainer(running?.id ?? '', 0)
      await agent.until(() => (main('mine')?.restartCount ?? 0) >= 1 && main('mine')?.state?.running, 'started again without a network')
      expect(reasonsOf('mine')).toContain('RegistryUnreachable')
    } finally {
      cutOff = await node.forward(port, `${node.dir}/registry.sock`)
    }
  })
})

function pullSecret(name: string, username: string, password: string) {
  const text = JSON.stringify({ auths: { [`http://${host}`]: { username, password } } })
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default' },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(text).toString('base64') },
  } as never // stored as the API stores it
}
