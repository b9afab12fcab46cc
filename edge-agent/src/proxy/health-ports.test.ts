import { once } from 'node:events'
import { get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, test, vi } from 'vitest'
import { endpointSlices, services } from '../resources.ts'
import { createHealthPorts, healthChecks } from './health-ports.ts'
import { createLocalPods } from './local-pods.ts'
import { service, slice, testCache } from './testing/objects.ts'

const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', clusterIP: '10.43.0.9', healthCheckNodePort: 32_000 }
const web = service('web', { ...local, ports: [{ port: 80 }] })
const webSlice = slice('web', 8080, [
  ['10.42.1.1', 'n1'],
  ['10.42.1.2', 'n1'],
  ['10.42.1.3', 'n1', { ready: false }],
  ['10.42.2.1', 'n2'],
])

test('a health check counts the endpoints that serve on this node, of the Services that have a port for it', () => {
  const input = {
    services: [web, service('other', { clusterIP: '10.43.0.8', ports: [{ port: 80 }] })],
    endpointSlices: [webSlice],
    localPods: [],
  }
  const check = { namespace: 'default', name: 'web' }
  expect([...healthChecks({ ...input, node: 'n1' })]).toEqual([[32_000, { ...check, endpoints: 2 }]])
  expect([...healthChecks({ ...input, node: 'n2' })]).toEqual([[32_000, { ...check, endpoints: 1 }]])
  expect([...healthChecks({ ...input, node: 'n3' })]).toEqual([[32_000, { ...check, endpoints: 0 }]])
})

test('load balancers are answered at the port of the Service for as long as it has one', async () => {
  const cache = testCache()
  const servers = new Map<number, Server>()
  let ready = true
  const ports = createHealthPorts({
    ...{ cache, localPods: createLocalPods(cache), node: 'n1', log: silentLog, isReady: () => ready },
    listen(server, port) {
      servers.set(port, server)
      server.listen(0, '127.0.0.1')
    },
  })
  const stop = new AbortController()
  const running = ports.run(stop.signal)
  cache.put(services, web)
  const server = await vi.waitUntil(() => servers.get(32_000))
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ask = async () => {
    const [response] = (await once(get({ port, host: '127.0.0.1', agent: false }), 'response')) as [IncomingMessage]
    const text = (await response.toArray()).join('')
    return [response.statusCode, response.headers['x-load-balancing-endpoint-weight'], JSON.parse(text)]
  }
  const body = { service: { namespace: 'default', name: 'web' }, localEndpoints: 0, serviceProxyHealthy: true }
  expect(await ask()).toEqual([503, '0', body])
  cache.put(endpointSlices, webSlice)
  await vi.waitUntil(async () => (await ask())[0] === 200)
  expect(await ask()).toEqual([200, '2', { ...body, localEndpoints: 2 }])
  ready = false
  expect(await ask()).toEqual([503, '2', { ...body, localEndpoints: 2, serviceProxyHealthy: false }])
  cache.remove(services, { namespace: 'default', name: 'web' })
  await vi.waitUntil(() => !server.listening)
  stop.abort()
  await running
})
