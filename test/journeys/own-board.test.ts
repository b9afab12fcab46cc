import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { containerdConfig } from '@bramble/edge-agent/runtime/containerd-config.ts'
import { sandboxImage } from '@bramble/edge-agent/runtime/containerd.ts'
import { importImage } from '@bramble/edge-agent/runtime/images.ts'
import { bramble, command, eventually, images, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { deployWeb, type PodStatus } from '../harness/web.ts'

describe('a board of its own, with a containerd of its own, joins with a token', () => {
  let cluster: TestCluster
  let board: Awaited<ReturnType<typeof startBoard>>
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 2 })
    await deployWeb(cluster)
    board = await startBoard(cluster)
  })
  afterAll(async () => {
    await board?.stop()
    await cluster?.[Symbol.asyncDispose]()
  })

  it('is refused without a good token, in one sentence', async () => {
    const without = await command(bramble, ['agent', ...board.place, '--hub', board.hub])
    expect(without.stderr).toMatch(/has not joined yet: give --token/)
    const [id = '', secret = '', hash = ''] = (await cluster.bramble('token', 'create', '--home', cluster.home)).trim().split('.')
    const wrong = await board.agentOnce('--token', `${id}.${[...secret].toReversed().join('')}.${hash}`)
    expect(wrong).toMatch(/join token .* is unknown or was revoked: make a new one with `bramble token create`/)
    const foreign = await board.agentOnce('--token', `${id}.${secret}.${'0'.repeat(64)}`)
    expect(foreign).toMatch(/another hub|fingerprint|does not match/i)
  })

  it('becomes a Ready node, whose pods reach the Services of the others', async () => {
    const token = (await cluster.bramble('token', 'create', '--home', cluster.home, '--ttl', '10m')).trim()
    board.startAgent('--token', token)
    await eventually('the board Ready', async () => / Ready /.test(await cluster.kubectl('get', 'node', 'board')))
    const { spec } = await cluster.json<{ spec: { clusterIP: string } }>('get', 'service', 'web')
    await cluster.apply(`
apiVersion: v1
kind: Pod
metadata: { name: on-board }
spec:
  nodeSelector: { kubernetes.io/hostname: board }
  restartPolicy: OnFailure
  containers:
    - name: client
      image: docker.io/library/busybox:1
      command: [sh, -c, "printf 'GET / HTTP/1.0\\\\r\\\\n\\\\r\\\\n' | nc -w 3 ${spec.clusterIP} 80"]
`)
    await eventually(
      'its end',
      async () => (await cluster.json<{ status: PodStatus }>('get', 'pod', 'on-board')).status.phase === 'Succeeded',
    )
    expect(await cluster.kubectl('logs', 'on-board')).toContain('hello from web-')
  })

  it('comes back under its name without the token', async () => {
    await board.stopAgent()
    board.startAgent()
    await eventually('the board Ready', async () => / Ready /.test(await cluster.kubectl('get', 'node', 'board')))
  })
})

/** A network namespace on the cluster's switch with nothing in it but a containerd that somebody else configured. */
async function startBoard(cluster: TestCluster) {
  const dir = mkdtempSync(join(tmpdir(), 'bramble-board-'))
  const namespace = `board-${process.pid}`
  const [prefix = ''] = /^\d+\.\d+\.\d+/.exec(cluster.nodeAddress(0)) ?? []
  const ip = (...args: string[]) => execFileSync('ip', args)
  ip('netns', 'add', namespace)
  ip('link', 'add', 'vboard', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
  ip('link', 'set', 'vboard', 'master', cluster.layout.labBridge, 'up')
  ip('-n', namespace, 'link', 'set', 'lo', 'up')
  ip('-n', namespace, 'addr', 'add', `${prefix}.99/24`, 'dev', 'eth0')
  ip('-n', namespace, 'link', 'set', 'eth0', 'up')
  ip('-n', namespace, 'route', 'add', 'default', 'via', `${prefix}.1`)
  const enter = (...args: string[]): ChildProcess =>
    spawn('nsenter', [`--net=/run/netns/${namespace}`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })

  const socket = join(dir, 'containerd.sock')
  const cniConfDir = join(dir, 'cni')
  mkdirSync(cniConfDir)
  const paths = { root: join(dir, 'root'), state: join(dir, 'state'), socket, cniConfDir, cniBinDir: '/usr/lib/cni' }
  writeFileSync(join(dir, 'config.toml'), containerdConfig({ ...paths, sandboxImage, restrictOomScoreAdj: true, disableApparmor: true }))
  const containerd = enter('containerd', '--config', join(dir, 'config.toml'))
  await eventually('the images', async () => {
    execFileSync('ctr', [
      '--address',
      cluster.layout.node('node-1').containerdSocket,
      '-n',
      'k8s.io',
      'images',
      'export',
      join(dir, 'pause.tar'),
      sandboxImage,
    ])
    for (const file of [join(dir, 'pause.tar'), join(images, 'busybox-1.tar')]) await importImage(socket, file)
    return true
  })

  const hub = `mqtts://${prefix}.1:${cluster.mqttPort}`
  const place = [
    '--node',
    'board',
    '--dir',
    join(dir, 'agent'),
    '--run-dir',
    join(dir, 'run'),
    '--instance',
    'board',
    '--cri-socket',
    socket,
    '--cri-cni-conf-dir',
    cniConfDir,
  ]
  let agent: ChildProcess | undefined
  const start = (...args: string[]) => enter(bramble, 'agent', ...place, '--hub', hub, ...args)
  const self = {
    hub,
    place,
    /** For an agent that must refuse: its words. */
    async agentOnce(...args: string[]): Promise<string> {
      const once = start(...args)
      let text = ''
      for (const stream of [once.stdout, once.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
      await new Promise((resolve) => once.on('exit', resolve))
      return text
    },
    startAgent(...args: string[]) {
      agent = start(...args)
    },
    async stopAgent() {
      if (agent === undefined) return
      const ended = new Promise((resolve) => agent?.on('exit', resolve))
      agent.kill('SIGTERM')
      await ended
      agent = undefined
    },
    async stop() {
      await self.stopAgent()
      await command('nsenter', [`--net=/run/netns/${namespace}`, bramble, 'agent', 'reset', ...place])
      const ended = new Promise((resolve) => containerd.on('exit', resolve))
      containerd.kill('SIGTERM')
      await ended
      ip('netns', 'delete', namespace)
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return self
}
