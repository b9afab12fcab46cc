import { setOwn } from '@bramble/shared/own.ts'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { GRPCAction, HTTPGetAction, ProbeHandler } from '@bramble/shared/types/probe.ts'
import type { LifecycleHandler } from '@bramble/shared/types/lifecycle.ts'
import type { Cri } from '../cri/cri.ts'
import { isCriError } from '../cri/cri-error.ts'
import { grpcHealth } from '../cri/grpc-health.ts'

/** `error`: it could not be tried, which says nothing about the container. */
export type Verdict = { readonly outcome: 'success' | 'failure' | 'error'; readonly message: string }

export type HandlerTarget = {
  readonly cri: Cri
  readonly container: Container
  readonly containerId: string
  readonly podIP: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Runs what a probe or a lifecycle hook asks for, once. */
export async function runHandler(handler: ProbeHandler | LifecycleHandler, target: HandlerTarget): Promise<Verdict> {
  if (handler.exec) return exec(handler.exec.command ?? [], target)
  if (handler.httpGet) return httpGet(handler.httpGet, target)
  if (handler.tcpSocket) {
    const port = portNumber(handler.tcpSocket.port, target.container)
    if (port === undefined) return { outcome: 'error', message: `port ${handler.tcpSocket.port} is not a port of the container` }
    return tcpSocket(handler.tcpSocket.host ?? target.podIP, port, target)
  }
  if ('grpc' in handler && handler.grpc) return grpc(handler.grpc, target)
  if ('sleep' in handler && handler.sleep) {
    await sleep(handler.sleep.seconds * 1000, target.signal)
    return { outcome: 'success', message: '' }
  }
  return {
    outcome: 'error',
    message: `handler ${Object.keys(handler)[0] ?? 'nothing'} is not supported: use exec, httpGet, tcpSocket or grpc`,
  }
}

// What a failing check prints goes into an event.
const maxOutputBytes = 1024
// As the kubelet: a page is read only so far.
const maxBodyBytes = 10 * 1024
const maxRedirects = 10

async function exec(command: readonly string[], { cri, containerId, timeoutMs, signal }: HandlerTarget): Promise<Verdict> {
  try {
    const { stdout, stderr, exitCode } = await cri.execSync(containerId, command, { timeoutMs, signal })
    const message = Buffer.concat([stdout, stderr]).subarray(0, maxOutputBytes).toString()
    return { outcome: exitCode === 0 ? 'success' : 'failure', message }
  } catch (error) {
    signal.throwIfAborted()
    if (isCriError(error, 'DEADLINE_EXCEEDED'))
      return { outcome: 'failure', message: `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeoutMs / 1000}s` }
    return { outcome: 'error', message: error instanceof Error ? error.message : String(error) }
  }
}

/** A port by number, or by the name it has among the container's ports. */
function portNumber(port: string | number, { ports = [] }: Container): number | undefined {
  if (typeof port === 'number') return port
  return ports.find(({ name }) => name === port)?.containerPort ?? (/^\d+$/.test(port) ? Number(port) : undefined)
}

async function httpGet(action: HTTPGetAction, target: HandlerTarget): Promise<Verdict> {
  const port = portNumber(action.port, target.container)
  if (port === undefined) return { outcome: 'error', message: `port ${action.port} is not a port of the container` }
  const host = action.host || target.podIP
  const scheme = (action.scheme ?? 'HTTP').toLowerCase()
  const headers: Record<string, string> = { 'User-Agent': 'kube-probe/1.35', Accept: '*/*', Connection: 'close' }
  for (const { name, value } of action.httpHeaders ?? []) setOwn(headers, name, value)
  let url: URL
  try {
    url = new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${(action.path ?? '/').replace(/^(?!\/)/, '/')}`)
  } catch (error) {
    return { outcome: 'error', message: (error as Error).message } // URL throws only TypeErrors
  }
  // By hand, because Node keeps a little of every composed signal for as long as its sources live, and probes go on for months.
  const ender = new AbortController()
  const end = () => ender.abort()
  const timer = setTimeout(end, target.timeoutMs)
  target.signal.addEventListener('abort', end, { once: true })
  try {
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const { status, location, body } = await get(url, headers, ender.signal)
      if (status < 300 || status >= 400 || location === undefined) {
        if (status >= 200 && status < 400) return { outcome: 'success', message: body }
        return { outcome: 'failure', message: `HTTP probe failed with statuscode: ${status}` }
      }
      const next = new URL(location, url)
      // Another host is not ours to judge: reaching the redirect was the answer.
      if (next.hostname !== url.hostname) return { outcome: 'success', message: `Probe terminated redirects, Response body: ${body}` }
      url = next
    }
    return { outcome: 'failure', message: `Get "${url.href}": stopped after ${maxRedirects} redirects` }
  } catch (error) {
    target.signal.throwIfAborted()
    const why = ender.signal.aborted ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : reasonOf(error)
    return { outcome: 'failure', message: `Get "${url.href}": ${why}` }
  } finally {
    clearTimeout(timer)
    target.signal.removeEventListener('abort', end)
  }
}

function get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
  return new Promise<{ status: number; location: string | undefined; body: string }>((resolve, reject) => {
    const options = { headers, signal, agent: false, rejectUnauthorized: false } // a probe asks whether it answers, not who it is
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      const done = () => {
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location,
          body: Buffer.concat(chunks).toString().slice(0, maxOutputBytes),
        })
        response.destroy()
      }
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes >= maxBodyBytes) done()
      })
      response.on('end', done)
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end()
  })
}

function tcpSocket(host: string, port: number, { timeoutMs, signal }: HandlerTarget): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const finish = (verdict: Verdict) => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(verdict)
    }
    const onAbort = () => {
      socket.destroy()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.setTimeout(timeoutMs, () => finish({ outcome: 'failure', message: `dial tcp ${host}:${port}: i/o timeout` }))
    socket.once('connect', () => finish({ outcome: 'success', message: '' }))
    socket.once('error', (error) => finish({ outcome: 'failure', message: `dial tcp ${host}:${port}: ${reasonOf(error)}` }))
  })
}

async function grpc({ port, service }: GRPCAction, { podIP, timeoutMs, signal }: HandlerTarget): Promise<Verdict> {
  try {
    const status = await grpcHealth({ host: podIP, port, service, timeoutMs, signal })
    return status === 'SERVING'
      ? { outcome: 'success', message: '' }
      : { outcome: 'failure', message: `service unhealthy (responded with "${status}")` }
  } catch (error) {
    signal.throwIfAborted()
    return { outcome: 'failure', message: `gRPC ${podIP}:${port}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ECONNRESET: 'read: connection reset by peer',
}
const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException // sockets fail with nothing else
  return words[code ?? ''] ?? message ?? String(error)
}
