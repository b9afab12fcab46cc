import {
  Attach,
  CoreV1Api,
  Cp,
  Exec,
  KubeConfig,
  Log,
  Metrics,
  topNodes,
  topPods,
  type V1Pod,
  type V1Status,
  Watch,
} from '@kubernetes/client-node'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, type Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestCluster, type TestCluster } from '../harness/cluster.ts'

/** Its own integration scenarios, and what is beside them; of ports tells port-forward.test.ts, of informers test/clients/operator.test.ts. */
describe('the official JavaScript client, to a real containerd', () => {
  let cluster: TestCluster
  const config = new KubeConfig()
  const folder = mkdtempSync(join(tmpdir(), 'bramble-js-client-'))
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    await cluster.importImage('busybox-1.tar')
    await cluster.apply(pods)
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=90s')
    config.loadFromFile(cluster.layout.kubeconfig)
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await cluster?.[Symbol.asyncDispose]()
  })

  const run = async (command: string[], stdin?: Readable) => {
    const [out, err] = [new PassThrough(), new PassThrough()]
    const [outText, errText] = [textOf(out), textOf(err)]
    const status = await new Promise<V1Status>((resolve, reject) => {
      new Exec(config).exec('default', 'box', 'main', command, out, err, stdin ?? null, false, resolve).catch(reject)
    })
    return { status, out: await outText, err: await errText }
  }

  it('runs commands, and its callback hears how they ended', async () => {
    expect(await run(['sh', '-c', 'echo out; echo err >&2'])).toEqual({
      status: expect.objectContaining({ status: 'Success' }) as V1Status,
      out: 'out\n',
      err: 'err\n',
    })
    const failed = await run(['sh', '-c', 'exit 7'])
    expect(failed.status).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    })
    const missing = await run(['/no/such/command'])
    expect(missing.status).toMatchObject({ status: 'Failure', message: expect.stringContaining('no such file or directory') as string })
  })

  it('gives a command what it reads, to its end', async () => {
    const sent = randomBytes(3_000_000)
    const { out } = await run(['wc', '-c'], Readable.from([0, 1, 2].map((at) => sent.subarray(at * 1_000_000, (at + 1) * 1_000_000))))
    expect(out.trim()).toBe('3000000')
  })

  it('hears why there is no stream', async () => {
    const none = new Exec(config).exec('default', 'nobody', 'main', ['true'], null, null, null, false)
    await expect(none).rejects.toMatchObject({ message: 'Unexpected server response: 404' })
  })

  it('attaches to what runs', async () => {
    const [said, words] = [new PassThrough(), new PassThrough()]
    const text = textOf(said)
    const socket = (await new Attach(config).attach('default', 'listener', 'main', said, null, words, false)) as unknown as Opened
    const closed = new Promise<void>((resolve) => socket.on('close', resolve))
    words.write('one\n')
    words.end('two\n')
    await closed
    said.end()
    expect(await text).toBe('heard one\nheard two\nheard all\n')
  })

  it('follows a log until it stops', async () => {
    const lines = new PassThrough()
    const leave = await new Log(config).log('default', 'talker', 'main', lines, { follow: true, tailLines: 2 })
    let seen = ''
    lines.on('data', (bytes: Buffer) => (seen += bytes.toString()))
    await expect.poll(() => seen.split('\n').length, { timeout: 20_000 }).toBeGreaterThan(5)
    const numbers = seen.trimEnd().split('\n').map(Number)
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
    leave.abort()
  })

  it('copies a folder to a pod and a file from it', async () => {
    const bytes = randomBytes(5_000_000)
    const [source, target] = [join(folder, 'source'), join(folder, 'target')]
    for (const each of [source, target]) mkdirSync(each)
    writeFileSync(join(source, 'big'), bytes)
    const cp = new Cp(config, new Unpacked(config))
    await cp.cpToPod('default', 'box', 'main', source, '/tmp')
    await expect.poll(async () => (await run(['stat', '-c', '%s', '/tmp/big'])).out.trim(), { timeout: 20_000 }).toBe('5000000')
    await cp.cpFromPod('default', 'box', 'main', 'big', target, '/tmp')
    const copy = join(target, 'big')
    await expect.poll(() => existsSync(copy) && readFileSync(copy).equals(bytes), { timeout: 20_000 }).toBe(true)
  })

  it('watches pods that come and go', async () => {
    const seen: string[] = []
    const leave = await new Watch(config).watch(
      '/api/v1/namespaces/default/pods',
      { labelSelector: 'app=seen' },
      (type: string, { metadata, status }: V1Pod) => seen.push(`${type} ${metadata?.name} ${status?.phase}`),
      () => {},
    )
    const core = config.makeApiClient(CoreV1Api)
    const containers = [{ name: 'main', image: 'docker.io/library/busybox:1', command: ['sleep', '100000'] }]
    const body: V1Pod = { metadata: { name: 'seen', labels: { app: 'seen' } }, spec: { containers, terminationGracePeriodSeconds: 0 } }
    await core.createNamespacedPod({ namespace: 'default', body })
    await expect.poll(() => seen.includes('MODIFIED seen Running'), { timeout: 30_000 }).toBe(true)
    await core.deleteNamespacedPod({ name: 'seen', namespace: 'default' })
    await expect.poll(() => seen.at(-1)?.startsWith('DELETED seen'), { timeout: 30_000 }).toBe(true)
    expect(seen[0]).toBe('ADDED seen Pending')
    leave.abort()
  })

  it('shows what pods and nodes use', async () => {
    const core = config.makeApiClient(CoreV1Api)
    let talker
    await expect
      .poll(
        async () => {
          const all = await topPods(core, new Metrics(config), 'default').catch(() => [])
          talker = all.find(({ Pod }) => Pod.metadata?.name === 'talker')
          return talker?.Containers
        },
        { timeout: 30_000 },
      )
      .toHaveLength(1)
    expect(talker).toMatchObject({ Memory: { LimitTotal: BigInt(32 * 1024 * 1024) } })
    expect(Number((talker as unknown as { Memory: { CurrentUsage: bigint } }).Memory.CurrentUsage)).toBeGreaterThan(0)
    const [node] = await topNodes(core)
    expect(node?.Node.metadata?.name).toBe(cluster.nodes[0])
    expect(Number(node?.Memory.LimitTotal)).toBe(32 * 1024 * 1024)
    expect((await new Metrics(config).getNodeMetrics()).items.map(({ metadata }) => metadata.name)).toEqual([...cluster.nodes])
  })
})

type Opened = { on(event: 'close', listener: () => void): void }

/** Its `Cp` has what it copies from a pod compressed, and unpacks it as if that were not so (its version 1.4.0): here it is not. */
class Unpacked extends Exec {
  override exec(...[namespace, pod, container, command, ...rest]: Parameters<Exec['exec']>): ReturnType<Exec['exec']> {
    const plain = Array.isArray(command) ? command.map((word) => (word === 'zcf' ? 'cf' : word)) : command
    return super.exec(namespace, pod, container, plain, ...rest)
  }
}

async function textOf(from: Readable & Writable): Promise<string> {
  let text = ''
  from.on('data', (bytes: Buffer) => (text += bytes.toString()))
  await once(from, 'end')
  return text
}

const pods = `
apiVersion: v1
kind: Pod
metadata: { name: box }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: docker.io/library/busybox:1
      command: [sh, -c, 'sleep 100000']
---
apiVersion: v1
kind: Pod
metadata: { name: listener }
spec:
  terminationGracePeriodSeconds: 0
  restartPolicy: Never
  containers:
    - name: main
      image: docker.io/library/busybox:1
      stdin: true
      stdinOnce: true
      command: [sh, -c, 'while read -r words; do echo "heard $words"; done; echo heard all']
---
apiVersion: v1
kind: Pod
metadata: { name: talker }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: docker.io/library/busybox:1
      command: [sh, -c, 'i=0; while :; do i=$((i+1)); echo $i; usleep 50000; done']
      resources: { limits: { memory: 32Mi } }
`
