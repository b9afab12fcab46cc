import { test } from 'vitest'
import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import type { Cache } from './cache.ts'
import type { Source } from './source.ts'

export const pods: Resource = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
export const secrets: Resource = { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', namespaced: true }
export const nodes: Resource = { group: '', version: 'v1', resource: 'nodes', kind: 'Node', namespaced: false }

export const object = (name: string, resourceVersion: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion },
  ...more,
})

/** The hub's part of a cache, with what these tests put into it. */
export const hubOf = (cache: Cache): Source => cache.source('hub', [pods, secrets, nodes])

/** A property of a cache, and of the hub's part of it. */
export type WithCache = (title: string, run: (cache: Cache, hub: Source) => void | Promise<void>) => void

export const createWithCache =
  (open: () => Cache): WithCache =>
  (title, run) =>
    test(title, async () => {
      const cache = open()
      try {
        await run(cache, hubOf(cache))
      } finally {
        cache.close()
      }
    })

export const names = (cache: Cache, resource = pods) =>
  cache
    .list(resource)
    .map(({ metadata }) => metadata.name)
    .sort()
