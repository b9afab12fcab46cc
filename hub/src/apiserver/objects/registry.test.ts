import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { describe, expect, it } from 'vitest'
import { memoryLog } from '../../store/memory/memory-disk.ts'
import { createStore } from '../../store/mvcc.ts'
import { collected } from '../../testing/collected.ts'
import { hubParts } from '../authz/hub-parts.ts'
import { originOfPart } from './origin.ts'
import { createRegistry } from './registry.ts'
import { configMap } from '../testing/api.ts'

const origin = originOfPart(hubParts.apiserver, 'create')

describe('the registry', () => {
  const setUp = async () => {
    const registry = createRegistry({ store: await createStore({ log: memoryLog() }) })
    const put = (name: string, value: string) =>
      registry.create({ kind: configMaps, origin, owners: undefined, object: configMap(name, { value }, { namespace: 'a' }) })
    return { registry, put }
  }

  it('parses an object once and hands out that one, frozen, with its revision', async () => {
    const { registry, put } = await setUp()
    const entry = await put('one', 'x')
    const object = registry.objectOf(configMaps, entry)
    expect(object).toMatchObject({ data: { value: 'x' }, metadata: { resourceVersion: String(entry.revision) } })
    expect(Object.isFrozen(object.data)).toBe(true)
    expect(registry.objectOf(configMaps, entry)).toBe(object)
  })

  it('keeps a bounded amount of parsed objects, however large they are', async () => {
    const { registry, put } = await setUp()
    const first = await put('first', 'x')
    const object = new WeakRef(registry.objectOf(configMaps, first))
    for (let i = 0; i < 5; i++) registry.objectOf(configMaps, await put(`large-${i}`, 'x'.repeat(1024 * 1024)))
    await collected(object)
    expect(registry.objectOf(configMaps, first).data).toEqual({ value: 'x' })
  })

  it('keeps of each object what it is now, and nothing of what was overwritten', async () => {
    const { registry, put } = await setUp()
    const first = await put('one', 'x')
    const object = new WeakRef(registry.objectOf(configMaps, first))
    const next = configMap('one', { value: 'y' }, { namespace: 'a' })
    const second = await registry.update({ kind: configMaps, origin, object: next, expected: first })
    expect(registry.objectOf(configMaps, second ?? first).data).toEqual({ value: 'y' })
    await collected(object)
    const lookedBack = new WeakRef(registry.objectOf(configMaps, first))
    await collected(lookedBack)
  })

  it('has one parsed copy for all who hold it, also when it has forgotten it itself', async () => {
    const { registry, put } = await setUp()
    const first = await put('first', 'x')
    const held = registry.objectOf(configMaps, first)
    for (let i = 0; i < 5; i++) registry.objectOf(configMaps, await put(`large-${i}`, 'x'.repeat(1024 * 1024)))
    expect(registry.objectOf(configMaps, first)).toBe(held)
  })
})
