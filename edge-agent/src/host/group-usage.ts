import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readText } from './read-sysfs.ts'

/**
 * What a control group has used, as the kernel counts it (Documentation/admin-guide/cgroup-v2.rst; cgroup-v1/memory.rst, cpuacct.rst,
 * blkio-controller.rst). CPU in nanoseconds, memory in bytes; what this kernel does not count is undefined.
 */
export type GroupUsage = {
  readonly cpuNanoSeconds: number
  readonly userNanoSeconds: number
  readonly systemNanoSeconds: number
  readonly periods: number
  readonly throttledPeriods: number
  readonly throttledNanoSeconds: number
  /** Microseconds of a period that it may run; undefined: all. */
  readonly quota: number | undefined
  readonly period: number | undefined
  readonly memoryBytes: number | undefined
  /** Without what could be had back at once. */
  readonly workingSetBytes: number | undefined
  readonly rssBytes: number
  readonly cacheBytes: number
  readonly swapBytes: number | undefined
  readonly peakBytes: number | undefined
  readonly limitBytes: number | undefined
  readonly faults: number
  readonly majorFaults: number
  readonly oomKills: number
  readonly failures: number
  readonly processes: number | undefined
  /** Of each disk by its number, such as `179:0`. */
  readonly disks: Readonly<Record<string, DiskUsage>>
}

export type DiskUsage = { readonly readBytes: number; readonly writtenBytes: number; readonly reads: number; readonly writes: number }

const mountPoint = '/sys/fs/cgroup'
const nanosOfTick = 10_000_000

/** Reads some thirty small files; nothing is kept. `group` is a path below each hierarchy, as in `/proc/self/cgroup`. */
export const groupUsage = (group: string, root = mountPoint): GroupUsage =>
  existsSync(join(root, 'cgroup.controllers')) ? unified(join(root, group)) : apart((controller) => join(root, controller, group))

function unified(folder: string): GroupUsage {
  const of = (file: string) => readText(join(folder, file))
  const [cpu, memory, events] = [pairs(of('cpu.stat')), pairs(of('memory.stat')), pairs(of('memory.events'))]
  const [quota, period] = (of('cpu.max') ?? '').split(' ').map(amount)
  const used = amount(of('memory.current'))
  const disks = (of('io.stat') ?? '').split('\n').flatMap((line): [string, DiskUsage][] => {
    const [disk = '', ...words] = line.split(' ')
    const told = new Map(words.map((word) => word.split('=') as [string, string])) // as the kernel writes them
    const value = (name: string) => count(amount(told.get(name)))
    const usage = { readBytes: value('rbytes'), writtenBytes: value('wbytes'), reads: value('rios'), writes: value('wios') }
    return isDisk(disk) ? [[disk, usage]] : []
  })
  return {
    cpuNanoSeconds: count(cpu['usage_usec']) * 1000,
    userNanoSeconds: count(cpu['user_usec']) * 1000,
    systemNanoSeconds: count(cpu['system_usec']) * 1000,
    periods: count(cpu['nr_periods']),
    throttledPeriods: count(cpu['nr_throttled']),
    throttledNanoSeconds: count(cpu['throttled_usec']) * 1000,
    ...{ quota, period },
    ...{ memoryBytes: used, workingSetBytes: without(used, memory['inactive_file']) },
    rssBytes: count(memory['anon']),
    cacheBytes: count(memory['file']),
    swapBytes: amount(of('memory.swap.current')),
    peakBytes: amount(of('memory.peak')),
    limitBytes: amount(of('memory.max')),
    faults: count(memory['pgfault']),
    majorFaults: count(memory['pgmajfault']),
    oomKills: count(events['oom_kill']),
    failures: count(events['max']),
    processes: amount(of('pids.current')),
    disks: Object.fromEntries(disks),
  }
}

/** What the first version has for "no limit": the most that a page counter holds. */
const unlimited = 2 ** 62

function apart(folder: (controller: string) => string): GroupUsage {
  const of = (controller: string, file: string) => readText(join(folder(controller), file))
  const [cpu, ticks, memory] = [pairs(of('cpu', 'cpu.stat')), pairs(of('cpuacct', 'cpuacct.stat')), pairs(of('memory', 'memory.stat'))]
  const quota = amount(of('cpu', 'cpu.cfs_quota_us'))
  const used = amount(of('memory', 'memory.usage_in_bytes'))
  const limit = amount(of('memory', 'memory.limit_in_bytes'))
  const [bytes, times] = ['blkio.throttle.io_service_bytes', 'blkio.throttle.io_serviced'].map((file) => byDisk(of('blkio', file)))
  const disks = Object.keys({ ...bytes, ...times }).map((disk) => {
    const [moved, done] = [bytes?.[disk], times?.[disk]]
    return [
      disk,
      {
        ...{ readBytes: count(moved?.['Read']), writtenBytes: count(moved?.['Write']) },
        ...{ reads: count(done?.['Read']), writes: count(done?.['Write']) },
      },
    ] as const
  })
  return {
    cpuNanoSeconds: count(amount(of('cpuacct', 'cpuacct.usage'))),
    userNanoSeconds: count(ticks['user']) * nanosOfTick,
    systemNanoSeconds: count(ticks['system']) * nanosOfTick,
    periods: count(cpu['nr_periods']),
    throttledPeriods: count(cpu['nr_throttled']),
    throttledNanoSeconds: count(cpu['throttled_time']),
    ...{ quota: quota === undefined || quota < 0 ? undefined : quota, period: amount(of('cpu', 'cpu.cfs_period_us')) },
    ...{ memoryBytes: used, workingSetBytes: without(used, memory['total_inactive_file']) },
    rssBytes: count(memory['total_rss']),
    cacheBytes: count(memory['total_cache']),
    swapBytes: memory['total_swap'],
    peakBytes: amount(of('memory', 'memory.max_usage_in_bytes')),
    limitBytes: limit === undefined || limit >= unlimited ? undefined : limit,
    faults: count(memory['total_pgfault']),
    majorFaults: count(memory['total_pgmajfault']),
    oomKills: count(pairs(of('memory', 'memory.oom_control'))['oom_kill']),
    failures: count(amount(of('memory', 'memory.failcnt'))),
    processes: amount(of('pids', 'pids.current')),
    disks: Object.fromEntries(disks),
  }
}

/** Lines of a disk, what it did and how much of it. */
function byDisk(text = ''): Readonly<Record<string, Record<string, number | undefined>>> {
  const all: Record<string, Record<string, number | undefined>> = {}
  for (const line of text.split('\n')) {
    const [disk = '', what = '', value] = line.split(' ')
    if (isDisk(disk)) (all[disk] ??= {})[what] = amount(value)
  }
  return all
}

const isDisk = (text: string): boolean => /^\d+:\d+$/.test(text)

/** Lines of a name and a number. */
const pairs = (text = ''): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries(text.split('\n').map((line) => [line.split(' ', 1)[0], amount(line.split(' ')[1])]))

/** Undefined for `max` and for what is not there. */
function amount(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined
}

const count = (value: number | undefined): number => value ?? 0
const without = (all: number | undefined, part = 0): number | undefined => (all === undefined ? undefined : Math.max(0, all - part))
