import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import type { Cri } from '../../cri/cri.ts'
import { createDiskGuard } from './disk-guard.ts'
import { podPaths } from '../paths.ts'

const kibi = 1024
const limits = { maxLogBytes: 64 * kibi, maxLogFiles: 3, maxFileBytes: 64 * kibi }
const line = (text: string) => `2026-06-01T12:00:00.000000001Z stdout F ${text}\n`
const lines = (from: number, count: number) => Array.from({ length: count }, (_, index) => line(`line ${from + index}`)).join('')

describe('what a container writes past its limits', () => {
  let dir: string
  let paths: ReturnType<typeof podPaths>
  let log: string
  let isRunning: boolean
  let told: string[]
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'kubelet-guard-'))
    paths = podPaths(dir)
    log = join(paths.podLogs({ namespace: 'default', name: 'web', uid: 'u1' }), 'main/2.log')
    mkdirSync(dirname(log), { recursive: true })
    mkdirSync(dirname(paths.terminationLog('u1', 'main', 2)), { recursive: true })
    isRunning = true
    told = []
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  const createGuard = () => {
    const labels = { 'io.kubernetes.pod.uid': 'u1', 'io.kubernetes.container.name': 'main' }
    const annotations = { 'io.kubernetes.container.restartCount': '2' }
    const cri = {
      listContainers: async () => [{ id: 'c', state: isRunning ? 'CONTAINER_RUNNING' : 'CONTAINER_EXITED', labels, annotations }],
      reopenContainerLog: async () => writeFileSync(log, line('after')),
    } as unknown as Cri // what the guard asks
    const tell = (uid: string, reason: string) => void told.push(`${uid} ${reason}`)
    return createDiskGuard({ cri, instance: 'i', paths, clock: systemClock, log: silentLog, tell, ...limits })
  }
  const look = (guard = createGuard()) => guard.look(new AbortController().signal)

  it('a log is put aside when it is full', async () => {
    writeFileSync(log, lines(0, 1500))
    await look()
    expect(readFileSync(`${log}.1`, 'utf8')).toBe(lines(0, 1500))
    expect(readFileSync(log, 'utf8')).toBe(line('after'))
    expect(told).toEqual([])
  })

  it('a log that grows faster than it is looked at keeps its newest part alone, and says so', async () => {
    writeFileSync(log, lines(0, 20_000))
    await look()
    const kept = readFileSync(`${log}.1`, 'utf8')
    expect(kept.length).toBeLessThanOrEqual(limits.maxLogBytes)
    expect(kept.length).toBeGreaterThan(limits.maxLogBytes - 100)
    expect(lines(0, 20_000).endsWith(`\n${kept}`)).toBe(true)
    expect(readFileSync(log, 'utf8')).toBe(line('after'))
    expect(told).toEqual(['u1 LogTooFast'])
  })

  it('the log of a container that ended does not stay as large as it was', async () => {
    isRunning = false
    writeFileSync(log, lines(0, 20_000))
    await look()
    expect(statSync(log).size).toBeLessThanOrEqual(limits.maxLogBytes)
    expect(readFileSync(log, 'utf8').endsWith(line('line 19999'))).toBe(true)
  })

  it('one line without an end leaves no more either', async () => {
    isRunning = false
    writeFileSync(log, Buffer.alloc(1 << 20, 'x'))
    await look()
    expect(statSync(log).size).toBeLessThanOrEqual(limits.maxLogBytes)
  })

  it.each([
    ['hosts file', () => paths.etcHosts('u1')],
    ['name servers', () => paths.resolvConf('u1')],
    ['last words', () => paths.terminationLog('u1', 'main', 2)],
  ])('its %s are cut to what they may take of the disk, and it is told once', async (_what, file) => {
    const guard = createGuard()
    writeFileSync(file(), 'x'.repeat(1 << 20))
    await look(guard)
    expect(statSync(file()).size).toBe(limits.maxFileBytes)
    appendFileSync(file(), 'y'.repeat(1 << 20))
    await look(guard)
    expect(statSync(file()).blocks * 512).toBeLessThanOrEqual(limits.maxFileBytes)
    expect(told).toEqual(['u1 FileTooLarge'])
  })

  it('a file that is all holes takes no room and is left', async () => {
    writeFileSync(paths.etcHosts('u1'), 'x')
    truncateSync(paths.etcHosts('u1'), 2 ** 40)
    await look()
    expect(statSync(paths.etcHosts('u1')).size).toBe(2 ** 40)
  })
})
