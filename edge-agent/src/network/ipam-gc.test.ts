import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { releaseOrphans } from './ipam-gc.ts'

let ipamDir: string
beforeEach(() => (ipamDir = mkdtempSync(join(tmpdir(), 'ipam-'))))
afterEach(() => rmSync(ipamDir, { recursive: true }))

const minute = 60_000
const now = Date.parse('2026-06-01T12:00:00Z')
const release = (live: readonly string[]) =>
  releaseOrphans({ ipamDir, network: 'net', liveSandboxes: new Set(live), olderThan: now - 5 * minute })

test('an address is released when its sandbox is gone, and not while the sandbox lives or is being made', () => {
  const folder = join(ipamDir, 'net')
  mkdirSync(folder)
  for (const [address, sandbox, ageMs] of [
    ['10.42.0.2', 'gone', 10 * minute],
    ['10.42.0.3', 'alive', 10 * minute],
    ['10.42.0.4', 'starting', minute],
    ['last_reserved_ip.0', '10.42.0.4', 10 * minute],
    ['lock', '', 10 * minute],
  ] as const) {
    writeFileSync(join(folder, address), `${sandbox}\r\neth0`)
    utimesSync(join(folder, address), (now - ageMs) / 1000, (now - ageMs) / 1000)
  }
  expect(release(['alive'])).toEqual(['10.42.0.2'])
  expect(readdirSync(folder).sort()).toEqual(['10.42.0.3', '10.42.0.4', 'last_reserved_ip.0', 'lock'])
})

test('a node that never gave an address has none to release', () => {
  expect(release([])).toEqual([])
})
