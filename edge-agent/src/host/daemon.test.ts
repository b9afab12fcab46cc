import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findDaemon, startDaemon, stopDaemon } from './daemon.ts'

let dir: string
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'daemon-'))))
afterEach(() => rmSync(dir, { recursive: true }))

test('a runtime makes its files with the usual umask, whatever umask the agent has', async () => {
  const daemon = { pidFile: join(dir, 'pid'), logFile: join(dir, 'log'), command: '/bin/sh', args: ['-c', 'umask; kill -STOP $$'] }
  const before = process.umask(0o077)
  try {
    await startDaemon(daemon)
    expect(process.umask()).toBe(0o077)
  } finally {
    process.umask(before)
  }
  await expect.poll(() => readFileSync(daemon.logFile, 'utf8')).toBe('0022\n')
  await stopDaemon(daemon, 0)
})

test('a pid that was given to another process meanwhile is not the daemon: it is left alone', async () => {
  const daemon = { pidFile: join(dir, 'pid'), logFile: join(dir, 'log'), command: '/bin/sh', args: ['-c', 'kill -STOP $$'] }
  const pid = await startDaemon(daemon)
  expect(findDaemon(daemon)).toBe(pid)
  const written = readFileSync(daemon.pidFile, 'utf8')
  // As a pid file of before the last reboot is: the process began at another time.
  writeFileSync(daemon.pidFile, written.replace(/ (\d+)/, ' 1'))
  expect(findDaemon(daemon)).toBeUndefined()
  await stopDaemon(daemon, 0)
  writeFileSync(daemon.pidFile, written)
  expect(findDaemon(daemon)).toBe(pid)
  await stopDaemon(daemon, 0)
  expect(findDaemon(daemon)).toBeUndefined()
})
