import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const script = new URL('./heap-mib', import.meta.url).pathname

/** What the script says on a machine with these files; sizes in MiB. */
function heapOn(memory: number, groups: string, limits: Readonly<Record<string, number | string>> = {}): number {
  const root = mkdtempSync(join(tmpdir(), 'heap-mib-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  put('proc/meminfo', `MemTotal:       ${memory * 1024} kB\nMemFree:         1000 kB\n`)
  put('proc/self/cgroup', groups)
  for (const [path, limit] of Object.entries(limits))
    put(`sys/fs/cgroup/${path}`, `${typeof limit === 'number' ? limit * 1024 * 1024 : limit}\n`)
  return Number(execFileSync('sh', [script, root], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }))
}

test('the heap of a hub may take two thirds of its machine, and never more than V8 takes by itself', () => {
  expect(heapOn(900, '0::/\n')).toBe(600)
  expect(heapOn(1800, '0::/system.slice/bramble.service\n', { 'memory.max': 'max' })).toBe(1200)
  expect(heapOn(24_000, '0::/\n')).toBe(4096)
})

test('a control group that leaves less is what counts, and so are those above it', () => {
  const group = '0::/system.slice/bramble.service\n'
  expect(heapOn(24_000, group, { 'system.slice/bramble.service/memory.max': 900 })).toBe(600)
  expect(heapOn(24_000, group, { 'system.slice/bramble.service/memory.max': 900, 'system.slice/memory.max': 600 })).toBe(400)
  // In a container its own group is the root of what it sees.
  expect(heapOn(24_000, '0::/\n', { 'memory.max': 300 })).toBe(200)
})

test('so it is with the control groups of version 1', () => {
  const groups = '9:name=systemd:/\n4:memory:/hubs/one\n1:cpu:/\n0::/\n'
  expect(heapOn(24_000, groups, { 'memory/hubs/one/memory.limit_in_bytes': 900 })).toBe(600)
  expect(heapOn(3000, groups, { 'memory/hubs/one/memory.limit_in_bytes': '9223372036854771712' })).toBe(2000)
})
