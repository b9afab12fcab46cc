import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientBinary, type KubectlAge, kubectlAges, runClient } from '../harness/clients.ts'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'

type Seen = {
  readonly name: string
  readonly containerID?: string
  readonly state: { readonly terminated?: { readonly exitCode: number } }
}
type Status = { readonly phase: string; readonly ephemeralContainerStatuses?: readonly Seen[] }

/** What the kernel says of a container in each profile; the oldest kubectl knows the first alone. */
const profiles: Readonly<Record<string, { readonly capabilities: readonly string[]; readonly isConfined: boolean }>> = {
  legacy: { capabilities: ['chown'], isConfined: false },
  general: { capabilities: ['chown', 'ptrace'], isConfined: false },
  baseline: { capabilities: ['chown'], isConfined: false },
  netadmin: { capabilities: ['chown', 'net'], isConfined: false },
  sysadmin: { capabilities: ['chown', 'net', 'ptrace', 'admin'], isConfined: false },
  restricted: { capabilities: [], isConfined: true },
}
const profilesOf = (age: KubectlAge) => (age === '1.26' ? ['legacy'] : Object.keys(profiles))
/** capabilities(7) */
const capabilities = { chown: 1n << 0n, net: 1n << 12n, ptrace: 1n << 19n, admin: 1n << 21n }

describe('kubectl debug, with real kubectls on a real containerd', () => {
  let cluster: TestCluster
  const running = new Set<ChildProcess>()
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    await cluster.importImage('busybox-1.tar')
    await cluster.apply(`${manifest}---${nobody}`)
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/box', 'pod/other', 'pod/nobody', '--timeout=90s')
  })
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL')
    await cluster?.[Symbol.asyncDispose]()
  })

  /** Types a line into a session once that is there, and reads until the answer; the session goes on until its shell ends. */
  const typed = async (age: KubectlAge, args: readonly string[], { line, answer }: { line: string; answer: RegExp }): Promise<string> => {
    const child = spawn(clientBinary(`kubectl-${age}`), args, { env: { ...process.env, KUBECONFIG: cluster.layout.kubeconfig } })
    running.add(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const closed = once(child, 'close')
    child.stdin.on('error', () => {}) // it ends with the shell
    child.stdin.write(`${line}\n`)
    await expect.poll(() => said, { timeout: 20_000 }).toMatch(answer)
    child.stdin.end('exit 3\n')
    await closed
    running.delete(child)
    return said
  }
  const statusOf = async (pod: string) => (await cluster.json<{ status: Status }>('get', 'pod', pod)).status
  const debuggerIn = async (pod: string, name: string) =>
    (await statusOf(pod)).ephemeralContainerStatuses?.find((each) => each.name === name)
  const ended = (pod: string, name: string) =>
    expect.poll(async () => (await debuggerIn(pod, name))?.state.terminated?.exitCode, { timeout: 20_000 })

  describe.each(kubectlAges)('kubectl %s', (age) => {
    const short = age.replace('.', '')
    const kubectl = (args: readonly string[], stdin?: string) =>
      runClient(`kubectl-${age}`, args, {
        env: { KUBECONFIG: cluster.layout.kubeconfig },
        ...(stdin !== undefined && { stdin }),
        timeoutMs: 20_000,
      })
    const debug = (...args: string[]) => ['debug', '--image=busybox:1', '--image-pull-policy=IfNotPresent', ...args]

    it('looks into a running pod, among the processes of a container of it, and leaves the pod as it was', async () => {
      const name = `look-${short}`
      const said = await typed(age, debug('box', '-i', '-c', name, '--target=main'), {
        line: 'ps; cat /proc/1/root/mine; echo "answer is $((40 + 2))"',
        answer: /answer is 42/,
      })
      expect(said).toMatch(/root +sleep 12345\n/)
      expect(said).not.toContain('sleep 54321')
      expect(said).toContain('main has this')
      await ended('box', name).toBe(3)
      expect(await cluster.kubectl('get', 'pod', 'box', '--no-headers')).toMatch(/^box +2\/2 +Running +0 /)
      expect((await kubectl(['logs', 'box', '-c', name])).out).toContain('answer is 42')
    })

    it('gives what a profile asks for', async () => {
      // Who may not be root looks into a pod that is not.
      const podOf = (profile: string) => (profile === 'restricted' ? 'nobody' : 'box')
      const nameOf = (profile: string) => `${profile}-${short}`
      for (const profile of profilesOf(age)) {
        const { code, err } = await kubectl(
          debug(podOf(profile), `--profile=${profile}`, '-c', nameOf(profile), '--', 'cat', '/proc/self/status'),
        )
        expect(code, err).toBe(0)
      }
      for (const profile of profilesOf(age)) {
        await ended(podOf(profile), nameOf(profile)).toBe(0)
        const { out } = await kubectl(['logs', podOf(profile), '-c', nameOf(profile)])
        const mask = BigInt(`0x${/CapBnd:\s+(\w+)/.exec(out)?.[1]}`)
        expect({
          capabilities: Object.entries(capabilities).flatMap(([name, bit]) => ((mask & bit) === 0n ? [] : [name])),
          isConfined: /NoNewPrivs:\s+1/.test(out) && /Seccomp:\s+2/.test(out),
        }).toEqual(profiles[profile])
      }
    })

    it('looks into a copy of a pod, which shares its processes, on the same node', async () => {
      const copy = `copy-${short}`
      const args = debug('other', '-i', `--copy-to=${copy}`, '-c', 'shell', '--share-processes', '--same-node')
      const said = await typed(age, args, { line: 'ps; echo "answer is $((40 + 2))"', answer: /answer is 42/ })
      expect(said).toMatch(/1 \S+ +\/pause/)
      expect(said).toContain('sleep 777')
      const { spec } = await cluster.json<{ spec: { nodeName: string; shareProcessNamespace: boolean } }>('get', 'pod', copy)
      expect(spec).toMatchObject({ nodeName: cluster.nodes[0], shareProcessNamespace: true })
    })

    it('replaces a pod by a copy with another command and image', async () => {
      const [before, after] = [`before-${short}`, `after-${short}`]
      await cluster.apply(manifest.split('---')[1]?.replace('name: other', `name: ${before}`) ?? '')
      await cluster.kubectl('wait', '--for=condition=Ready', `pod/${before}`, '--timeout=60s')
      const copied = ['debug', before, `--copy-to=${after}`, '--replace', '--set-image=*=busybox:1', '--share-processes=false']
      expect((await kubectl([...copied, '-c', 'main', '--', 'sleep', '888'])).err).not.toMatch(/error/i)
      await cluster.kubectl('wait', '--for=condition=Ready', `pod/${after}`, '--timeout=60s')
      expect((await kubectl(['exec', after, '-c', 'main', '--', 'ps'])).out).toMatch(/1 root +sleep 888/)
      await cluster.kubectl('wait', '--for=delete', `pod/${before}`, '--timeout=60s')
    })

    it('looks at the node: its files, its processes, its network and its IPC', async () => {
      const hub = cluster.pidOf('hub')
      const said = await typed(age, debug(`node/${cluster.nodes[0]}`, '-i'), {
        line: `cat /host/etc/hostname; cat /proc/${hub}/cmdline | tr '\\0' ' '; ls -l /proc/self/ns; echo "answer is $((40 + 2))"`,
        answer: /answer is 42/,
      })
      expect(said).toContain(readFileSync('/etc/hostname', 'utf8').trim())
      expect(said).toContain('hub.mjs')
      for (const namespace of ['net', 'pid', 'ipc']) expect(said).toContain(readlinkSync(`/proc/self/ns/${namespace}`))
    })

    it('runs a pod for one command, with what it is to read, and ends as the command does', async () => {
      const run = [
        'run',
        `run-${short}`,
        '-i',
        '--rm',
        '--quiet',
        '--restart=Never',
        '--image=busybox:1',
        '--image-pull-policy=IfNotPresent',
      ]
      expect(await kubectl([...run, '--', 'sh', '-c', 'cat; exit 7'], 'hello\n')).toMatchObject({
        code: 7,
        out: expect.stringContaining('hello\n'),
      })
      expect((await cluster.tryKubectl('get', 'pod', `run-${short}`)).stderr).toContain('not found')
    })
  })

  it('a debugger goes on when the agent restarts, is never started again, and ends with its pod', async () => {
    const debug = ['debug', 'other', '--image=busybox:1', '--profile=general']
    await cluster.kubectl(...debug, '-c', 'gone', '--', 'true')
    await cluster.kubectl(...debug, '-c', 'stays', '--', 'sleep', '4321')
    await ended('other', 'gone').toBe(0)
    await expect.poll(async () => (await debuggerIn('other', 'stays'))?.containerID, { timeout: 20_000 }).toBeDefined()
    const before = (await statusOf('other')).ephemeralContainerStatuses
    process.kill(cluster.pidOf(cluster.nodes[0] ?? ''), 'SIGKILL')
    await cluster.heal()
    await eventually(
      'the node answers again',
      async () => (await cluster.tryKubectl('exec', 'other', '-c', 'stays', '--', 'true')).code === 0,
    )
    expect((await statusOf('other')).ephemeralContainerStatuses).toEqual(before)
    await cluster.kubectl('delete', 'pod', 'other', '--timeout=60s')
  })

  it('a debugger whose image does not come holds up nothing of the pod', async () => {
    const registry = createServer((socket) => void held.add(socket.on('error', () => {})))
    const held = new Set<Socket>()
    await once(registry.listen(0, '127.0.0.1'), 'listening')
    const { port } = registry.address() as AddressInfo // of TCP
    try {
      await cluster.kubectl('debug', 'box', `--image=127.0.0.1:${port}/mute:1`, '--profile=general', '-c', 'mute')
      await expect.poll(() => held.size, { timeout: 20_000 }).toBeGreaterThan(0)
      await cluster.kubectl('exec', 'box', '-c', 'main', '--', 'rm', '/mine')
      await cluster.kubectl('wait', '--for=condition=Ready=false', 'pod/box', '--timeout=20s')
      await cluster.kubectl('debug', 'box', '--image=busybox:1', '--profile=general', '-c', 'killer', '--target=main', '--', 'kill', '1')
      await cluster.kubectl('wait', '--for=condition=Ready', 'pod/box', '--timeout=20s')
      expect(await cluster.kubectl('get', 'pod', 'box', '--no-headers')).toMatch(/^box +2\/2 +Running +1 /)
      expect((await debuggerIn('box', 'mute'))?.state).toEqual({ waiting: { reason: 'ContainerCreating' } })
    } finally {
      registry.close()
      for (const socket of held) socket.destroy()
    }
  })

  it('a debugger waits for its target, and says so', async () => {
    await cluster.apply(late)
    await cluster.kubectl('debug', 'late', '--image=busybox:1', '--profile=general', '-c', 'waits', '--target=main', '--', 'ps')
    await expect
      .poll(async () => JSON.stringify((await debuggerIn('late', 'waits'))?.state), { timeout: 20_000 })
      .toContain('target container \\"main\\" is not running')
    await cluster.kubectl('exec', 'late', '-c', 'prepare', '--', 'touch', '/go')
    await ended('late', 'waits').toBe(0)
    expect(await cluster.kubectl('logs', 'late', '-c', 'waits')).toMatch(/1 root +sleep 555/)
    const events = await cluster.kubectl('get', 'events', '--field-selector=involvedObject.fieldPath=spec.ephemeralContainers{waits}')
    for (const told of ['Error: target container "main" is not running', 'Started container waits']) expect(events).toContain(told)
  })

  it('a debugger that may not be root is not started from an image that is, and says so', async () => {
    await cluster.kubectl('debug', 'box', '--image=busybox:1', '--profile=restricted', '-c', 'refused', '--', 'true')
    await expect
      .poll(async () => JSON.stringify((await debuggerIn('box', 'refused'))?.state), { timeout: 20_000 })
      .toContain('container has runAsNonRoot and image will run as root')
  })
})

const manifest = `
apiVersion: v1
kind: Pod
metadata: { name: box }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: docker.io/library/busybox:1
      command: [sh, -c, 'trap exit TERM; echo main has this > /mine; sleep 12345 & wait']
      readinessProbe: { exec: { command: [test, -e, /mine] }, periodSeconds: 1, failureThreshold: 1 }
    - { name: second, image: docker.io/library/busybox:1, command: [sleep, '54321'] }
---
apiVersion: v1
kind: Pod
metadata: { name: other }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - { name: main, image: docker.io/library/busybox:1, command: [sleep, '777'] }
`
const nobody =
  manifest.split('---')[1]?.replace('name: other }\nspec:', 'name: nobody }\nspec:\n  securityContext: { runAsUser: 1000 }') ?? ''
const late = `
apiVersion: v1
kind: Pod
metadata: { name: late }
spec:
  terminationGracePeriodSeconds: 0
  initContainers:
    - { name: prepare, image: docker.io/library/busybox:1, command: [sh, -c, 'until [ -e /go ]; do sleep 0.1; done'] }
  containers:
    - { name: main, image: docker.io/library/busybox:1, command: [sleep, '555'] }
`
