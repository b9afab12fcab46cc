import { once } from 'node:events'
import type { Server } from 'node:http'
import { createPulse } from '@bramble/shared/async/pulse.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import type { Cache } from '../cache/cache.ts'
import { endpointSlices, services } from '../resources.ts'
import type { LocalPods } from './local-pods.ts'
import { servicePorts, type ServicePortsInput } from './service-ports.ts'
import { isUsablePort } from './usable.ts'

export type HealthPortsDeps = {
  readonly cache: Pick<Cache, 'list' | 'subscribe'>
  readonly localPods: LocalPods
  readonly node: string
  readonly log: Log
  /** Whether the rules of the Services are in place here. */
  readonly isReady: () => boolean
  /** For tests, which choose their ports otherwise. */
  readonly listen?: (server: Server, port: number) => void
}

/** What a load balancer hears that asks at a port: how many endpoints of the Service this node has. */
export type HealthCheck = { readonly namespace: string; readonly name: string; readonly endpoints: number }

/** Ports that are taken by somebody else may become free. */
const retryMs = 10_000
const coalesceMs = 20
/** A load balancer asks over one or two connections. */
const mostConnections = 32

/** The other half of `externalTrafficPolicy: Local`: load balancers ask each node, as kube-proxy answers them, whether it has endpoints. */
export function createHealthPorts({ cache, localPods, node, log, isReady, listen = listenThere }: HealthPortsDeps): Service {
  const open = new Map<number, Server>()
  const told = new Set<number>()
  let checks: ReadonlyMap<number, HealthCheck> = new Map()

  /** Answers whether it listens. */
  async function openPort(port: number): Promise<boolean> {
    // Loaded for those who need it: most nodes never do.
    const { createServer } = await import('node:http')
    const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 30_000 }, (request, response) => {
      request.resume()
      const check = checks.get(port)
      const healthy = isReady()
      response.writeHead(check !== undefined && check.endpoints > 0 && healthy ? 200 : 503, {
        'content-type': 'application/json',
        'x-content-type-options': 'nosniff',
        'x-load-balancing-endpoint-weight': String(check?.endpoints ?? 0),
      })
      const { namespace = '', name = '', endpoints = 0 } = check ?? {}
      response.end(
        `${JSON.stringify({ service: { namespace, name }, localEndpoints: endpoints, serviceProxyHealthy: healthy }, null, 1)}\n`,
      )
    })
    server.maxConnections = mostConnections
    try {
      listen(server, port)
      await once(server, 'listening')
    } catch (error) {
      const { namespace, name } = checks.get(port) ?? {}
      if (!told.has(port)) log.warn({ port, service: `${namespace}/${name}`, error: messageOf(error) }, 'health checks are not answered')
      told.add(port)
      return false
    }
    server.on('error', (error) => log.warn({ port, error: messageOf(error) }, 'health checks failed'))
    open.set(port, server)
    told.delete(port)
    return true
  }

  const close = (port: number, server: Server) => {
    server.close()
    server.closeAllConnections()
    open.delete(port)
  }

  return {
    name: 'health-ports',
    async run(signal) {
      const pulse = createPulse()
      const stops = [cache.subscribe(services, pulse.ring), cache.subscribe(endpointSlices, pulse.ring), localPods.subscribe(pulse.ring)]
      try {
        while (!signal.aborted) {
          checks = healthChecks({
            ...{ services: cache.list(services), endpointSlices: cache.list(endpointSlices), localPods: localPods.list(), node },
          })
          for (const [port, server] of open) if (!checks.has(port)) close(port, server)
          let missing = 0
          for (const port of checks.keys()) if (!open.has(port) && !(await openPort(port))) missing++
          if ((await pulse.wait(missing > 0 ? retryMs : Infinity, signal)) === 'rung') await sleep(coalesceMs, signal).catch(() => {})
        }
      } finally {
        for (const stop of stops) stop()
        for (const [port, server] of open) close(port, server)
      }
    },
  }
}

/** By port, for the Services that have one. */
export function healthChecks({ services: all, ...rest }: ServicePortsInput): ReadonlyMap<number, HealthCheck> {
  const asking = all.filter(({ spec }) => isUsablePort(spec.healthCheckNodePort))
  const checks = new Map<number, HealthCheck>()
  if (asking.length === 0) return checks
  const local = new Map<string, Set<string>>()
  for (const { name, localEndpoints } of servicePorts({ services: asking, ...rest })) {
    const ips = local.get(name) ?? new Set<string>()
    for (const { ip } of localEndpoints) ips.add(ip)
    local.set(name, ips)
  }
  for (const { metadata, spec } of asking) {
    const { namespace = '', name } = metadata
    checks.set(spec.healthCheckNodePort ?? 0, { namespace, name, endpoints: local.get(`${namespace}/${name}`)?.size ?? 0 })
  }
  return checks
}

const listenThere = (server: Server, port: number): void => void server.listen(port)
