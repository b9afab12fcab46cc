import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { mountsUnder } from '../../edge-agent/src/host/mounts.ts'
import { stopAllPods } from '../../edge-agent/src/kubelet/stop-all.ts'
import { configMaps, pods } from '../../edge-agent/src/resources.ts'
import type { Pod } from '../../shared/src/kinds/pod.ts'
import type { StreamRequest } from '../../shared/src/streams/node-stream.ts'
import { canRunContainerd, type ContainerdNode, startContainerdNode, whyNoContainerd } from '../harness/containerd-node.ts'
import { busybox, kubeletOn, logBytes } from '../harness/kubelet-node.ts'

// What a pod makes and the agent opens, with the containers that would do it.
describe.skipIf(!canRunContainerd)(`files of a pod's making, on a real containerd${whyNoContainerd}`, () => {
  let node: ContainerdNode
  let agent: ReturnType<typeof kubeletOn>
  let before: number
  beforeAll(async () => {
    before = process.umask(0o077) // as a hardened board starts its services
    node = await startContainerdNode()
    agent = kubeletOn(node)
  })
  afterEach(async () => {
    for (const { metadata } of agent.cache.list(pods)) agent.delete(metadata.name, 0)
    await agent.until(() => agent.cache.list(pods).length === 0, 'all pods gone')
    expect(mountsUnder([`${node.dir}/agent/pods`])).toEqual([])
  })
  afterAll(async () => {
    await agent?.stop()
    if (node) await stopAllPods({ cri: node.cri, instance: 'kt', graceSeconds: 0 })
    await node?.stop()
    process.umask(before)
  })

  const main = (name: string) => agent.status(name)?.containerStatuses?.[0]
  const ended = (name: string) => agent.until(() => main(name)?.state?.terminated, `${name} ended`)
  const bytesOf = async (pod: Pod, more: Partial<StreamRequest<'logs'>> = {}) => {
    const request = {
      ...{ kind: 'logs' as const, namespace: 'default', pod: pod.metadata.name, podUid: pod.metadata.uid ?? '', container: 'main' },
      ...{ follow: false, previous: false, timestamps: false, ...more },
    }
    const chunks: Uint8Array[] = []
    for await (const chunk of logBytes(agent, request, AbortSignal.timeout(10_000))) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  const logsOf = async (pod: Pod) => (await bytesOf(pod)).toString()
  const once = (name: string, spec: Record<string, unknown>) => agent.put({ name, spec: { restartPolicy: 'Never', ...spec } })
  const user = { runAsUser: 1000, runAsGroup: 1000 }

  it('a group alone goes with the user of the image, and a capability that is dropped by the name of the kernel is gone', async () => {
    const pod = once('group', {
      securityContext: { runAsGroup: 3000 },
      containers: [
        busybox('main', 'id -u; id -g; grep CapEff /proc/self/status', { securityContext: { capabilities: { drop: ['CAP_NET_RAW'] } } }),
      ],
    })
    await ended('group')
    const [user, group, capabilities = ''] = (await logsOf(pod)).split('\n')
    expect([user, group]).toEqual(['0', '3000'])
    const netRaw = 1n << 13n
    expect(BigInt(`0x${capabilities.split('\t')[1]}`) & netRaw).toBe(0n)
  })

  it('a subPath has the mode of its volume: a user who is not root writes there, as with subPathExpr', async () => {
    const pod = once('subpath', {
      securityContext: user,
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [
        busybox('main', 'stat -c %a /data; echo hi > /data/f && cat /data/f; echo there > /expr/f && cat /expr/f', {
          env: [{ name: 'WHO', value: 'me' }],
          volumeMounts: [
            { name: 'v', mountPath: '/data', subPath: 'a/b' },
            { name: 'v', mountPath: '/expr', subPathExpr: 'of/$(WHO)' },
          ],
        }),
      ],
    })
    await ended('subpath')
    expect(await logsOf(pod)).toBe('777\nhi\nthere\n')
    await agent.restart()
    expect(await logsOf(pod)).toBe('777\nhi\nthere\n')
  })

  it('a subPath that a sibling turned to the host is refused, and the host stays as it was', async () => {
    once('swap', {
      volumes: [{ name: 'v', emptyDir: {} }],
      initContainers: [busybox('evil', 'ln -s /etc /v/dir; ln -s /etc/shadow /v/file', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
      containers: [busybox('main', 'ls /data', { volumeMounts: [{ name: 'v', mountPath: '/data', subPath: 'dir' }] })],
    })
    await agent.until(() => main('swap')?.state?.waiting?.reason === 'CreateContainerConfigError', 'subPath refused')
    expect(main('swap')?.state?.waiting?.message).toBe('failed to prepare subPath "dir": it leads out of the volume')
  })

  it('a ConfigMap volume cannot be written by root in the container, whatever the mount says, and a file of it can be a subPath', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' }, data: { key: 'value' } }
    agent.apply(configMaps, [object])
    const pod = once('readonly', {
      volumes: [
        { name: 'c', configMap: { name: 'settings' } },
        { name: 'd', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
      ],
      containers: [
        busybox('main', 'for d in /c /d; do ln -sfn /etc $d/..data 2>/dev/null && echo broken; done; cat /c/key /d/name /one', {
          volumeMounts: [
            { name: 'c', mountPath: '/c', readOnly: false },
            { name: 'd', mountPath: '/d' },
            { name: 'c', mountPath: '/one', subPath: 'key' },
          ],
        }),
      ],
    })
    await ended('readonly')
    expect(await logsOf(pod)).toBe('valuereadonlyvalue')
  })

  it('a user who is not root leaves a termination message', async () => {
    once('words', { securityContext: user, containers: [busybox('main', 'echo last words > /dev/termination-log; exit 3')] })
    expect(await ended('words')).toMatchObject({ exitCode: 3, message: 'last words\n' })
  })

  it.each([
    ['a link to a file of the host', 'ln -s /etc/passwd /v/msg'],
    ['a FIFO', 'mkfifo /v/msg'],
  ])('%s that a pod mounts where its termination message is to be is not read', async (_what, plant) => {
    once('tricked', {
      volumes: [{ name: 'v', emptyDir: {} }],
      initContainers: [busybox('evil', `echo > /v/msg`, { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
      containers: [
        busybox('main', `rm /v/msg; ${plant}; exit 1`, {
          terminationMessagePath: '/v/msg',
          volumeMounts: [
            { name: 'v', mountPath: '/v' },
            { name: 'v', mountPath: '/v/msg', subPath: 'msg' },
          ],
        }),
      ],
    })
    const { message } = await ended('tricked')
    expect(message ?? '').not.toContain('root:')
  })

  it('logs are exactly the bytes that were written', async () => {
    const cases = {
      latin1: ["printf 'caf\\351 \\377\\376\\n'", Buffer.from('caf\xe9 \xff\xfe\n', 'latin1')],
      long: [
        'i=0; s=; while [ $i -lt 100 ]; do s=$s€; i=$((i+1)); done; i=0; while [ $i -lt 200 ]; do printf %s $s; i=$((i+1)); done; echo',
        Buffer.from(`${'€'.repeat(20_000)}\n`),
      ],
      nonl: ["printf 'one\\ntwo-without-end'", Buffer.from('one\ntwo-without-end')],
      // containerd itself takes the CR of a CRLF away
      cr: ["printf 'a\\rb\\nnul:\\000:end\\n'", Buffer.from('a\rb\nnul:\0:end\n')],
    } as const
    const made = Object.entries(cases).map(([name, [script]]) => once(name, { containers: [busybox('main', script)] }))
    for (const pod of made) {
      await ended(pod.metadata.name)
      const [, bytes] = cases[pod.metadata.name as keyof typeof cases]
      expect((await bytesOf(pod)).toString('latin1'), pod.metadata.name).toBe(bytes.toString('latin1'))
    }
    expect((await bytesOf(made[2]!, { tailLines: 1 })).toString()).toBe('two-without-end')
    expect((await bytesOf(made[1]!, { limitBytes: 4 })).equals(Buffer.from('€€').subarray(0, 4))).toBe(true)
    expect((await bytesOf(made[1]!, { timestamps: true })).toString()).toMatch(/^\S+Z €{20000}\n$/)
  })

  it('what a pod leaves is removed without leaving its folder', async () => {
    mkdirSync(`${node.dir}/host`)
    writeFileSync(`${node.dir}/host/kept`, 'x')
    const pod = once('leaves', {
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [
        busybox('main', `ln -s ${node.dir}/host /v/link; mkdir -p /v/a/b; mkfifo /v/fifo; ln -s /v /v/a/round`, {
          volumeMounts: [{ name: 'v', mountPath: '/v' }],
        }),
      ],
    })
    await ended('leaves')
    agent.delete('leaves', 0)
    await agent.until(() => !agent.status('leaves'), 'pod gone')
    expect(existsSync(`${node.dir}/agent/pods/${pod.metadata.uid}`)).toBe(false)
    expect(readFileSync(`${node.dir}/host/kept`, 'utf8')).toBe('x')
  })
})
