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
  readonly readBytes: number
  readonly writtenBytes: number
  readonly reads: number
  readonly writes: number
}

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
  const io = (of('io.stat') ?? '').split('\n').flatMap((line) => line.split(' ').slice(1))
  const sum = (name: string) => io.reduce((all, pair) => all + (pair.startsWith(`${name}=`) ? Number(pair.slice(name.length + 1)) : 0), 0)
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
    ...{ readBytes: sum('rbytes'), writtenBytes: sum('wbytes'), reads: sum('rios'), writes: sum('wios') },
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
  const sum = (file: string, name: string) =>
    (of('blkio', file) ?? '').split('\n').reduce((all, line) => {
      const [, what, value] = line.split(' ')
      return all + (what === name ? Number(value) : 0)
    }, 0)
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
    ...{ readBytes: sum('blkio.throttle.io_service_bytes', 'Read'), writtenBytes: sum('blkio.throttle.io_service_bytes', 'Write') },
    ...{ reads: sum('blkio.throttle.io_serviced', 'Read'), writes: sum('blkio.throttle.io_serviced', 'Write') },
  }
}

/** Lines of a name and a number. */
const pairs = (text = ''): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries(text.split('\n').map((line) => [line.split(' ', 1)[0], amount(line.split(' ')[1])]))

/** Undefined for `max` and for what is not there. */
function amount(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined
}

const count = (value: number | undefined): number => value ?? 0
const without = (all: number | undefined, part = 0): number | undefined => (all === undefined ? undefined : Math.max(0, all - part))
