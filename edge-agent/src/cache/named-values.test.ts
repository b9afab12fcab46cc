import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { createLog, silentLog } from '@bramble/shared/logging/log.ts'
import { configMaps, secrets } from '../resources.ts'
import { NotKept } from './cache.ts'
import { createSqliteCache } from './sqlite-cache.ts'
import { hubSource } from '../link/sync/hub-source.ts'

const mib = 1024 * 1024
const limits = { maxBytes: 4 * mib, maxHeldBytes: 2 * mib }
const filler = (bytes: number) => Buffer.alloc(bytes, 'x').toString('latin1')
const value = (name: string, bytes: number, resourceVersion = '1'): KubeObject & { readonly data: { readonly filler: string } } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion },
  data: { filler: filler(bytes) },
})
const key = (name: string) => ({ namespace: 'default', name })

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bramble-values-'))))
afterEach(() => rmSync(folder, { recursive: true }))
const open = (more: Partial<Parameters<typeof createSqliteCache>[0]> = {}) =>
  createSqliteCache({ folder, clock: systemClock, log: silentLog, ...more })
const files = () => readdirSync(join(folder, 'objects'))
const put = (cache: ReturnType<typeof open>, name: string, bytes: number, version = '1') =>
  hubSource(cache).replace(`configmaps/default/${name}`, configMaps, [value(name, bytes, version)], version)

const used = () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // there once the flag is set
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('forty ConfigMaps of a megabyte that a pod names take no memory, and are all there after a start without a hub', () => {
  const first = open()
  const before = used()
  for (let index = 0; index < 40; index++) put(first, `c-${index}`, mib)
  expect(used() - before).toBeLessThan(10 * mib)
  first.close()
  const second = open()
  expect(used() - before).toBeLessThan(10 * mib)
  for (let index = 0; index < 40; index++) expect(second.get(configMaps, key(`c-${index}`))?.data?.['filler']).toHaveLength(mib)
  second.close()
})

test.each([configMaps, secrets])(
  'forty $kind objects of a megabyte that are not kept take no memory, though everybody who wrote one holds why',
  (resource) => {
    const cache = open({ limits })
    const before = used()
    const refused: unknown[] = []
    for (let index = 0; index < 40; index++) {
      const name = `c-${index}`
      try {
        hubSource(cache).replace(`${resource.resource}/default/${name}`, resource, [value(name, mib)], '1')
      } catch (error) {
        refused.push(error)
      }
    }
    expect(used() - before).toBeLessThan(10 * mib)
    expect(refused.filter((error) => error instanceof NotKept)).toHaveLength(37)
    cache.close()
  },
)

test('what has no room on the disk is told by its name, also when it was asked for as optional, and is worth a new try when another goes', () => {
  const cache = open({ limits })
  for (const name of ['a', 'b', 'c']) put(cache, name, mib)
  expect(() => put(cache, 'd', mib)).toThrow(NotKept)
  for (const ask of [() => cache.get(configMaps, key('d')), () => cache.versionOf(configMaps, key('d'))])
    expect(ask).toThrow(/^configmaps\/default\/d is not kept on this node: it has 1\.0 MiB, and 3\.0 MiB of the 4\.0 MiB/)
  expect(cache.problem()).toMatch(/^configmaps\/default\/d is not kept/)
  expect(hubSource(cache).hasSynced('configmaps/default/d')).toBe(false)
  expect(hubSource(cache).hasRoom('configmaps/default/d')).toBe(false)
  expect(cache.get(configMaps, key('a'))).toEqual(value('a', mib))
  hubSource(cache).forget('configmaps/default/a')
  expect(hubSource(cache).hasRoom('configmaps/default/d')).toBe(true)
  put(cache, 'd', mib)
  expect(cache.problem()).toBeUndefined()
  expect(cache.get(configMaps, key('d'))).toEqual(value('d', mib))
  cache.close()
})

test('an object that grows beyond the room is not kept, and what it had is free', () => {
  const cache = open({ limits })
  put(cache, 'a', 2 * mib)
  put(cache, 'b', mib)
  expect(() => put(cache, 'a', 4 * mib, '2')).toThrow(NotKept)
  put(cache, 'c', 2 * mib)
  expect(files()).toHaveLength(2)
  cache.close()
})

test('a value that is replaced or forgotten leaves no file', () => {
  const cache = open()
  put(cache, 'a', 100)
  put(cache, 'a', 200, '2')
  put(cache, 'b', 100)
  expect(files()).toHaveLength(2)
  hubSource(cache).forget('configmaps/default/b')
  hubSource(cache).replace('configmaps/default/a', configMaps, [], '3')
  expect(files()).toEqual([])
  cache.close()
})

test('what the disk refuses is held in memory up to a bound, and reaches the disk when there is room again', () => {
  mkdirSync(join(folder, 'objects'))
  rmSync(join(folder, 'objects'), { recursive: true })
  writeFileSync(join(folder, 'objects'), 'in the way') // as good as a disk that takes no file
  const cache = open({ limits })
  put(cache, 'a', mib)
  expect(cache.get(configMaps, key('a'))).toEqual(value('a', mib))
  expect(() => put(cache, 'b', mib)).toThrow(/1\.0 MiB of the 2\.0 MiB .* in memory while the disk cannot be written/)
  expect(cache.problem()).toMatch(/cannot be kept on its disk: .*; configmaps\/default\/b is not kept on this node/)
  rmSync(join(folder, 'objects'))
  cache.save()
  expect(hubSource(cache).hasRoom('configmaps/default/b')).toBe(true)
  put(cache, 'b', mib)
  expect(cache.problem()).toBeUndefined()
  cache.close()
  const again = open({ limits })
  for (const name of ['a', 'b']) expect(again.get(configMaps, key(name))).toEqual(value(name, mib))
  again.close()
})

test('Secrets are sealed in their files', () => {
  const cache = open()
  const secret = { ...value('s', 10), kind: 'Secret', data: { password: 'c2VjcmV0LXNlY3JldA==' } }
  hubSource(cache).replace('secrets/default/s', secrets, [secret], '1')
  expect(cache.get(secrets, key('s'))).toEqual(secret)
  expect(readFileSync(join(folder, 'objects', files()[0] ?? '')).toString('latin1')).not.toContain('c2VjcmV0LXNlY3JldA==')
  cache.close()
})

test.each([
  ['damaged', (file: string) => writeFileSync(file, '{"metadata":{')],
  ["another object's", (file: string) => writeFileSync(file, JSON.stringify(value('other', 1)))],
  ['gone', (file: string) => rmSync(file)],
])('a value whose file is %s is told by its name and listed anew, and its listeners hear of it', async (_how, spoil) => {
  const lines: string[] = []
  const cache = open({ log: createLog({ write: (line) => lines.push(line) }) })
  put(cache, 'a', 100)
  spoil(join(folder, 'objects', files()[0] ?? ''))
  await Promise.resolve()
  let told = 0
  cache.subscribe(configMaps, () => told++)
  expect(() => cache.get(configMaps, key('a'))).toThrow(NotKept)
  await Promise.resolve()
  expect(told).toBe(1)
  expect(hubSource(cache).resourceVersion('configmaps/default/a')).toBeUndefined()
  expect(hubSource(cache).hasRoom('configmaps/default/a')).toBe(true)
  put(cache, 'a', 100)
  expect(cache.get(configMaps, key('a'))).toEqual(value('a', 100))
  cache.close()
})

test('what a power cut left between a file and its row is swept, and a row without its file is fetched anew', () => {
  const first = open()
  put(first, 'a', 100)
  put(first, 'b', 100)
  first.close()
  rmSync(join(folder, 'objects', files()[0] ?? ''))
  writeFileSync(join(folder, 'objects', 'left'), 'x')
  const second = open()
  expect(hubSource(second).scopes()).toHaveLength(1)
  expect(files()).toHaveLength(1)
  second.close()
})
