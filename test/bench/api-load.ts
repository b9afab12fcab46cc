import { connect } from 'node:http2'
import { Agent, request } from 'node:https'
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { parse } from 'yaml'
import type { TestCluster } from '../harness/cluster.ts'
import { median } from './figure.ts'

export type ApiCall = { readonly method: string; readonly path: string; readonly body?: string; readonly contentType?: string }
export type Target = { readonly port: number; readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer }

/** The cluster's API with its administrator's certificate. */
export function apiOf({
  layout,
  httpsPort,
}: {
  readonly layout: Pick<TestCluster['layout'], 'kubeconfig'>
  readonly httpsPort: number
}): Target {
  const { clusters, users } = parse(readFileSync(layout.kubeconfig, 'utf8')) as {
    clusters: { cluster: Record<string, string> }[]
    users: { user: Record<string, string> }[]
  } // written by the hub just now
  const data = (record: Record<string, string> | undefined, name: string) => Buffer.from(record?.[name] ?? '', 'base64')
  return {
    port: httpsPort,
    ca: data(clusters[0]?.cluster, 'certificate-authority-data'),
    cert: data(users[0]?.user, 'client-certificate-data'),
    key: data(users[0]?.user, 'client-key-data'),
  }
}

export type LoadResult = { readonly perSecond: number; readonly medianMs: number }

/** `total` calls by so many clients at once, each on its own kept-alive connection, the next call after the last answer. */
export async function load(target: Target, clients: number, total: number, call: (index: number) => ApiCall): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients, ca: target.ca, cert: target.cert, key: target.key })
  const times: number[] = []
  let next = 0
  const client = async () => {
    while (next < total) {
      const at = performance.now()
      await send(agent, target.port, call(next++))
      times.push(performance.now() - at)
    }
  }
  await send(agent, target.port, { method: 'GET', path: '/version' })
  const start = performance.now()
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - start) / 1000
  agent.destroy()
  return { perSecond: total / seconds, medianMs: median(times) }
}

/** What Go's HTTP/2 client opens for each answer; Node's 64 KiB would measure its own round trips. */
const kubectlWindowBytes = 4 * 1024 * 1024

/** GETs one after the other over one HTTP/2 connection. */
export async function http2Gets({ port, ca, cert, key }: Target, total: number, path: string): Promise<LoadResult> {
  const session = connect(`https://127.0.0.1:${port}`, { ca, cert, key, settings: { initialWindowSize: kubectlWindowBytes } })
  const times: number[] = []
  try {
    await once(session, 'remoteSettings')
    session.setLocalWindowSize(kubectlWindowBytes)
    const start = performance.now()
    for (let index = 0; index < total; index += 1) {
      const at = performance.now()
      const stream = session.request({ ':path': path }).resume()
      const [[headers]] = (await Promise.all([once(stream, 'response'), once(stream, 'end')])) as [[{ ':status'?: number }], unknown]
      if (headers[':status'] !== 200) throw new Error(`GET ${path} answered ${headers[':status']}`)
      times.push(performance.now() - at)
    }
    return { perSecond: total / ((performance.now() - start) / 1000), medianMs: median(times) }
  } finally {
    session.destroy()
  }
}

const send = (agent: Agent, port: number, { method, path, body, contentType = 'application/json' }: ApiCall): Promise<void> =>
  new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => {
          if ((response.statusCode ?? 500) >= 400) text += chunk.toString()
        })
        response.on('end', () =>
          (response.statusCode ?? 500) < 400 ? resolve() : reject(new Error(`${method} ${path} answered ${response.statusCode}: ${text}`)),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
