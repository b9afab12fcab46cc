import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bramble, command, eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { containerdPid, processesOf } from '../harness/power.ts'
import { deployWeb, fetchFrom, webPods } from '../harness/web.ts'

describe('one command, a Deployment, a Service: on the machine itself', () => {
  let cluster: TestCluster
  let web: Awaited<ReturnType<typeof deployWeb>>
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    web = await deployWeb(cluster)
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  it('kubectl get pods -o wide reads as on any Kubernetes', async () => {
    const [header = '', ...rows] = (await cluster.kubectl('get', 'pods', '-o', 'wide')).trim().split('\n')
    expect(header.split(/\s{2,}/)).toEqual([
      'NAME',
      'READY',
      'STATUS',
      'RESTARTS',
      'AGE',
      'IP',
      'NODE',
      'NOMINATED NODE',
      'READINESS GATES',
    ])
    expect(rows).toHaveLength(3)
    for (const row of rows)
      expect(row).toMatch(/^web-[a-z0-9]+-[a-z0-9]{5}\s+1\/1\s+Running\s+0\s+\d+s\s+10\.\d+\.0\.\d+\s+\S+\s+<none>\s+<none>/)
  })

  it('kubectl get nodes shows a Ready node with its versions', async () => {
    const out = await cluster.kubectl('get', 'nodes', '-o', 'wide')
    expect(out).toMatch(/ Ready /)
    expect(out).toMatch(/v1\.35\.\d+\+bramble/)
    expect(out).toMatch(/containerd:\/\/\d/)
  })

  it('a join token stands in no command line, and not in the environment of what the agent starts', () => {
    const [node = ''] = cluster.nodes
    const words = (pid: number, file: 'cmdline' | 'environ') => {
      try {
        return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return '' // it has ended meanwhile
      }
    }
    const agent = cluster.pidOf(node)
    expect(words(agent, 'environ')).toMatch(/BRAMBLE_AGENT_TOKEN=[a-z0-9]{6}\.[a-z0-9]{16}/) // as it was started, seen by root alone
    for (const pid of processesOf(cluster, node)) expect(words(pid, 'cmdline')).not.toMatch(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/)
    expect(words(containerdPid(cluster, node), 'environ')).not.toContain('BRAMBLE_AGENT_TOKEN')
  })

  it('kubectl describe pod tells the story in events', async () => {
    const [pod] = await webPods(cluster)
    const out = await cluster.kubectl('describe', 'pod', pod?.metadata.name ?? '')
    for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started']) expect(out).toContain(reason)
    expect(out).toMatch(/Controlled By:\s+ReplicaSet\/web-/)
    expect(out).toMatch(/Limits:\s+memory:\s+64Mi/)
  })

  it('kubectl logs follows a container', async () => {
    const [pod] = await webPods(cluster)
    const follow = cluster.spawnKubectl('logs', '-f', pod?.metadata.name ?? '')
    try {
      let text = ''
      follow.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()))
      await eventually('the first line', async () => text.includes(`serving as ${pod?.metadata.name}`))
      await command('curl', ['-s', `http://${pod?.status.podIP}:8080/after-the-start`])
      await eventually('a line written while following', async () => text.includes('response:404'))
    } finally {
      follow.kill()
    }
    expect(await cluster.kubectl('logs', '--tail=1', pod?.metadata.name ?? '')).not.toContain('serving as')
  })

  it('the Service answers on its ClusterIP and its NodePort, from all its pods', async () => {
    await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
    await fetchFrom(cluster, 0, `http://127.0.0.1:${web.nodePort}/`)
    const answers = new Set<string>()
    await eventually('every pod', async () => answers.add(await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)).size === 3)
  })

  it('memory limits are real', async () => {
    const [pod] = await webPods(cluster)
    const limit = await cgroupLimit(
      pod?.metadata.uid ?? '',
      pod?.status.containerStatuses?.[0]?.containerID?.replace('containerd://', '') ?? '',
    )
    expect(limit).toBe(64 * 1024 * 1024)
  })

  it('a second cluster runs beside it, in another home and on other ports', async () => {
    await using second = await startTestCluster({ nodes: 1 })
    const other = await deployWeb(second, 30081)
    await fetchFrom(second, 0, `http://${other.clusterIP}/`)
    await fetchFrom(second, 0, `http://127.0.0.1:${other.nodePort}/`)
    await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
    await fetchFrom(cluster, 0, `http://127.0.0.1:${web.nodePort}/`)
  })

  it('stopped it leaves nothing behind, and started again it is as it was', async () => {
    const before = await webPods(cluster)
    await cluster.down()
    const { instance, run } = cluster.layout
    expect(existsSync(`/sys/class/net/br-${instance}`), 'the bridge').toBe(false)
    expect((await command('nft', ['list', 'tables'])).stdout).not.toContain(instance)
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(instance)
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(cluster.home)
    expect((await command('pgrep', ['-af', instance])).stdout, 'processes').toBe('')
    expect((await command('pgrep', ['-af', cluster.home])).stdout, 'processes').toBe('')
    expect(existsSync(run), 'running state').toBe(false)

    await cluster.heal()
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
    await eventually('the same pods', async () => {
      const after = await webPods(cluster)
      expect(after.map(({ metadata }) => metadata.uid).sort()).toEqual(before.map(({ metadata }) => metadata.uid).sort())
      return after.every(({ status }) => status.containerStatuses?.every(({ ready }) => ready))
    })
    await fetchFrom(cluster, 0, `http://${web.clusterIP}/`)
  })

  it('a second cluster in the same home or on the same port is refused in one sentence', async () => {
    const { code, stderr } = await command(bramble, ['hub', '--dir', cluster.layout.hubDir, '--https-port', '0'])
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/--https-port/)
    const busy = await command(bramble, [
      'hub',
      '--dir',
      `${cluster.home}/other`,
      '--kubeconfig',
      `${cluster.home}/other.kubeconfig`,
      '--https-port',
      String(cluster.httpsPort),
      '--mqtt-port',
      '18883',
    ])
    expect(busy.code).not.toBe(0)
    expect(busy.stderr).toMatch(new RegExp(`${cluster.httpsPort}.*in use`))
    const home = await command(bramble, [
      'hub',
      '--dir',
      cluster.layout.hubDir,
      '--kubeconfig',
      `${cluster.home}/other.kubeconfig`,
      '--https-port',
      '16443',
      '--mqtt-port',
      '18883',
    ])
    expect(home.code).not.toBe(0)
    expect(home.stderr).toMatch(/in use by another/)
  })
})

/** The limit the kernel enforces, cgroup v1 or v2. */
async function cgroupLimit(podUid: string, containerId: string): Promise<number> {
  const { stdout } = await command('find', [
    '/sys/fs/cgroup',
    '-path',
    `*${podUid}*${containerId}*`,
    '(',
    '-name',
    'memory.limit_in_bytes',
    '-o',
    '-name',
    'memory.max',
    ')',
  ])
  const [file] = stdout.trim().split('\n')
  if (!file) throw new Error(`no memory cgroup of pod ${podUid} with container ${containerId}`)
  return Number(readFileSync(file, 'utf8'))
}
