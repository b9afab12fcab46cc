import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { written } from '../conformance/bed.ts'
import { describeStoreConformance } from '../conformance/suite.ts'
import { groupCommit } from './group-commit.ts'
import { createMemoryRows, memoryDisk } from '../memory/memory-disk.ts'
import { createStore } from '../mvcc.ts'
import { sealedDisk, type SealKey } from './sealed-disk.ts'

const sealKey = (id: string): SealKey => ({ id, key: randomBytes(32) })
const isSealed = (key: string) => key.startsWith('/core/secrets/')

describeStoreConformance('a sealed disk', () => {
  const rows = createMemoryRows()
  const keys = [sealKey('1')] as const
  return {
    open: () => groupCommit({ disk: sealedDisk({ disk: memoryDisk(rows), isSealed: () => true, keys: () => keys }) }),
    crash: async () => {},
    dispose: async () => {},
  }
})

describe('sealedDisk', () => {
  const secret = '{"data":{"password":"aHVudGVyMg=="}}'

  it('keeps the values of chosen keys from the disk, and nothing else', async () => {
    const rows = createMemoryRows()
    const keys = [sealKey('1')] as const
    const store = await createStore({ log: groupCommit({ disk: sealedDisk({ disk: memoryDisk(rows), isSealed, keys: () => keys }) }) })
    await written(store.create('/core/secrets/a/s', secret))
    await written(store.create('/core/configmaps/a/c', '{"plain":1}'))
    const [sealed, plain] = [...rows.rows.values()].filter(({ key }) => key.startsWith('/core/')).map(({ value }) => value)
    expect(sealed).toMatch(/^sealed:1:/)
    expect(sealed).not.toContain('password')
    expect(plain).toBe('{"plain":1}')
    const again = await createStore({ log: groupCommit({ disk: sealedDisk({ disk: memoryDisk(rows), isSealed, keys: () => keys }) }) })
    expect(again.get('/core/secrets/a/s')?.value).toBe(secret)
  })

  it('opens what an older key sealed, and names the key that is missing', async () => {
    const rows = createMemoryRows()
    const [old, current] = [sealKey('old'), sealKey('new')]
    const open = (...keys: [SealKey, ...SealKey[]]) =>
      createStore({ log: groupCommit({ disk: sealedDisk({ disk: memoryDisk(rows), isSealed, keys: () => keys }) }) })
    await written((await open(old)).create('/core/secrets/a/s', secret))
    expect((await open(current, old)).get('/core/secrets/a/s')?.value).toBe(secret)
    await expect(open(current)).rejects.toThrow('/core/secrets/a/s is sealed with key "old" and the hub has new: put the old key file back')
    await expect(open({ ...current, id: 'old' })).rejects.toThrow('cannot be opened with key "old"')
  })

  it('does not open a value that was moved to another object', async () => {
    const rows = createMemoryRows()
    const keys = [sealKey('1')] as const
    const open = () => createStore({ log: groupCommit({ disk: sealedDisk({ disk: memoryDisk(rows), isSealed, keys: () => keys }) }) })
    const { revision } = await written((await open()).create('/core/secrets/a/s', secret))
    rows.rows.set(revision, { ...rows.rows.get(revision)!, key: '/core/secrets/mine/s' })
    await expect(open()).rejects.toThrow('/core/secrets/mine/s cannot be opened')
  })

  it.each([
    ['changed', (value: string) => `${value.slice(0, -8)}AAAAAAA=`],
    ['cut', (value: string) => value.slice(0, 12)],
  ])('one value that is %s costs itself where the key opens others, and is still there to be deleted', async (_how, damage) => {
    const rows = createMemoryRows()
    const keys = [sealKey('1')] as const
    const told: string[] = []
    const open = () =>
      createStore({
        log: groupCommit({ disk: sealedDisk({ disk: memoryDisk(rows), isSealed, keys: () => keys, onDamaged: (key) => told.push(key) }) }),
      })
    const store = await open()
    const { revision } = await written(store.create('/core/secrets/a/bad', secret))
    await written(store.create('/core/secrets/a/good', secret))
    const row = rows.rows.get(revision)!
    rows.rows.set(revision, { ...row, value: damage(row.value ?? '') })
    const again = await open()
    expect(told).toEqual(['/core/secrets/a/bad'])
    expect(again.get('/core/secrets/a/good')?.value).toBe(secret)
    const bad = again.get('/core/secrets/a/bad')
    expect(bad?.value).not.toContain('password')
    await written(again.delete('/core/secrets/a/bad', bad?.revision ?? 0))
    expect((await open()).get('/core/secrets/a/bad')).toBeUndefined()
  })
})
