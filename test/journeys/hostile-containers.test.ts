import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { stopAllPods } from '../../edge-agent/src/kubelet/stop-all.ts'
import { pods } from '../../edge-agent/src/resources.ts'
import { canRunContainerd, type ContainerdNode, fifoImage, startContainerdNode, whyNoContainerd } from '../harness/containerd-node.ts'
import { busybox, kubeletOn, logBytes } from '../harness/kubelet-node.ts'

const mebibyte = 1024 * 1024

// What a container may do to its node without any right at all.
describe.skipIf(!canRunContainerd)(`hostile containers, on a real containerd${whyNoContainerd}`, () => {
  let node: ContainerdNode
  let agent: ReturnType<typeof kubeletOn>
  beforeAll(async () => {
    node = await startContainerdNode()
    agent = kubeletOn(node)
  })
  afterEach(async () => {
    for (const { metadata } of agent.cache.list(pods)) agent.delete(metadata.name, 0)
    await agent.until(() => agent.cache.list(pods).length === 0, 'all pods gone')
  })
  afterAll(async () => {
    await agent?.stop()
    if (node) await stopAllPods({ cri: node.cri, instance: 'kt', graceSeconds: 0 })
    await node?.stop()
  })

  const main = (name: string) => agent.status(name)?.containerStatuses?.[0]
  const told = (name: string, reason: string) =>
    agent.until(() => agent.events.find((event) => event.pod === name && event.reason === reason), `${name} ${reason}`)
  const running = (name: string) => agent.until(() => main(name)?.state?.running, `${name} running`)
  const gone = (name: string) => agent.until(() => !agent.status(name), `${name} gone`)
  const once = (name: string, script: string, more: Record<string, unknown> = {}) =>
    agent.put({ name, spec: { restartPolicy: 'Never', containers: [busybox('main', script)], ...more } })

  it('one that writes one endless line leaves a log of a few mebibytes, and its log can be read', async () => {
    const pod = once('one-line', 'head -c 200000000 /dev/zero; echo the end; exec sleep 1000')
    await running('one-line')
    const folder = `${node.dir}/agent/logs/default_one-line_${pod.metadata.uid}/main`
    const bytes = () =>
      readdirSync(folder).reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0)
    const request = { kind: 'logs' as const, namespace: 'default', pod: 'one-line', podUid: pod.metadata.uid ?? '', container: 'main' }
    const end = async () => {
      let last = Buffer.alloc(0)
      const options = { follow: false, previous: false, timestamps: false }
      for await (const chunk of logBytes(agent, { ...request, ...options }, AbortSignal.timeout(20_000))) last = Buffer.from(chunk)
      return last.subarray(-8).toString()
    }
    await expect.poll(end, { timeout: 60_000 }).toBe('the end\n')
    await expect.poll(bytes, { timeout: 60_000 }).toBeLessThan(45 * mebibyte)
  })

  it.each([
    ['its hosts file', '/etc/hosts'],
    ['its name servers', '/etc/resolv.conf'],
    ['its last words', '/dev/termination-log'],
  ])('one that fills the disk through %s does not get far', async (_what, file) => {
    const pod = once('filler', `head -c 300000000 /dev/zero > ${file}; exec sleep 1000`)
    await told('filler', 'FileTooLarge')
    const folder = `${node.dir}/agent/pods/${pod.metadata.uid}`
    const taken = () =>
      ['etc-hosts', 'resolv.conf', 'containers/main/0'].reduce((sum, name) => sum + statSync(join(folder, name)).blocks * 512, 0)
    await expect.poll(taken, { timeout: 60_000 }).toBeLessThan(5 * mebibyte)
  })

  it('a probe whose command prints megabytes that are no text fails with its first words', async () => {
    const exec = { command: ['/bin/sh', '-c', 'printf "no: \\377\\376"; yes | head -c 8000000; exit 1'] }
    agent.put({
      name: 'loud',
      spec: { containers: [busybox('main', 'exec sleep 1000', { readinessProbe: { exec, periodSeconds: 1, timeoutSeconds: 10 } })] },
    })
    const { message } = await told('loud', 'Unhealthy')
    expect(message).toMatch(/^Readiness probe failed: no: \ufffd\ufffdy\ny\n/)
    expect(message.length).toBeLessThan(1200)
  })

  it('variables that name each other over and over keep their container from starting, and nobody else', async () => {
    const env = Array.from({ length: 30 }, (_, index) => ({ name: `V${index + 1}`, value: `$(V${index})`.repeat(10) }))
    agent.put({
      name: 'laughing',
      spec: { containers: [busybox('main', 'exec sleep 1000', { env: [{ name: 'V0', value: 'ha' }, ...env] })] },
    })
    await agent.until(() => main('laughing')?.state?.waiting?.reason === 'CreateContainerConfigError', 'refused')
    once('meanwhile', 'exit 0')
    await agent.until(() => agent.status('meanwhile')?.phase === 'Succeeded', 'another pod')
  })

  it('a preStop hook that never ends takes the grace and no more', async () => {
    const lifecycle = { preStop: { exec: { command: ['/bin/sh', '-c', 'while true; do sleep 1; done'] } } }
    agent.put({ name: 'clinging', spec: { containers: [busybox('main', "trap '' TERM; while true; do sleep 1; done", { lifecycle })] } })
    await running('clinging')
    agent.delete('clinging', 2)
    await told('clinging', 'FailedPreStopHook')
    await gone('clinging')
  })

  it('images that hold the runtime keep no other pod from starting, and their own pods go as soon as they are deleted', async () => {
    const holding = Array.from({ length: 5 }, (_, index) => `holding-${index}`)
    const pulled = () => agent.events.filter(({ pod, reason }) => holding.includes(pod) && reason === 'Pulled').length
    for (const name of holding) agent.put({ name, spec: { containers: [busybox('main', 'exit 0', { image: fifoImage })] } })
    await agent.until(() => pulled() === 5, 'all begun')
    once('meanwhile', 'exit 0')
    // The runtime would hold every place for four minutes, and each pod would wait for it.
    await agent.until(() => agent.status('meanwhile')?.phase === 'Succeeded', 'another pod', 100_000)
    for (const name of holding) agent.delete(name)
    await Promise.all(holding.map(gone))
  })

  it('a pod of many containers with a thousand variables each runs, and one that leaves thousands of files goes while others come', async () => {
    const env = Array.from({ length: 1000 }, (_, index) => ({ name: `VARIABLE_${index}`, value: 'x'.repeat(50) }))
    const many = Array.from({ length: 10 }, (_, index) => busybox(`c${index}`, 'exec sleep 1000', { env }))
    agent.put({ name: 'many', spec: { containers: many } })
    const volumes = [{ name: 'v', emptyDir: {} }]
    const volumeMounts = [{ name: 'v', mountPath: '/v' }]
    const script =
      'i=0; while [ $i -lt 20 ]; do mkdir /v/$i; i=$((i+1)); done; cd /v; for d in *; do (cd $d; touch $(/bin/busybox seq 1000)); done'
    const littered = once('littered', script, { volumes, containers: [busybox('main', script, { volumeMounts })] })
    await agent.until(() => agent.status('many')?.containerStatuses?.every(({ state }) => state?.running), 'all running', 60_000)
    await agent.until(() => agent.status('littered')?.phase === 'Succeeded', 'the files made', 60_000)
    agent.delete('littered', 0)
    // The agent does other things meanwhile.
    once('meanwhile', 'exit 0')
    await agent.until(() => agent.status('meanwhile')?.phase === 'Succeeded', 'another pod')
    await agent.until(() => !agent.status('littered'), 'littered gone', 60_000)
    expect(existsSync(`${node.dir}/agent/pods/${littered.metadata.uid}`)).toBe(false)
  })
})
