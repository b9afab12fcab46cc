import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import * as z from 'zod'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'
import { execOk } from '@bramble/edge-agent/host/exec.ts'
import { UsageError } from '../command.ts'
import type { Layout } from './layout.ts'

const schema = z.strictObject({
  httpsPort: z.number(),
  mqttPort: z.number(),
  clusterCidr: z.string(),
  serviceCidr: z.string(),
  nodes: z.array(z.string()).min(1),
  /** Present when every node has a network namespace of its own: their common /24, as its first three numbers. */
  lab: z.string().optional(),
})

/** What `up` decided for a home on its first run and keeps from then on. */
export type Cluster = z.infer<typeof schema>

export type Wishes = { readonly nodes?: number; readonly httpsPort?: number; readonly mqttPort?: number }

/** The cluster of a home: as it was, with the wishes that may still change (ports, more nodes), or a new one. */
export async function decideCluster(layout: Layout, wishes: Wishes): Promise<Cluster> {
  const known = readCluster(layout)
  const cluster = known === undefined ? await newCluster(wishes) : changed(layout, known, wishes)
  writeFileAtomic(layout.clusterFile, `${JSON.stringify(cluster, null, 2)}\n`)
  return cluster
}

export function readCluster({ clusterFile }: Layout): Cluster | undefined {
  if (!existsSync(clusterFile)) return undefined
  return schema.parse(JSON.parse(readFileSync(clusterFile, 'utf8')))
}

async function newCluster({ nodes = 1, httpsPort = 6443, mqttPort = 8883 }: Wishes): Promise<Cluster> {
  const taken = await takenNetworks()
  // Pods and Services take neighbouring /16s; the next pair is for a second cluster beside this one.
  const second = [42, 44, 46, 48, 50, 52].find(
    (number) => ![number, number + 1].some((part) => taken.some((net) => net.startsWith(`10.${part}.`))),
  )
  if (second === undefined) throw new UsageError('10.42.0.0/16 to 10.53.0.0/16 are all in use on this machine: take a cluster down first')
  const lab = Array.from({ length: 50 }, (_, index) => `10.201.${index}`).find(
    (prefix) => !taken.some((net) => net.startsWith(`${prefix}.`)),
  )
  if (lab === undefined) throw new UsageError('10.201.0.0/24 to 10.201.49.0/24 are all in use on this machine: take a cluster down first')
  return {
    httpsPort,
    mqttPort,
    clusterCidr: `10.${second}.0.0/16`,
    serviceCidr: `10.${second + 1}.0.0/16`,
    ...(nodes === 1 ? { nodes: [nodeNameOfHost()] } : { nodes: names(nodes), lab }),
  }
}

function changed(
  { home }: Layout,
  known: Cluster,
  { nodes = known.nodes.length, httpsPort = known.httpsPort, mqttPort = known.mqttPort }: Wishes,
): Cluster {
  if (nodes !== known.nodes.length && known.lab === undefined)
    throw new UsageError(`${home} was made with one node on this machine's own network: for ${nodes} nodes take another --home`)
  if (nodes < known.nodes.length)
    throw new UsageError(`${home} has ${known.nodes.length} nodes: delete a node with kubectl instead of asking for ${nodes}`)
  return { ...known, httpsPort, mqttPort, ...(known.lab !== undefined && { nodes: names(nodes) }) }
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `node-${index + 1}`)

const nodeNameOfHost = () =>
  hostname()
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '') || 'node'

/** Every IPv4 network that has a route here, `10.42.0.0/24`. */
async function takenNetworks(): Promise<readonly string[]> {
  const routes = z.array(z.object({ dst: z.string() })).parse(JSON.parse(await execOk('ip', ['-j', '-4', 'route', 'show', 'table', 'all'])))
  return routes.map(({ dst }) => dst)
}
