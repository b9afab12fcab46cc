import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesOf } from '@bramble/shared/streams/bytes-of.ts'
import { readUsage } from '@bramble/shared/streams/node-usage.ts'
import { servedBy } from '@bramble/shared/streams/testing/stream-pair.ts'
import { expect, it } from 'vitest'
import { machineUsage } from '../host/machine-usage.ts'
import { createUsageSampler, createUsageServer } from './usage-server.ts'

it('tells a mean since it was last asked, or over a moment when that was long ago, and nothing of the pace of what has just begun', async () => {
  let now = 0
  let cpuNanoSeconds = 1e9
  let ids = ['c1']
  const waits: number[] = []
  const serve = createUsageServer(
    createUsageSampler({
      machine: () => ({ cpuNanoSeconds, memoryBytes: 5 }),
      pods: async () => [
        {
          ...{ namespace: 'default', name: 'web', uid: 'u1' },
          containers: ids.map((id) => ({ id, name: `of-${id}`, cpuNanoSeconds: cpuNanoSeconds / 2, memoryBytes: 7, diskBytes: 0 })),
        },
      ],
      clock: { now: () => 0, monotonic: () => now },
      async wait(ms) {
        waits.push(ms)
        now += ms
        cpuNanoSeconds += 1e8
      },
    }),
  )
  const ask = async () => {
    const { signal } = new AbortController()
    const chunks: Uint8Array[] = []
    for await (const bytes of bytesOf(servedBy<'usage'>(serve, { kind: 'usage' }), signal)) chunks.push(bytes)
    return readUsage(Buffer.concat(chunks))
  }
  const of = (id: string, cpuNanoCores: number) => ({ name: `of-${id}`, cpuNanoCores, memoryBytes: 7 })
  const told = (windowMs: number, cpuNanoCores: number, containers: object[]) => ({
    ...{ windowMs, node: { cpuNanoCores, memoryBytes: 5 }, pods: [{ uid: 'u1', containers }] },
  })
  expect(await ask()).toEqual(told(1000, 1e8, [of('c1', 5e7)]))
  now += 10_000
  cpuNanoSeconds += 5e9
  ids = ['c1', 'c2']
  expect(await ask()).toEqual(told(10_000, 5e8, [of('c1', 2.5e8)]))
  expect(waits).toEqual([1000])
  now += 1_000_000
  cpuNanoSeconds = 0
  expect(await ask()).toEqual(told(1000, 1e8, [of('c1', 5e7), of('c2', 5e7)]))
  expect(waits).toEqual([1000, 1000])
})

it('reads what the kernel says of the machine', () => {
  const proc = mkdtempSync(join(tmpdir(), 'bramble-proc-'))
  try {
    expect(machineUsage(proc)).toEqual({ cpuNanoSeconds: 0, memoryBytes: 0 })
    mkdirSync(proc, { recursive: true })
    writeFileSync(join(proc, 'stat'), 'cpu  100 20 30 5000 600 7 8 9 0 0\ncpu0 1 1 1 1\n')
    writeFileSync(join(proc, 'meminfo'), 'MemTotal: 1000 kB\nMemFree: 300 kB\nInactive: 250 kB\nInactive(file): 200 kB\n')
    expect(machineUsage(proc)).toEqual({ cpuNanoSeconds: 1.74e9, memoryBytes: 500 * 1024 })
  } finally {
    rmSync(proc, { recursive: true })
  }
})
