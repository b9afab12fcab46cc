import { expect, it, onTestFinished, vi } from 'vitest'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Client, ObjectKey } from '@bramble/shared/api/client.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { type Log, silentLog } from '@bramble/shared/logging/log.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { samplePod } from '../kubelet/testing/samples.ts'
import { hubSource } from '../link/sync/hub-source.ts'
import { nodes, pods } from '../resources.ts'
import { createMirrors } from './mirrors.ts'

const born = (name: string) => samplePod({}, { name, uid: `uid-of-${name}`, annotations: { 'kubernetes.io/config.source': 'file' } })

type Hub = { readonly told?: readonly Pod[]; readonly refuses: (name: string) => boolean; readonly reason?: 'Forbidden' | 'AlreadyExists' }

/** Of static pods of those names, on a node to which the hub tells of those pods as well: what is asked of a hub that refuses some of it. */
function mirrored(names: readonly string[], { told = [], refuses, reason = 'Forbidden' }: Hub, log: Log = silentLog) {
  const cache = createMemoryCache()
  const hub = hubSource(cache)
  hub.replace(
    'nodes',
    nodes,
    [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', uid: 'n1', resourceVersion: '1' } } as unknown as Node],
    '1',
  )
  hub.replace('pods', pods, told, '1')
  cache.source('static', [pods]).replace('pods', pods, names.map(born), '1')
  const asked: string[] = []
  const hear = async (what: string, name: string) => {
    if (!asked.includes(`${what} ${name}`)) asked.push(`${what} ${name}`)
    if (refuses(name)) throw new ApiError(reason, 'no')
  }
  const client = {
    create: (_: unknown, { metadata }: Pod) => hear('create', metadata.name),
    delete: (_: unknown, { name }: ObjectKey) => hear('delete', name),
  } as unknown as Client // all that is asked of it
  const stop = new AbortController()
  const running = createMirrors({ cache, client, connected: async () => {}, node: 'node-1', log }).run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await running
  })
  return asked
}

it('one that the hub refuses keeps no other from being made', async () => {
  const asked = mirrored(['a', 'b', 'c'], { refuses: (name) => name === 'a' })
  await vi.waitFor(() => expect(asked).toEqual(['create a', 'create b', 'create c']))
})

it('nor does one of somebody else that does not go', async () => {
  const fake = samplePod(
    {},
    { name: 'fake', uid: 'f', resourceVersion: '7', annotations: { 'kubernetes.io/config.mirror': 'x' }, finalizers: ['a/b'] },
  )
  const asked = mirrored(['a', 'b'], { told: [fake], refuses: () => false })
  await vi.waitFor(() => expect(asked).toEqual(['delete fake', 'create a', 'create b']))
})

it('that another pod has its name is told, once, and not when it was only made before', async () => {
  const warned: unknown[] = []
  let tries = 0
  const log: Log = { ...silentLog, warn: (fields) => void warned.push({ ...fields, tries }) }
  const refuses = (name: string) => name === 'a' && ++tries > 0
  mirrored(['a', 'b'], { refuses, reason: 'AlreadyExists' }, log)
  await vi.waitFor(() => expect(tries).toBeGreaterThan(2))
  expect(warned).toEqual([{ mirror: 'default/a', error: 'no', tries: 2 }])
})
