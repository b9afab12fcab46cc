import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Node } from '@bramble/shared/kinds/node.ts'
import { silentLog } from '@bramble/shared/log.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { nodes } from '../resources.ts'
import { createNetwork } from './network.ts'

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
    cache.apply({
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
