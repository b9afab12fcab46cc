import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, expect, test } from 'vitest'
import type { Resource } from '@bramble/shared/api/client.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { createLog, silentLog } from '@bramble/shared/logging/log.ts'
import { cacheConformance } from './cache-conformance.ts'
import { hubOf, object } from './conformance-bed.ts'
import { createSqliteCache } from './sqlite-cache.ts'

const pods: Resource = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
const secrets: Resource = { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', namespaced: true }

const folders: string[] = []
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-cache-'))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
const open = (folder: string, log = silentLog) => createSqliteCache({ folder, scratch: tmpdir(), clock: systemClock, log })

cacheConformance('sqlite cache', () => open(newFolder()))

test('a cache opened again holds what was applied, its versions and its facts', () => {
  const folder = newFolder()
  const first = open(folder)
  hubOf(first).replace('pods', pods, [object('a', '1')], '5')
  hubOf(first).replace('secrets/default/s', secrets, [object('s', '1', { data: { password: 'aGVsbG8=' } })], '6')
  first.facts.set('attempts', { a: 3 })
  first.close()
  const second = open(folder)
  expect(second.list(pods)).toEqual([object('a', '1')])
  expect(second.list(secrets)).toEqual([object('s', '1', { data: { password: 'aGVsbG8=' } })])
  expect(hubOf(second).resourceVersion('pods')).toBe('5')
  expect(second.facts.get('attempts')).toEqual({ a: 3 })
  second.close()
})

test('a restart goes on from where a restored hub is, with what it does not list, though nothing of the list was news', () => {
  const folder = newFolder()
  const first = open(folder)
  hubOf(first).replace('pods', pods, [object('a', '1'), object('b', '90')], '100')
  hubOf(first).replace('secrets/default/s', secrets, [], '100')
  hubOf(first).replace('pods', pods, [object('a', '1')], '50')
  hubOf(first).replace('secrets/default/s', secrets, [], '50')
  first.close()
  const second = open(folder)
  expect(second.list(pods).map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
  expect([hubOf(second).resourceVersion('pods'), hubOf(second).resourceVersion('secrets/default/s')]).toEqual(['50', '50'])
  expect(hubOf(second).unlisted()).toEqual({ until: '100', isPassed: false })
  hubOf(second).release('100')
  hubOf(second).replace('pods', pods, [object('a', '1')], '60')
  second.close()
  const third = open(folder)
  expect(third.list(pods)).toEqual([object('a', '1')])
  third.close()
})

test('what was applied is on the disk before apply returns: a process killed then loses nothing', () => {
  const folder = newFolder()
  const first = open(folder)
  hubOf(first).replace('pods', pods, [object('a', '1')], '5')
  // What a killed process leaves: the files as they are, never closed.
  const copy = newFolder()
  for (const file of readdirSync(folder)) writeFileSync(join(copy, file), readFileSync(join(folder, file)))
  const second = open(copy)
  expect(second.list(pods)).toHaveLength(1)
  second.close()
  first.close()
})

test('Secrets are sealed on the disk, and their key is readable by its owner only', () => {
  const folder = newFolder()
  const cache = open(folder)
  hubOf(cache).replace('secrets/default/s', secrets, [object('s', '1', { data: { password: 'c2VjcmV0LXNlY3JldA==' } })], '6')
  hubOf(cache).replace('pods', pods, [object('visible-pod', '1')], '6')
  cache.close()
  const bytes = readFileSync(join(folder, 'cache.db')).toString('latin1')
  expect(bytes).toContain('visible-pod')
  expect(bytes).not.toContain('c2VjcmV0LXNlY3JldA==')
  expect(statSync(join(folder, 'cache.key')).mode & 0o777).toBe(0o600)
})

test('Secrets sealed with a lost key are forgotten so that they are fetched anew', () => {
  const folder = newFolder()
  const first = open(folder)
  hubOf(first).replace('secrets/default/s', secrets, [object('s', '1')], '6')
  hubOf(first).replace('pods', pods, [object('a', '1')], '6')
  first.close()
  rmSync(join(folder, 'cache.key'))
  const second = open(folder)
  expect(hubOf(second).hasSynced('secrets/default/s')).toBe(false)
  expect(hubOf(second).hasSynced('pods')).toBe(true)
  second.close()
})

test('a damaged key is put aside, and the Secrets it sealed are fetched anew', () => {
  const folder = newFolder()
  const first = open(folder)
  hubOf(first).replace('secrets/default/s', secrets, [object('s', '1')], '6')
  first.close()
  truncateSync(join(folder, 'cache.key'), 7)
  const lines: string[] = []
  const second = open(folder, createLog({ write: (line) => lines.push(line) }))
  expect(hubOf(second).hasSynced('secrets/default/s')).toBe(false)
  expect(lines.join()).toContain('key of the stored Secrets is damaged')
  hubOf(second).replace('secrets/default/s', secrets, [object('s', '1')], '6')
  second.close()
  const third = open(folder)
  expect(third.list(secrets)).toHaveLength(1)
  third.close()
})

test('one pod that a failing card has changed costs none of the others, and nobody takes it for one that is not wanted', () => {
  const folder = newFolder()
  const first = open(folder)
  hubOf(first).replace('pods', pods, [object('damaged', '3'), object('whole', '4')], '5')
  first.close()
  const card = new Database(join(folder, 'cache.db'))
  card.prepare("UPDATE object SET value = '{\"a\":' WHERE key = 'default/damaged'").run()
  card.close()
  for (let start = 0; start < 2; start++) {
    const offline = open(folder)
    expect(offline.list(pods)).toEqual([object('whole', '4')])
    expect([hubOf(offline).hasSynced('pods'), hubOf(offline).resourceVersion('pods')]).toEqual([false, undefined])
    hubOf(offline).giveUp('4')
    expect(hubOf(offline).hasSynced('pods')).toBe(false)
    offline.close()
  }
  const back = open(folder)
  hubOf(back).replace('pods', pods, [object('damaged', '3'), object('whole', '4')], '9')
  expect([hubOf(back).hasSynced('pods'), hubOf(back).resourceVersion('pods')]).toEqual([true, '9'])
  hubOf(back).apply({
    scope: 'pods',
    resource: pods,
    puts: [],
    deletes: [{ namespace: 'default', name: 'damaged' }],
    resourceVersion: '10',
  })
  back.close()
  const last = open(folder)
  expect(last.list(pods)).toEqual([object('whole', '4')])
  expect(hubOf(last).hasSynced('pods')).toBe(true)
  last.close()
})

test('a damaged pod that is gone by the next list is not found again', () => {
  const folder = newFolder()
  const first = open(folder)
  hubOf(first).replace('pods', pods, [object('damaged', '3'), object('whole', '4')], '5')
  first.close()
  const card = new Database(join(folder, 'cache.db'))
  card.prepare("UPDATE object SET value = '{\"a\":' WHERE key = 'default/damaged'").run()
  card.close()
  const second = open(folder)
  hubOf(second).replace('pods', pods, [object('whole', '4')], '9')
  second.close()
  const third = open(folder)
  expect([hubOf(third).hasSynced('pods'), third.list(pods).length]).toEqual([true, 1])
  third.close()
})

test('a fact that a failing card has changed is forgotten, and costs none of the others', () => {
  const folder = newFolder()
  const first = open(folder)
  first.facts.set('damaged', { a: 3 })
  first.facts.set('whole', { b: 4 })
  first.close()
  const card = new Database(join(folder, 'cache.db'))
  card.prepare("UPDATE fact SET value = '{\"a\":' WHERE key = 'damaged'").run()
  card.close()
  const second = open(folder)
  expect([second.facts.get('damaged'), second.facts.get('whole')]).toEqual([undefined, { b: 4 }])
  second.facts.set('damaged', { a: 5 })
  second.close()
  const third = open(folder)
  expect(third.facts.get('damaged')).toEqual({ a: 5 })
  third.close()
})

test.each([
  ['overwritten', (file: string) => writeFileSync(file, 'this is no database, and long enough to look like a page of one '.repeat(100))],
  ['cut in the middle', (file: string) => truncateSync(file, 5000)],
])('a file that was %s is put aside with a warning, and the cache starts empty', (_how, damage) => {
  const folder = newFolder()
  const first = open(folder)
  hubOf(first).replace(
    'pods',
    pods,
    Array.from({ length: 100 }, (_, index) => object(`pod-${index}`, '1', { spec: { filler: 'x'.repeat(500) } })),
    '5',
  )
  first.close()
  damage(join(folder, 'cache.db'))
  const lines: string[] = []
  const second = open(folder, createLog({ write: (line) => lines.push(line) }))
  expect(hubOf(second).hasSynced('pods')).toBe(false)
  expect(lines.join()).toContain('damaged')
  expect(readdirSync(folder)).toContain('cache.db.damaged')
  hubOf(second).replace('pods', pods, [object('a', '1')], '5')
  second.close()
})

test('a second agent with the same folder is told so in one sentence', () => {
  const folder = newFolder()
  const first = open(folder)
  hubOf(first).replace('pods', pods, [], '1')
  expect(() => open(folder)).toThrow(/is in use by another agent/)
  first.close()
})

test('a bookmark does not write to the card', () => {
  const folder = newFolder()
  const cache = open(folder)
  hubOf(cache).replace('pods', pods, [object('a', '1')], '5')
  const before = statSync(join(folder, 'cache.db-wal')).size
  for (let version = 6; version < 100; version++)
    hubOf(cache).apply({ scope: 'pods', resource: pods, puts: [], deletes: [], resourceVersion: String(version) })
  expect(statSync(join(folder, 'cache.db-wal')).size).toBe(before)
  expect(hubOf(cache).resourceVersion('pods')).toBe('99')
  cache.close()
})
