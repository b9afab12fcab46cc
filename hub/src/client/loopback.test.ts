import { isApiError, mustListAgain } from '@bramble/shared/api/api-error.ts'
import { metadataOf } from '@bramble/shared/api/client.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { once } from 'node:events'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
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

describe('what another server answers the hub itself', () => {
  const flowers = { group: 'garden.example.com', version: 'v1', resource: 'flowers', kind: 'Flower', namespaced: true }
  const key = { name: 'rose', namespace: 'default' }
  const clientOf = (status: number, bytesOf: (request: ApiRequest) => AsyncIterable<Uint8Array>) =>
    createLoopbackClient({
      handle: async (request) => ({ type: 'stream', status, contentType: 'application/json', stream: bytesOf(request) }),
      ...{ user: admin, manager: 'test' },
    })
  const text = (...parts: string[]) =>
    async function* () {
      for (const part of parts) yield Buffer.from(part)
    }

  it('has to come to its end in the time of the call, which also ends with its caller', async () => {
    const heard: AbortSignal[] = []
    const client = clientOf(200, async function* ({ signal }) {
      yield Buffer.from('{"items":')
      heard.push(signal)
      await once(signal, 'abort')
    })
    const isTimeout = (error: unknown) => isApiError(error, 'Timeout')
    await expect(client.list(flowers, {}, { timeoutMs: 1 })).rejects.toSatisfy(isTimeout)
    await expect(client.delete(flowers, key, { timeoutMs: 1 })).rejects.toSatisfy(isTimeout)
    const caller = new AbortController()
    const asked = client.get(flowers, key, { signal: caller.signal })
    await expect.poll(() => heard.length).toBe(3)
    caller.abort(new Error('the hub stops'))
    await expect(asked).rejects.toThrow('the hub stops')
    expect(heard.every(({ aborted }) => aborted)).toBe(true)
  })

  it('is no larger than is good for the hub, and what is no JSON has the reason of its code', async () => {
    let given = 0
    const client = clientOf(200, async function* () {
      for (; given < 100; given++) yield Buffer.alloc(1024 * 1024, ' ')
    })
    await expect(client.list(flowers)).rejects.toSatisfy((error: unknown) => isApiError(error, 'RequestEntityTooLarge'))
    expect(given).toBe(4)
    const said = (status: number, answer: string) => clientOf(status, text(answer)).list(flowers)
    await expect(said(200, '<html>')).rejects.toMatchObject({ reason: 'InternalError', message: expect.stringContaining('<html>') })
    await expect(said(404, '404 page not found')).rejects.toMatchObject({ reason: 'NotFound' })
    await expect(said(405, '{}')).rejects.toMatchObject({ reason: 'MethodNotAllowed' })
    await expect(said(500, '{"message":7,"details":null}')).rejects.toMatchObject({ reason: 'InternalError', details: {} })
    await expect(said(403, '{"reason":"Forbidden","message":"no"}')).rejects.toMatchObject({ reason: 'Forbidden', message: 'no' })
    await expect(clientOf(200, text('gone')).delete(flowers, key)).resolves.toBeUndefined()
  })

  it('of a collection that was deleted nothing is kept, however long it is', async () => {
    const { handle } = await createTestApi()
    const client = createLoopbackClient({ handle, user: admin, manager: 'test' })
    const metadata = { namespace: 'default' }
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
      await client.create(configMaps, {
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name } },
        data: { x: 'x'.repeat(900_000) },
      })
    await client.deleteCollection(configMaps, 'default')
    expect((await client.list(metadataOf(configMaps), metadata)).items).toEqual([])
  })
})
