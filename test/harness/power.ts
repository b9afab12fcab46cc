import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createCri } from '@bramble/edge-agent/cri/client.ts'
import { findDaemon, startDaemon } from '@bramble/edge-agent/host/daemon.ts'
import { mountsUnder, unmountUnder } from '@bramble/edge-agent/host/mounts.ts'
import { readCluster } from '@bramble/hub/cli/cluster/cluster-file.ts'
import { agentDaemon } from '@bramble/hub/cli/cluster/processes.ts'
import { bramble, command, type TestCluster } from './cluster.ts'

const containerdOf = (cluster: TestCluster, node: string) => ({
  pidFile: join(cluster.layout.node(node).run, 'containerd/containerd.pid'),
  logFile: '',
  command: '',
  args: [],
})

export function containerdPid(cluster: TestCluster, node: string): number {
  const pid = findDaemon(containerdOf(cluster, node))
  if (pid === undefined) throw new Error(`no containerd runs on ${node}`)
  return pid
}

/** The pods that a node's own containerd runs now, by uid: what is true on the node, whatever the hub knows. */
export async function podsOnNode(cluster: TestCluster, node: string): Promise<readonly string[]> {
  const cri = createCri(join(cluster.layout.node(node).run, 'containerd/containerd.sock'))
  try {
    const running = (await cri.listContainers()).filter(({ state }) => state === 'CONTAINER_RUNNING')
    return [...new Set(running.map(({ labels }) => labels['io.kubernetes.pod.uid'] ?? ''))].sort()
  } finally {
    cri.close()
  }
}

/** Every process of a node: its agent, its containerd and shims, and what runs in its containers. */
export function processesOf(cluster: TestCluster, node: string): readonly number[] {
  const { run, dir } = cluster.layout.node(node)
  const tasks = join(run, 'containerd/state/io.containerd.runtime.v2.task/k8s.io')
  const containers = list(tasks)
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const words = read(`/proc/${pid}/cmdline`)
      return words.includes(`${run}/`) || words.includes(dir) || containers.some((id) => read(`/proc/${pid}/cgroup`).includes(id))
    })
    .map(Number)
}

/** What is left of a cluster on the machine beside its home; nothing after `bramble down`. */
export async function remainsOf({ layout, nodes }: TestCluster): Promise<readonly string[]> {
  const { stdout: links } = await command('ip', ['-br', 'link'])
  const { stdout: tables } = await command('nft', ['list', 'tables'])
  const { stdout: groups } = await command('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-name', `bramble-${layout.instance}*`])
  return [
    ...list('/proc')
      .filter((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/cmdline`).includes(layout.run))
      .map((pid) => `process ${read(`/proc/${pid}/cmdline`)}`),
    ...mountsUnder([layout.run, ...nodes.map((name) => layout.node(name).dir)]).map((point) => `mount ${point}`),
    ...list('/run/netns')
      .filter((name) => name.includes(layout.instance))
      .map((name) => `namespace ${name}`),
    ...list('/run/bramble')
      .filter((name) => name === layout.instance)
      .map((name) => `folder ${name}`),
    ...`${links}${tables}${groups}`.split('\n').filter((line) => line.includes(layout.instance)),
  ]
}

/** A node's power is cut: every process dies at once, and what was in memory is gone. The board then has its network again. */
export async function cutPower(cluster: TestCluster, index: number): Promise<void> {
  const node = cluster.nodes[index] ?? ''
  const { run, dir } = cluster.layout.node(node)
  for (const pid of processesOf(cluster, node)) kill(pid)
  await unmountUnder([run, join(dir, 'pods')])
  rmSync(run, { recursive: true, force: true })
  await cluster.onNode(index, 'nft', 'flush', 'ruleset')
  const { stdout } = await cluster.onNode(index, 'ip', '-br', 'link')
  const links = stdout.split('\n').flatMap((line) => line.split(/[\s@]/)[0] || [])
  for (const link of links.filter((name) => name !== 'lo' && name !== 'eth0')) await cluster.onNode(index, 'ip', 'link', 'delete', link)
  await cluster.onNode(index, 'ip', 'route', 'flush', 'proto', '98')
}

/** The board starts: its agent alone, as its service manager would start it. */
export async function startAgent(cluster: TestCluster, index: number): Promise<void> {
  const known = readCluster(cluster.layout)
  if (known === undefined) throw new Error('no cluster')
  const daemon = agentDaemon(cluster.layout, known, cluster.nodes[index] ?? '')
  // The daemon's program is told from the bundle's place; here it runs from the sources.
  const args = daemon.args.map((word) => (word.endsWith('hub/bin/bramble') ? bramble : word))
  await startDaemon({ ...daemon, command: daemon.command.endsWith('bramble') ? bramble : daemon.command, args })
}

/** Ends a process at once, if it has not ended with another that was killed just before. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ended with its parent
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // ended meanwhile
  }
}
