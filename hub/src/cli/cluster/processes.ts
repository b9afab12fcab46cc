import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Daemon } from '@bramble/edge-agent/host/daemon.ts'
import { type Cluster } from './cluster-file.ts'
import { hubAddress } from './lab-network.ts'
import type { Layout } from './layout.ts'

const bramble = new URL('../hub/bin/bramble', import.meta.url).pathname // seen from dist/

/** The hub of a home, as a process that outlives the command that starts it. */
export const hubDaemon = (layout: Layout, cluster: Cluster): Daemon => ({
  pidFile: join(layout.run, 'hub.pid'),
  logFile: layout.hubLog,
  command: bramble,
  args: [
    'hub',
    ...['--dir', layout.hubDir],
    ...['--kubeconfig', layout.kubeconfig],
    ...['--https-port', String(cluster.httpsPort)],
    ...['--mqtt-port', String(cluster.mqttPort)],
    ...['--cluster-cidr', cluster.clusterCidr],
    ...['--service-cidr', cluster.serviceCidr],
    ...(cluster.lab === undefined ? [] : ['--address', hubAddress(cluster)]),
  ],
})

/** An agent of the home; `token` is for a node that has no certificate yet. */
export const agentDaemon = (layout: Layout, cluster: Cluster, name: string, token?: string): Daemon => {
  const node = layout.node(name)
  return {
    pidFile: join(layout.run, `${name}.pid`),
    logFile: node.log,
    ...inNamespace(layout, cluster, name, [
      'agent',
      ...['--hub', `mqtts://${hubAddress(cluster)}:${cluster.mqttPort}`],
      ...agentPlace(layout, cluster, name),
    ]),
    // Never on the command line, which `ps` shows to everybody.
    ...(token !== undefined && { env: { BRAMBLE_AGENT_TOKEN: token } }),
  }
}

/** Stops a node's pods and takes its containerd, bridge, routes and rules away; images and state stay. */
export const agentReset = (layout: Layout, cluster: Cluster, name: string) =>
  inNamespace(layout, cluster, name, ['agent', 'reset', ...agentPlace(layout, cluster, name)])

/** True once the node has a certificate. */
export const isEnrolled = (layout: Layout, name: string): boolean => existsSync(join(layout.node(name).dir, 'pki', 'node.pem'))

const agentPlace = (layout: Layout, cluster: Cluster, name: string) => {
  const { dir, run } = layout.node(name)
  // Control groups know no namespaces, so every node of this machine has a name of its own: at most eight characters.
  const instance = cluster.lab === undefined ? layout.instance : `${layout.instance}${cluster.nodes.indexOf(name) + 1}`
  return [
    ...['--node', name, '--dir', dir, '--run-dir', run, '--instance', instance],
    ...['--cluster-cidr', cluster.clusterCidr, '--service-cidr', cluster.serviceCidr],
  ]
}

function inNamespace(
  layout: Layout,
  { lab }: Cluster,
  name: string,
  args: readonly string[],
): { command: string; args: readonly string[] } {
  // nsenter and not `ip netns exec`: that one mounts a /sys of its own, in which runc finds no cgroups.
  return lab === undefined
    ? { command: bramble, args }
    : { command: 'nsenter', args: [`--net=/run/netns/${layout.node(name).namespace}`, bramble, ...args] }
}

/** Why a process ended, as its log has it. */
export const lastWords = (logFile: string): string => (existsSync(logFile) ? wordsOf(readFileSync(logFile, 'utf8')) : 'it left no log')

/** The message of the last line that a process wrote. */
export function wordsOf(output: string): string {
  const line = output.trim().split('\n').at(-1) ?? ''
  try {
    const { message, error } = JSON.parse(line) as { message?: string; error?: { message?: string } }
    return error?.message ?? message ?? line
  } catch {
    return line === '' ? 'it left no log' : line.replace(/^bramble( hub| agent)?: /, '')
  }
}
