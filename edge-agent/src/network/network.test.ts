import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Node } from '@bramble/shared/kinds/node.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { nodes } from '../resources.ts'
import { createNetwork } from './network.ts'
import { hubSource } from '../link/sync/hub-source.ts'

test('is ready while the Node has addresses for pods: one that is made anew has none, and one with a text that is none neither', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-network-'))
  const cache = createMemoryCache()
  const network = createNetwork({
    cache,
    exec: async () => ({ code: 0, stdout: '[]', stderr: '' }), // a machine without links and routes
    log: silentLog,
    node: 'a',
    instance: 'x',
    clusterCidr: '10.42.0.0/16',
    cniConfDir: join(folder, 'cni'),
    runDir: join(folder, 'run'),
  })
  const over = new AbortController()
  const running = network.run(over.signal)
  onTestFinished(async () => {
    over.abort()
    await running
    rmSync(folder, { recursive: true })
  })
  let told = 0
  network.subscribe(() => told++)
  const put = (...podCIDR: string[]) =>
    hubSource(cache).apply({
      scope: 'nodes',
      resource: nodes,
      puts: podCIDR.map((text) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: { podCIDR: text } }) as Node),
      deletes: podCIDR.length === 0 ? [{ name: 'a' }] : [],
      resourceVersion: '1',
    })
  const becomes = async (ready: boolean, message?: string) => {
    await vi.waitFor(() => expect(network.state().ready).toBe(ready))
    expect(network.state().message ?? '').toContain(message ?? '')
  }

  put('10.42.1.0/24')
  await becomes(true)
  put()
  await becomes(false, 'no pod CIDR has been assigned')
  put('10.42.1.0/24')
  await becomes(true)
  put('')
  await becomes(false, 'no pod CIDR has been assigned')
  put('10.42.7.0/24')
  await becomes(true)
  put('10.42.7.0')
  await becomes(false, 'is no IPv4 network: 10.42.7.0')
  expect(told).toBe(6)
})

test('is ready only when the routes to the other nodes are set, and what pods wait for is there then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-network-'))
  const cache = createMemoryCache()
  const link = JSON.stringify([{ ifname: 'eth0', mtu: 1500, addr_info: [{ local: '192.0.2.1', prefixlen: 24 }] }])
  let letGo = () => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  let asked = () => {}
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  const network = createNetwork({
    ...{ cache, log: silentLog, node: 'a', instance: 'x', clusterCidr: '10.42.0.0/16' },
    async exec(_file, args) {
      if (args.includes('replace')) {
        asked()
        await held
      }
      return { code: 0, stdout: args.includes('addr') ? link : '[]', stderr: '' }
    },
    ...{ cniConfDir: join(folder, 'cni'), runDir: join(folder, 'run') },
  })
  const over = new AbortController()
  const nodeOf = (name: string, podCIDR: string, address: string) =>
    ({
      ...{ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { podCIDR } },
      status: { addresses: [{ type: 'InternalIP', address }] },
    }) as Node
  hubSource(cache).replace('nodes', nodes, [nodeOf('a', '10.42.1.0/24', '192.0.2.1'), nodeOf('b', '10.42.2.0/24', '192.0.2.2')], '1')
  const running = network.run(over.signal)
  onTestFinished(async () => {
    over.abort()
    await running
    rmSync(folder, { recursive: true })
  })
  let isInPlace = false
  void network.inPlace().then(() => (isInPlace = true))
  await isAsked
  expect([network.state().ready, isInPlace]).toEqual([false, false])
  letGo()
  await network.inPlace()
  expect(network.state()).toEqual({ ready: true })
})
