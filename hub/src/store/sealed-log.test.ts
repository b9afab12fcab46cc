import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { describeStoreConformance, written } from './conformance.ts'
import { createMemoryDisk, memoryLog } from './memory/memory-log.ts'
import { createStore } from './mvcc.ts'
import { sealedLog, type SealKey } from './sealed-log.ts'

const sealKey = (id: string): SealKey => ({ id, key: randomBytes(32) })
const disk = { durability: 'disk' } as const
const isSealed = (key: string) => key.startsWith('/core/secrets/')

describeStoreConformance('a sealed log', () => {
  const memoryDisk = createMemoryDisk()
  const keys = [sealKey('1')] as const
  return {
    open: () => sealedLog({ log: memoryLog({ disk: memoryDisk }), isSealed: () => true, keys }),
    crash: async () => {},
    dispose: async () => {},
  }
})

describe('sealedLog', () => {
  const secret = '{"data":{"password":"aHVudGVyMg=="}}'

  it('keeps the values of chosen keys from the disk, and nothing else', async () => {
    const memoryDisk = createMemoryDisk()
    const keys = [sealKey('1')] as const
    const store = await createStore({ log: sealedLog({ log: memoryLog({ disk: memoryDisk }), isSealed, keys }) })
    await written(store.create('/core/secrets/a/s', secret, disk))
    await written(store.create('/core/configmaps/a/c', '{"plain":1}', disk))
    const [sealed, plain] = [...memoryDisk.rows.values()].map(({ value }) => value)
    expect(sealed).toMatch(/^sealed:1:/)
    expect(sealed).not.toContain('password')
    expect(plain).toBe('{"plain":1}')
    const again = await createStore({ log: sealedLog({ log: memoryLog({ disk: memoryDisk }), isSealed, keys }) })
    expect(again.get('/core/secrets/a/s')?.value).toBe(secret)
  })

  it('opens what an older key sealed, and names the key that is missing', async () => {
    const memoryDisk = createMemoryDisk()
    const [old, current] = [sealKey('old'), sealKey('new')]
    const open = (...keys: [SealKey, ...SealKey[]]) =>
      createStore({ log: sealedLog({ log: memoryLog({ disk: memoryDisk }), isSealed, keys }) })
    await written((await open(old)).create('/core/secrets/a/s', secret, disk))
    expect((await open(current, old)).get('/core/secrets/a/s')?.value).toBe(secret)
    await expect(open(current)).rejects.toThrow('/core/secrets/a/s is sealed with key "old" and the hub has new: put the old key file back')
    await expect(open({ ...current, id: 'old' })).rejects.toThrow('cannot be opened with key "old"')
  })

  it('does not open a value that was moved to another object', async () => {
    const memoryDisk = createMemoryDisk()
    const keys = [sealKey('1')] as const
    const open = () => createStore({ log: sealedLog({ log: memoryLog({ disk: memoryDisk }), isSealed, keys }) })
    const { revision } = await written((await open()).create('/core/secrets/a/s', secret, disk))
    memoryDisk.rows.set(revision, { ...memoryDisk.rows.get(revision)!, key: '/core/secrets/mine/s' })
    await expect(open()).rejects.toThrow('/core/secrets/mine/s cannot be opened')
  })

  it.each([
    ['changed', (value: string) => `${value.slice(0, -8)}AAAAAAA=`],
    ['cut', (value: string) => value.slice(0, 12)],
  ])('one value that is %s costs itself where the key opens others, and is still there to be deleted', async (_how, damage) => {
    const memoryDisk = createMemoryDisk()
    const keys = [sealKey('1')] as const
    const told: string[] = []
    const open = () =>
      createStore({ log: sealedLog({ log: memoryLog({ disk: memoryDisk }), isSealed, keys, onDamaged: (key) => told.push(key) }) })
    const store = await open()
    const { revision } = await written(store.create('/core/secrets/a/bad', secret, disk))
    await written(store.create('/core/secrets/a/good', secret, disk))
    const row = memoryDisk.rows.get(revision)!
    memoryDisk.rows.set(revision, { ...row, value: damage(row.value ?? '') })
    const again = await open()
    expect(told).toEqual(['/core/secrets/a/bad'])
    expect(again.get('/core/secrets/a/good')?.value).toBe(secret)
    const bad = again.get('/core/secrets/a/bad')
    expect(bad?.value).not.toContain('password')
    await written(again.delete('/core/secrets/a/bad', bad?.revision ?? 0, disk))
    expect((await open()).get('/core/secrets/a/bad')).toBeUndefined()
  })
})
