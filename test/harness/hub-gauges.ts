import { readFileSync } from 'node:fs'
import { get } from 'node:https'
import { parse } from 'yaml'

export type HubGauges = { readonly watches: number; readonly nodeWatches: number; readonly sessions: number; readonly streams: number }

/** What a hub has open, from its `/metrics`; undefined while it does not answer. */
export async function hubGauges(kubeconfig: string): Promise<HubGauges | undefined> {
  const text = await metricsOf(kubeconfig).catch(() => undefined)
  if (text === undefined) return undefined
  const value = (name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])
  return {
    watches: value('bramble_store_watches'),
    nodeWatches: value('bramble_node_watches'),
    sessions: value('bramble_sessions'),
    streams: value('bramble_node_streams'),
  }
}

/**
 * What is more than it was when the cluster had just come up. Nodes watch what their pods name, so only what the hub holds beside
 * that has to be as before; a stream belongs to somebody who reads it, and a node has one session.
 */
export function leftOpen(before: HubGauges, now: HubGauges, nodes: number): readonly string[] {
  // All nodes' watches of Nodes are one of the store's (`news`): of a node that is away the store has one less, or none.
  const own = ({ watches, nodeWatches, sessions }: HubGauges) => watches - nodeWatches + Math.max(0, sessions - 1)
  return [
    ...(now.streams > 0 ? [`${now.streams} streams`] : []),
    ...(now.sessions > nodes ? [`${now.sessions} sessions of ${nodes} nodes`] : []),
    ...(own(now) > own(before) ? [`${own(now) - own(before)} watches beside those of nodes`] : []),
  ]
}

function metricsOf(kubeconfig: string): Promise<string> {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
  const { server, 'certificate-authority-data': ca = '' } = clusters[0]?.cluster ?? {}
  const { 'client-certificate-data': cert = '', 'client-key-data': key = '' } = users[0]?.user ?? {}
  const pem = (data: string) => Buffer.from(data, 'base64')
  return new Promise((resolve, reject) => {
    const options = { ca: pem(ca), cert: pem(cert), key: pem(key), agent: false, timeout: 5_000 }
    const request = get(`${server}/metrics`, options, async (response) => {
      try {
        resolve((await response.setEncoding('utf8').toArray()).join(''))
      } catch (error) {
        reject(error)
      }
    })
    request.on('error', reject)
    request.on('timeout', () => request.destroy(new Error('no answer from /metrics')))
  })
}

type Kubeconfig = {
  readonly clusters: readonly { readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } }[]
  readonly users: readonly { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } }[]
}
