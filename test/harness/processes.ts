import { readdirSync, readFileSync } from 'node:fs'
import type { TestCluster } from './cluster.ts'

/** The words of a process; none of one that has ended meanwhile. */
export const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
  } catch {
    return ''
  }
}

/** All on this machine, with their words. */
export const processes = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), commandOf(Number(pid))] as const)

/** Of a node's containerd. */
export function runtimePid(cluster: TestCluster, node: string): number {
  const folder = cluster.layout.node(node).run
  const [found] = processes().filter(([, command]) => /^\S*containerd /.test(command) && command.includes(folder))
  if (found === undefined) throw new Error(`no containerd of ${node}`)
  return found[0]
}
