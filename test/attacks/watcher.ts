import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:https'
import { setPriority } from 'node:os'
import type { Target } from '../bench/api-load.ts'
import { memoryMiB } from '../bench/process.ts'
import type { TestCluster } from '../harness/cluster.ts'
import type { Answer } from './attack.ts'

export type Ask = {
  readonly method: string
  readonly path: string
  readonly body?: string
  readonly contentType?: string
  readonly accept?: string
}

/** One HTTPS request with a client certificate. */
export const ask = (agent: Agent, port: number, { method, path, body, contentType = 'application/json', accept }: Ask): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = {
      ...(accept !== undefined && { accept }),
      ...(body !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
    }
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

export const agentOf = ({ ca, cert, key }: Pick<Target, 'ca' | 'cert' | 'key'>): Agent => new Agent({ keepAlive: true, ca, cert, key })

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

type Sight = {
  readonly target: { readonly port: number; readonly ca: string; readonly cert: string; readonly key: string }
  readonly nodes: readonly string[]
  readonly hub: number
}

/** What somebody else sees of the hub while something happens, from a process of its own: its memory, its answers, its nodes' leases. */
export async function watching(cluster: TestCluster, target: Target, happening: () => Promise<void>): Promise<Seen> {
  const { port, ca, cert, key } = target
  const sight: Sight = { target: { port, ca: `${ca}`, cert: `${cert}`, key: `${key}` }, nodes: cluster.nodes, hub: cluster.pidOf('hub') }
  const onlooker = fork(process.argv[1] ?? '', [lookOnWord])
  const seen = new Promise<Seen>((resolve, reject) => {
    onlooker.once('message', (message) => resolve(message as Seen)) // our own process, see below
    onlooker.once('exit', (code) => reject(new Error(`the onlooker exited with ${code}`)))
  })
  onlooker.send(sight)
  try {
    await happening()
  } finally {
    onlooker.send('enough')
  }
  return seen
}

export const lookOnWord = '--look-on'

/** The onlooker's own process. */
export async function lookOn(): Promise<void> {
  setPriority(0) // it is no attacker
  const [sight] = (await once(process, 'message')) as [Sight]
  const over = new AbortController()
  process.once('message', () => over.abort())
  const seen = await look(sight, over.signal)
  await new Promise((resolve) => process.send?.(seen, resolve))
  process.disconnect()
}

async function look({ target, nodes, hub }: Sight, signal: AbortSignal): Promise<Seen> {
  const agent = new Agent({ keepAlive: true, ca: target.ca, cert: target.cert, key: target.key })
  const rss = () => {
    try {
      return memoryMiB(hub).rss
    } catch {
      return 0 // it has ended
    }
  }
  const rssBefore = rss()
  const times: number[] = []
  let [rssMost, failed, oldestLease] = [rssBefore, 0, 0]
  while (!signal.aborted) {
    const at = performance.now()
    try {
      const { text } = await ask(agent, target.port, {
        method: 'GET',
        path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
      })
      times.push(performance.now() - at)
      const { items } = JSON.parse(text) as { items: { metadata: { name: string }; spec: { renewTime: string } }[] } // the API's own words
      for (const { metadata, spec } of items)
        if (nodes.includes(metadata.name)) oldestLease = Math.max(oldestLease, (Date.now() - Date.parse(spec.renewTime)) / 1000)
    } catch {
      failed += 1
    }
    rssMost = Math.max(rssMost, rss())
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  agent.destroy()
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { rssBefore, rssMost, p99Ms: at(0.99), slowestMs: at(1), failed, oldestLease }
}
