import { connect } from 'node:net'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { longestTimerMs, sleep } from '@bramble/shared/async/sleep.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { GRPCAction, HTTPGetAction, ProbeHandler } from '@bramble/shared/types/probe.ts'
import type { LifecycleHandler } from '@bramble/shared/types/lifecycle.ts'
import type { Cri } from '../../cri/cri.ts'
import { isCriError } from '../../cri/cri-error.ts'
import { grpcHealth } from '../../cri/grpc-health.ts'
import { addressOf } from '../../host/address-of.ts'
import { readNodeResolver } from '../config/node-resolver.ts'
import { httpGetPlainly } from './plain-http.ts'

/** `error`: it could not be tried, which says nothing about the container. */
export type Verdict = { readonly outcome: 'success' | 'failure' | 'error'; readonly message: string }

export type HandlerTarget = {
  readonly cri: Cri
  readonly container: Container
  readonly containerId: string
  readonly podIP: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Finds the hosts that a handler names. */
  readonly lookup?: typeof addressOf
}

/** Runs what a probe or a lifecycle hook asks for, once. */
export async function runHandler(handler: ProbeHandler | LifecycleHandler, target: HandlerTarget): Promise<Verdict> {
  if (handler.exec) return exec(handler.exec.command ?? [], target)
  if (handler.httpGet) return httpGet(handler.httpGet, target)
  if (handler.tcpSocket) {
    const port = portNumber(handler.tcpSocket.port, target.container)
    if (port === undefined) return { outcome: 'error', message: `port ${handler.tcpSocket.port} is not a port of the container` }
    return tcpSocket(handler.tcpSocket.host || target.podIP, port, target)
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
// As Go's client: so many requests, and these statuses lead on.
const maxRedirects = 10
const redirects = new Set([301, 302, 303, 307, 308])

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
  const headers = headersOf(action)
  let url: URL
  try {
    url = new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${(action.path ?? '/').replace(/^(?!\/)/, '/')}`)
  } catch (error) {
    return { outcome: 'error', message: (error as Error).message } // URL throws only TypeErrors
  }
  using deadline = createDeadline(target.timeoutMs, target.signal)
  const first = url.hostname
  try {
    // Redirects stay with this host.
    const address = await findHost(first.replace(/^\[|\]$/g, ''), target, deadline.signal)
    for (let asked = 1; ; asked++) {
      const { status, location, body } = await httpGetPlainly({ url, address, headers, signal: deadline.signal })
      const message = body.slice(0, maxOutputBytes)
      const next = redirects.has(status) && location !== undefined ? new URL(location, url) : undefined
      if (next === undefined) {
        if (status >= 200 && status < 400) return { outcome: 'success', message }
        return { outcome: 'failure', message: `HTTP probe failed with statuscode: ${status}` }
      }
      // Another host is not ours to judge: reaching the redirect was the answer.
      if (next.hostname !== first) return { outcome: 'success', message: `Probe terminated redirects, Response body: ${message}` }
      if (asked >= maxRedirects) return { outcome: 'failure', message: `Get "${next.href}": stopped after ${maxRedirects} redirects` }
      url = next
    }
  } catch (error) {
    target.signal.throwIfAborted()
    const why = deadline.hasPassed ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : reasonOf(error)
    return { outcome: 'failure', message: `Get "${url.href}": ${why}` }
  }
}

/** What the kubelet sends; a header of the probe replaces ours of that name, and an empty Accept takes it away. */
function headersOf({ httpHeaders = [] }: HTTPGetAction): readonly (readonly [string, string])[] {
  const isGiven = (name: string) => httpHeaders.some((header) => header.name.toLowerCase() === name.toLowerCase())
  const ours = [
    ['User-Agent', 'kube-probe/1.35'],
    ['Accept', '*/*'],
  ] as const
  return [
    ...ours.filter(([name]) => !isGiven(name)),
    ...httpHeaders
      .filter(({ name, value }) => !(name.toLowerCase() === 'accept' && value === ''))
      .map(({ name, value }) => [name, value] as const),
    ['Connection', 'close'],
  ]
}

/** By name servers of the node and the domains that it searches. */
const findHost = (host: string, { lookup = addressOf }: HandlerTarget, signal: AbortSignal): Promise<string> =>
  lookup(host, signal, { searches: async () => (await readNodeResolver({ isHostNetwork: true })).searches })

async function tcpSocket(host: string, port: number, target: HandlerTarget): Promise<Verdict> {
  using deadline = createDeadline(target.timeoutMs, target.signal)
  try {
    return await connectTo(await findHost(host, target, deadline.signal), port, target)
  } catch (error) {
    target.signal.throwIfAborted()
    return { outcome: 'failure', message: `dial tcp ${host}:${port}: ${deadline.hasPassed ? 'i/o timeout' : reasonOf(error)}` }
  }
}

function connectTo(host: string, port: number, { timeoutMs, signal }: HandlerTarget): Promise<Verdict> {
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
    socket.setTimeout(Math.min(timeoutMs, longestTimerMs), () =>
      finish({ outcome: 'failure', message: `dial tcp ${host}:${port}: i/o timeout` }),
    )
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
