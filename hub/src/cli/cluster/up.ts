import { existsSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import { nodes as nodeKind } from '@bramble/shared/kinds/node.ts'
import { type Daemon, findDaemon, startDaemon, stopDaemon } from '@bramble/edge-agent/host/daemon.ts'
import { exec } from '@bramble/edge-agent/host/exec.ts'
import { unmountUnder } from '@bramble/edge-agent/host/mounts.ts'
import { createJoinToken } from '../../client/join-token.ts'
import { UsageError } from '../command.ts'
import { connect, connected } from './connect.ts'
import type { Cluster } from './cluster-file.ts'
import { ensureLabNetwork, removeLabNetwork } from './lab-network.ts'
import type { Layout } from './layout.ts'
import { agentDaemon, agentReset, hubDaemon, isEnrolled, lastWords, wordsOf } from './processes.ts'

const hubStartMs = 60_000
const nodesReadyMs = 180_000

export type Start = {
  readonly layout: Layout
  readonly cluster: Cluster
  /** Gives up when it aborts; what runs by then stays. */
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Starts whatever of the cluster does not run yet and returns when every node is Ready. Running it again heals. */
export async function startCluster({ layout, cluster, signal, say }: Start): Promise<void> {
  await ensureLabNetwork(layout, cluster)
  await ensureHub({ layout, cluster, signal, say })
  for (const name of cluster.nodes) {
    signal.throwIfAborted()
    await ensureAgent(layout, cluster, name, say)
  }
  await nodesReady({ layout, cluster, signal, say })
}

async function ensureHub({ layout, cluster, signal, say }: Start): Promise<void> {
  const hub = hubDaemon(layout, cluster)
  if (findDaemon(hub) === undefined) {
    say(`starting the hub (API on port ${cluster.httpsPort}, MQTT on port ${cluster.mqttPort})`)
    await startDaemon(hub)
  }
  const why = () => `the hub does not answer on port ${cluster.httpsPort}: see ${layout.hubLog}`
  await until({ timeoutMs: hubStartMs, why, signal }, async () => {
    if (findDaemon(hub) === undefined) throw new UsageError(`the hub ended: ${lastWords(layout.hubLog)}`)
    return isReachable(layout)
  })
}

/** A hub that accepts our kubeconfig is up; before its first start there is none. */
async function isReachable({ kubeconfig }: Layout): Promise<boolean> {
  try {
    await connected(kubeconfig, (client) => client.list(nodeKind, { limit: 1 }, { timeoutMs: 2_000 }))
    return true
  } catch (error) {
    if (error instanceof UsageError || isApiError(error, 'ServiceUnavailable') || isApiError(error, 'Timeout')) return false
    throw error
  }
}

/** A node that was deleted from the cluster cannot come back with what it has: it is started again with a new token. */
async function ensureAgent(layout: Layout, cluster: Cluster, name: string, say: (line: string) => void): Promise<void> {
  const isDeleted = isEnrolled(layout, name) && !(await isMember(layout, name))
  if (findDaemon(agentDaemon(layout, cluster, name)) !== undefined) {
    if (!isDeleted) return
    await stopDaemon(agentDaemon(layout, cluster, name), 15_000)
  }
  say(isDeleted ? `starting node ${name} with a new token, it was deleted` : `starting node ${name}`)
  const joins = isDeleted || !isEnrolled(layout, name)
  await startDaemon(agentDaemon(layout, cluster, name, joins ? await joinToken(layout) : undefined))
}

async function isMember({ kubeconfig }: Layout, name: string): Promise<boolean> {
  try {
    await connected(kubeconfig, (client) => client.get(nodeKind, { name }))
    return true
  } catch (error) {
    if (isApiError(error, 'NotFound')) return false
    throw error
  }
}

const joinToken = ({ kubeconfig, hubDir }: Layout): Promise<string> =>
  connected(kubeconfig, (client) => createJoinToken({ client, hubDir, ttlMs: 15 * 60_000, uses: 1 }))

async function nodesReady({ layout, cluster, signal }: Start): Promise<void> {
  const client = connect(layout.kubeconfig)
  try {
    let missing: readonly string[] = cluster.nodes
    await until(
      {
        timeoutMs: nodesReadyMs,
        why: () => `these nodes are not Ready: ${missing.join(', ')}; see ${layout.node(missing[0] ?? '').log}`,
        signal,
      },
      async () => {
        for (const name of cluster.nodes)
          if (findDaemon(agentDaemon(layout, cluster, name)) === undefined)
            throw new UsageError(`node ${name} ended: ${lastWords(layout.node(name).log)}`)
        const { items } = await client.list(nodeKind)
        const ready = items
          .filter((node) => node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
          .map((node) => node.metadata.name)
        missing = cluster.nodes.filter((name) => !ready.includes(name))
        return missing.length === 0
      },
    )
  } finally {
    client.close()
  }
}

/** Starts again what dies, until the signal aborts: what a service manager does on a board of its own. */
export async function supervise(layout: Layout, cluster: Cluster, signal: AbortSignal, say: (line: string) => void): Promise<void> {
  while (!signal.aborted) {
    await sleep(2_000, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    const all: [string, Daemon][] = [
      ['hub', hubDaemon(layout, cluster)],
      ...cluster.nodes.map((name): [string, Daemon] => [name, agentDaemon(layout, cluster, name)]),
    ]
    for (const [name, daemon] of all) {
      // A service manager signals all of them at once: one that ends because of it is not brought back.
      if (signal.aborted || findDaemon(daemon) !== undefined) continue
      say(`${name} ended (${lastWords(daemon.logFile)}); starting it again`)
      await startDaemon(daemon)
    }
  }
}

/** Stops everything and leaves nothing behind but the home: no process, mount, namespace, bridge or table. */
export async function stopCluster(layout: Layout, cluster: Cluster, say: (line: string) => void): Promise<void> {
  await ensureLabNetwork(layout, cluster) // a node can only be cleared from inside its namespace
  await Promise.all(
    cluster.nodes.map(async (name) => {
      say(`stopping node ${name}`)
      await stopDaemon(agentDaemon(layout, cluster, name), 15_000)
      if (!existsSync(layout.node(name).run)) return // it did not come so far as to put anything on the machine
      const { command, args } = agentReset(layout, cluster, name)
      const { code, stderr } = await exec(command, args, { timeoutMs: 120_000 })
      if (code !== 0) say(`node ${name} could not be cleared: ${wordsOf(stderr)}`)
    }),
  )
  say('stopping the hub')
  await stopDaemon(hubDaemon(layout, cluster), 15_000)
  await removeLabNetwork(layout, cluster)
  await unmountUnder([layout.run])
  rmSync(layout.run, { recursive: true, force: true })
}

type Patience = { readonly timeoutMs: number; readonly why: () => string; readonly signal: AbortSignal }

async function until({ timeoutMs, why, signal }: Patience, isDone: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await isDone())) {
    if (performance.now() > end) throw new UsageError(why())
    await sleep(100, undefined, { signal })
  }
}
