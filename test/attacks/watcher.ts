import { Agent, request } from 'node:https'
import type { Target } from '../bench/api-load.ts'
import { memoryMiB } from '../bench/process.ts'
import type { TestCluster } from '../harness/cluster.ts'

export type Answer = { readonly status: number; readonly text: string }
export type Ask = { readonly method: string; readonly path: string; readonly body?: string; readonly contentType?: string }

/** One HTTPS request with a client certificate. */
export const ask = (agent: Agent, port: number, { method, path, body, contentType = 'application/json' }: Ask): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }
    const outgoing = request({ agent, host: '127.0.0.1', port, method, path, headers, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in 30 s')))
    outgoing.on('error', reject)
    outgoing.end(body)
  })

export const agentOf = ({ ca, cert, key }: Target): Agent => new Agent({ keepAlive: true, ca, cert, key })

export type Seen = {
  readonly rssBefore: number
  readonly rssMost: number
  readonly p99Ms: number
  readonly slowestMs: number
  readonly failed: number
  /** The oldest that a lease of the cluster's own nodes became, in seconds. */
  readonly oldestLease: number
}

const everyMs = 50

/** What somebody else sees of the hub while something happens: its memory, the time of its answers, the age of its nodes' leases. */
export async function watching(cluster: TestCluster, target: Target, happening: () => Promise<void>): Promise<Seen> {
  const hub = cluster.pidOf('hub')
  const agent = agentOf(target)
  const rss = () => {
    try {
      return memoryMiB(hub).rss
    } catch {
      return 0 // it has ended
    }
  }
  const rssBefore = rss()
  const times: number[] = []
  const over = new AbortController()
  let [rssMost, failed, oldestLease] = [rssBefore, 0, 0]
  const leases = () => ask(agent, target.port, { method: 'GET', path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases' })
  const look = async () => {
    while (!over.signal.aborted) {
      const at = performance.now()
      try {
        const { items } = JSON.parse((await leases()).text) as {
          items: { metadata: { name: string }; spec: { renewTime: string } }[]
        } // the API's own words
        times.push(performance.now() - at)
        for (const { metadata, spec } of items)
          if (cluster.nodes.includes(metadata.name)) oldestLease = Math.max(oldestLease, (Date.now() - Date.parse(spec.renewTime)) / 1000)
      } catch {
        failed += 1
      }
      rssMost = Math.max(rssMost, rss())
      await new Promise((resolve) => setTimeout(resolve, everyMs))
    }
  }
  const looking = look()
  try {
    await happening()
  } finally {
    over.abort()
    await looking
    agent.destroy()
  }
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { rssBefore, rssMost, p99Ms: at(0.99), slowestMs: at(1), failed, oldestLease }
}
