import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync, existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Resource } from '@bramble/shared/api/client.ts'
import { createLog } from '@bramble/shared/logging/log.ts'
import { hubOf, object } from './conformance-bed.ts'
import { createSqliteCache } from './sqlite-cache.ts'

const pods: Resource = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
const secrets: Resource = { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', namespaced: true }

const mayMount = process.getuid?.() === 0

describe.skipIf(!mayMount)(`a card that cannot be written${mayMount ? '' : ' (skipped: needs root, for a file system of its own)'}`, () => {
  let card: string
  let scratch: string
  let lines: string[]
  let now: number
  beforeEach(() => {
    card = mkdtempSync(join(tmpdir(), 'bramble-card-'))
    scratch = mkdtempSync(join(tmpdir(), 'bramble-scratch-'))
    lines = []
    now = 1_000_000
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', card])
  })
  afterEach(() => {
    execFileSync('umount', ['--lazy', card])
    for (const folder of [card, scratch]) rmSync(folder, { recursive: true })
  })
  const clock = { now: () => now, monotonic: () => now }
  const open = () =>
    createSqliteCache({ folder: card, scratch, clock, log: createLog({ write: (line) => lines.push(line), now: () => now }) })
  const remount = (how: 'ro' | 'rw') => execFileSync('mount', ['-o', `remount,${how}`, card])
  const fill = () => {
    for (let step = 0, left = statfsSync(card); left.bavail > 0; step++, left = statfsSync(card))
      writeFileSync(join(card, `filler-${step}`), Buffer.alloc(left.bavail * left.bsize))
  }
  const makeRoom = () => {
    for (const file of readdirSync(card)) if (file.startsWith('filler')) rmSync(join(card, file))
  }
  const names = (cache: ReturnType<typeof open>) =>
    cache
      .list(pods)
      .map(({ metadata }) => metadata.name)
      .sort()
  const filled = () => {
    const cache = open()
    hubOf(cache).replace('pods', pods, [object('a', '1')], '5')
    hubOf(cache).replace('secrets/default/s', secrets, [object('s', '1')], '6')
    cache.close()
  }

  test.each([
    ['full', fill],
    ['read-only', () => remount('ro')],
  ])('a cache opened on a card that is %s holds what was kept', (_how, spoil) => {
    filled()
    spoil()
    const cache = open()
    expect(names(cache)).toEqual(['a'])
    expect(cache.list(secrets)).toHaveLength(1)
    expect(hubOf(cache).resourceVersion('pods')).toBe('5')
    cache.close()
    expect(readdirSync(scratch)).toEqual([])
  })

  test('opening writes nothing to a card on which everything is as it should be', () => {
    filled()
    fill()
    const cache = open()
    expect(cache.problem()).toBeUndefined()
    expect(lines).toEqual([])
    cache.close()
  })

  test('a first start on a read-only card runs without a cache and says so', () => {
    remount('ro')
    const cache = open()
    hubOf(cache).replace('pods', pods, [object('a', '1')], '5')
    expect(names(cache)).toEqual(['a'])
    expect(cache.problem()).toMatch(/cannot be kept on its disk: .*cache\.db: .*read-only file system/)
    cache.close()
  })

  test('what a full disk refuses is held in memory, told once, and on the disk when there is room again', () => {
    filled()
    const cache = open()
    fill()
    const big = { spec: { filler: 'x'.repeat(20_000) } }
    for (let version = 10; version < 40; version++)
      hubOf(cache).apply({
        scope: 'pods',
        resource: pods,
        puts: [object(`p-${version}`, `${version}`, big)],
        deletes: [],
        resourceVersion: `${version}`,
      })
    hubOf(cache).forget('secrets/default/s')
    cache.facts.set('attempts', 3)
    expect(names(cache)).toHaveLength(31)
    expect(cache.problem()).toContain('disk is full')
    expect(lines.filter((line) => line.includes('cannot be written'))).toHaveLength(1)
    makeRoom()
    execFileSync('mount', ['-o', 'remount,size=4m', card])
    cache.save()
    expect(cache.problem()).toBeUndefined()
    cache.close()

    const again = open()
    expect(names(again)).toHaveLength(31)
    expect(hubOf(again).resourceVersion('pods')).toBe('39')
    expect(hubOf(again).hasSynced('secrets/default/s')).toBe(false)
    expect(again.facts.get('attempts')).toBe(3)
    again.close()
  })

  test('a card that becomes writable again gets everything that was heard, without a restart', () => {
    filled()
    remount('ro')
    const cache = open()
    hubOf(cache).replace('pods', pods, [object('b', '7')], '7')
    hubOf(cache).forget('secrets/default/s')
    remount('rw')
    now += 60_000
    cache.save()
    expect(cache.problem()).toBeUndefined()
    cache.close()
    const again = open()
    expect(names(again)).toEqual(['b'])
    expect(hubOf(again).hasSynced('secrets/default/s')).toBe(false)
    again.close()
  })

  test('a later change never reaches the disk without an earlier one that was refused', () => {
    filled()
    const cache = open()
    fill()
    const big = { spec: { filler: 'x'.repeat(200_000) } }
    hubOf(cache).apply({ scope: 'pods', resource: pods, puts: [object('big', '6', big)], deletes: [], resourceVersion: '6' })
    expect(cache.problem()).toBeDefined()
    makeRoom()
    now += 60_000
    hubOf(cache).apply({ scope: 'pods', resource: pods, puts: [object('c', '7')], deletes: [], resourceVersion: '7' })
    cache.close()
    const again = open()
    expect(names(again)).toEqual(['a', 'big', 'c'])
    again.close()
  })

  test('Secrets are not sealed with a key that is not on the card', () => {
    fill()
    const cache = open()
    hubOf(cache).replace('secrets/default/s', secrets, [object('s', '1')], '6')
    expect(existsSync(join(card, 'cache.key'))).toBe(false)
    makeRoom()
    now += 60_000
    cache.save()
    cache.close()
    const again = open()
    expect(again.list(secrets)).toHaveLength(1)
    again.close()
  })
})
