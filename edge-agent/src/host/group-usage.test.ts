import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { groupUsage } from './group-usage.ts'

function hierarchy(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'cgroup-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), `${text}\n`)
  }
  return root
}

const expected = {
  ...{ cpuNanoSeconds: 7_000_000, userNanoSeconds: 40_000_000, systemNanoSeconds: 20_000_000 },
  ...{ periods: 9, throttledPeriods: 3, throttledNanoSeconds: 5000, quota: 50_000, period: 100_000 },
  ...{ memoryBytes: 1000, workingSetBytes: 700, rssBytes: 600, cacheBytes: 350, swapBytes: 11, peakBytes: 2000, limitBytes: 4096 },
  ...{ faults: 21, majorFaults: 2, oomKills: 1, failures: 6, processes: 4 },
  disks: {
    '8:0': { readBytes: 10, writtenBytes: 40, reads: 1, writes: 4 },
    '8:16': { readBytes: 20, writtenBytes: 0, reads: 2, writes: 0 },
  },
}

it('one hierarchy', () => {
  const root = hierarchy({
    'cgroup.controllers': 'cpu memory',
    'a/b/cpu.stat': 'usage_usec 7000\nuser_usec 40000\nsystem_usec 20000\nnr_periods 9\nnr_throttled 3\nthrottled_usec 5',
    'a/b/cpu.max': '50000 100000',
    'a/b/memory.current': '1000',
    'a/b/memory.stat': 'anon 600\nfile 350\ninactive_file 300\npgfault 21\npgmajfault 2',
    'a/b/memory.swap.current': '11',
    'a/b/memory.peak': '2000',
    'a/b/memory.max': '4096',
    'a/b/memory.events': 'low 0\nmax 6\noom 1\noom_kill 1',
    'a/b/pids.current': '4',
    'a/b/io.stat': '8:0 rbytes=10 wbytes=40 rios=1 wios=4 dbytes=0\n8:16 rbytes=20 wbytes=0 rios=2 wios=0',
    'c/cpu.max': 'max 100000',
    'c/memory.max': 'max',
  })
  expect(groupUsage('/a/b', root)).toEqual(expected)
  expect(groupUsage('/c', root)).toMatchObject({
    quota: undefined,
    period: 100_000,
    limitBytes: undefined,
    memoryBytes: undefined,
    cpuNanoSeconds: 0,
  })
})

it('a hierarchy for each controller', () => {
  const root = hierarchy({
    'cpuacct/a/b/cpuacct.usage': '7000000',
    'cpuacct/a/b/cpuacct.stat': 'user 4\nsystem 2',
    'cpu/a/b/cpu.stat': 'nr_periods 9\nnr_throttled 3\nthrottled_time 5000',
    'cpu/a/b/cpu.cfs_quota_us': '50000',
    'cpu/a/b/cpu.cfs_period_us': '100000',
    'memory/a/b/memory.usage_in_bytes': '1000',
    'memory/a/b/memory.stat':
      'cache 1\nrss 1\ntotal_cache 350\ntotal_rss 600\ntotal_inactive_file 300\ntotal_swap 11\ntotal_pgfault 21\ntotal_pgmajfault 2',
    'memory/a/b/memory.max_usage_in_bytes': '2000',
    'memory/a/b/memory.limit_in_bytes': '4096',
    'memory/a/b/memory.failcnt': '6',
    'memory/a/b/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1',
    'pids/a/b/pids.current': '4',
    'blkio/a/b/blkio.throttle.io_service_bytes': '8:0 Read 10\n8:0 Write 40\n8:16 Read 20\nTotal 70',
    'blkio/a/b/blkio.throttle.io_serviced': '8:0 Read 1\n8:0 Write 4\n8:16 Read 2\nTotal 7',
    'cpu/c/cpu.cfs_quota_us': '-1',
    'memory/c/memory.limit_in_bytes': '9223372036854771712',
  })
  expect(groupUsage('/a/b', root)).toEqual(expected)
  expect(groupUsage('/c', root)).toMatchObject({ quota: undefined, limitBytes: undefined })
})

it('this machine counts for the root of all groups what a process of it worked', () => {
  const before = groupUsage('/')
  execFileSync(process.execPath, ['-e', 'for (let n = 0; n < 1e8; n++);'])
  expect(groupUsage('/').cpuNanoSeconds).toBeGreaterThan(before.cpuNanoSeconds)
  expect(readFileSync('/proc/self/cgroup', 'utf8')).not.toBe('')
})
