import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startDaemon, stopDaemon } from './daemon.ts'

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
