import { isApiError, mustListAgain } from '@bramble/shared/api/api-error.ts'
import { metadataOf } from '@bramble/shared/api/client.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { describe, expect, it } from 'vitest'
import { admin, configMap, createTestApi } from '../apiserver/testing/api.ts'
import { createLoopbackClient } from './loopback.ts'

describe('the loopback client', () => {
  const setUp = async () => {
    const { handle } = await createTestApi()
    return createLoopbackClient({ handle, user: admin, manager: 'test' })
  }
  const object = (name: string, data: Record<string, string> = {}) => ({
    ...configMap(name, data),
    apiVersion: 'v1' as const,
    kind: 'ConfigMap' as const,
    metadata: { name, namespace: 'default' },
  })
  const key = { name: 'a', namespace: 'default' }

  it('does what kubectl does, with shared and frozen objects', async () => {
    const client = await setUp()
    const given = object('a', { k: 'v' })
    const created = await client.create(configMaps, given)
    expect(created.data).toEqual({ k: 'v' })
    expect(given.metadata).toEqual({ name: 'a', namespace: 'default' })
    const read = await client.get(configMaps, key)
    expect(Object.isFrozen(read.data)).toBe(true)
    expect((await client.list(configMaps, { namespace: 'default' })).items[0]).toBe(read)
    await client.patch(configMaps, key, { type: 'application/merge-patch+json', body: { data: { k: null, l: 'w' } } })
    expect((await client.get(configMaps, key)).data).toEqual({ l: 'w' })
    await client.delete(configMaps, key)
    await expect(client.get(configMaps, key)).rejects.toSatisfy((error: unknown) => isApiError(error, 'NotFound'))
  })

  it('watches until it is stopped, and throws what says to list again for a revision that nobody knows', async () => {
    const client = await setUp()
    const stop = new AbortController()
    const { metadata } = await client.list(configMaps)
    await client.create(configMaps, object('a'))
    const seen: string[] = []
    for await (const { type, object: changed } of client.watch(
      configMaps,
      { resourceVersion: metadata.resourceVersion },
      { signal: stop.signal },
    )) {
      seen.push(`${type} ${changed.metadata.name}`)
      if (seen.length === 1) await client.delete(configMaps, key)
      else stop.abort()
    }
    expect(seen).toEqual(['ADDED a', 'DELETED a'])
    const future = client.watch(configMaps, { resourceVersion: '999999999' }, { signal: new AbortController().signal })
    await expect(future[Symbol.asyncIterator]().next()).rejects.toSatisfy(mustListAgain)
  })

  it('the metadata of objects is listed and watched without what is in them, however large they are', async () => {
    const client = await setUp()
    const { metadata } = await client.create(configMaps, object('large', { x: 'x'.repeat(1024 * 1024) }))
    const resource = metadataOf(configMaps)
    const { items, metadata: list } = await client.list(resource, { namespace: 'default' })
    expect(items).toEqual([{ apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata }])
    await client.delete(configMaps, { namespace: 'default', name: 'large' })
    const stop = new AbortController()
    for await (const { type, object } of client.watch(resource, { resourceVersion: list.resourceVersion }, { signal: stop.signal })) {
      expect({ type, keys: Object.keys(object) }).toEqual({ type: 'DELETED', keys: ['kind', 'apiVersion', 'metadata'] })
      break
    }
    stop.abort()
  })
})
