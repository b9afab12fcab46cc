import { Exec, KubeConfig, type V1Status } from '@kubernetes/client-node'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlBinary } from '../harness/clients.ts'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { hubGauges } from '../harness/hub-gauges.ts'
import { pidsIn } from '../harness/pids-in.ts'
import { commandOf, processes, runtimePid } from '../harness/processes.ts'

describe('bad days of streams', () => {
  let cluster: TestCluster
  const config = new KubeConfig()
  const running = new Set<ChildProcess>()
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    await cluster.importImage('busybox-1.tar')
    await cluster.apply([box('box'), box('mortal')].join('---'))
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=90s')
    config.loadFromFile(cluster.layout.kubeconfig)
  })
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL')
    await cluster?.[Symbol.asyncDispose]()
  })

  const node = () => cluster.nodes[0] ?? ''

  /** A kubectl that goes on. */
  const kubectl = (...args: string[]) => {
    const child = spawn(kubectlBinary(), args, { env: { ...process.env, KUBECONFIG: cluster.layout.kubeconfig } })
    running.add(child)
    const seen = { out: '', err: '' }
    child.stdout.on('data', (bytes: Buffer) => (seen.out += bytes.toString()))
    child.stderr.on('data', (bytes: Buffer) => (seen.err += bytes.toString()))
    child.stdin.on('error', () => {}) // it has ended
    const ended = once(child, 'close').then(([code]) => {
      running.delete(child)
      return { code: Number(code), ...seen }
    })
    return { child, seen, ended }
  }
  /** Sends a word through `cat`, and resolves when it is back. */
  const talk = async ({ child, seen }: ReturnType<typeof kubectl>) => {
    child.stdin.write('word\n')
    await eventually('the word to come back', async () => seen.out.includes('word\n'))
  }
  const containerOf = async (pod: string) => {
    const { status } = await cluster.json<{ status: { containerStatuses: { containerID: string }[] } }>('get', 'pod', pod)
    return status.containerStatuses[0]?.containerID ?? ''
  }
  const commandsIn = (id: string) => pidsIn(id).map(commandOf).sort()
  const noStreams = () => eventually('no stream to be open', async () => (await hubGauges(cluster.layout.kubeconfig))?.streams === 0)

  it('a container that ends in the middle ends what is joined with it, each in its own way', async () => {
    const id = await containerOf('mortal')
    const [exec, attach, logs] = [
      kubectl('exec', '-i', 'mortal', '--', 'cat'),
      kubectl('attach', 'mortal'),
      kubectl('logs', '-f', 'mortal'),
    ]
    await talk(exec)
    await eventually('the log to be read', async () => logs.seen.out.includes('alive') && attach.seen.out.includes('alive'))
    const [main] = pidsIn(id).filter((pid) => commandOf(pid).startsWith('sh -c'))
    process.kill(main ?? 0, 'SIGKILL')
    expect(await exec.ended).toMatchObject({ code: 137, err: 'command terminated with exit code 137\n' })
    expect(await attach.ended).toMatchObject({ code: 0 })
    expect(await logs.ended).toMatchObject({ code: 0, err: '' })
    await noStreams()
  })

  it('a client that is killed leaves no stream, and nothing in the container that read from it', async () => {
    const id = await containerOf('box')
    const exec = kubectl('exec', '-i', 'box', '--', 'cat')
    await talk(exec)
    expect(commandsIn(id)).toContain('cat')
    exec.child.kill('SIGKILL')
    await eventually('the command to have ended', async () => !commandsIn(id).includes('cat'))
    await noStreams()
  })

  it('a runtime that is killed ends commands with that reason, the containers and the next command go on', async () => {
    const id = await containerOf('box')
    const exec = kubectl('exec', '-i', 'box', '--', 'cat')
    await talk(exec)
    process.kill(runtimePid(cluster, node()), 'SIGKILL')
    expect(await exec.ended).toMatchObject({
      code: 1,
      err: expect.stringContaining('the container runtime broke the stream off') as string,
    })
    await eventually('a command again', async () => (await cluster.tryKubectl('exec', 'box', '--', 'echo', 'again')).stdout === 'again\n')
    expect(await containerOf('box')).toBe(id)
    await noStreams()
  })

  it('a thousand commands in a row leave nothing anywhere', async () => {
    const id = await containerOf('box')
    const run = async (count: number) => {
      let left = count
      const lines = Array.from({ length: 8 }, async () => {
        while (left-- > 0) await succeed()
      })
      await Promise.all(lines)
    }
    const succeed = () =>
      new Promise<void>((resolve, reject) => {
        const onStatus = (status: V1Status) => (status.status === 'Success' ? resolve() : reject(new Error(JSON.stringify(status))))
        new Exec(config).exec('default', 'box', 'main', ['true'], new PassThrough().resume(), null, null, false, onStatus).catch(reject)
      })
    await run(24) // what is made once is made
    await noStreams()
    const held = () => ({
      hub: filesOf(cluster.pidOf('hub')),
      agent: filesOf(cluster.pidOf(node())),
      runtime: filesOf(runtimePid(cluster, node())),
      shims: shimsOf(cluster),
      commands: commandsIn(id).filter((command) => command === 'true').length,
    })
    const before = held()
    await run(1000)
    await noStreams()
    await eventually(`all to be as before: ${JSON.stringify(before)}`, async () => {
      const now = held()
      if (Object.entries(now).some(([what, count]) => count > before[what as keyof typeof before])) throw new Error(JSON.stringify(now))
      return true
    })
  })
})

const filesOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length
const shimsOf = (cluster: TestCluster): number =>
  processes().filter(([, command]) => command.includes('containerd-shim') && command.includes(cluster.layout.run)).length

const box = (name: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: docker.io/library/busybox:1
      command: [sh, -c, 'while :; do echo alive; sleep 1; done']
`
