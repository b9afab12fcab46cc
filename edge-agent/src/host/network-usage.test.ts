import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { networkUsage, ofMachine, ofPod } from './network-usage.ts'

const proc = mkdtempSync(join(tmpdir(), 'network-usage-'))
afterAll(() => rmSync(proc, { recursive: true }))

function write(pid: number, names: readonly string[]): void {
  mkdirSync(join(proc, `${pid}/net`), { recursive: true })
  const lines = names.map((name, index) => `${name.padStart(6)}: ${index} 1 2 3 0 0 0 0 ${index + 1} 4 5 6 0 0 0 0`)
  const head = ['Inter-|   Receive                  |  Transmit', ' face |bytes    packets errs drop |bytes    packets errs drop']
  writeFileSync(join(proc, `${pid}/net/dev`), `${[...head, ...lines].join('\n')}\n`)
}
const many = (count: number) => Array.from({ length: count }, (_, index) => `dummy${index}`)

describe('the interfaces of a network', () => {
  it('are told of with what went over them, but for the loopback', () => {
    write(1, ['lo', 'eth0'])
    expect(networkUsage(1, ofPod, proc)).toEqual([
      { name: 'eth0', rxBytes: 1, rxPackets: 1, rxErrors: 2, rxDropped: 3, txBytes: 2, txPackets: 4, txErrors: 5, txDropped: 6 },
    ])
    expect(networkUsage(2, ofPod, proc)).toEqual([])
  })

  it("that a pod makes without number are told of up to a bound, the pod's own before them", () => {
    write(3, [...many(1000), 'eth0'])
    const names = networkUsage(3, ofPod, proc).map(({ name }) => name)
    expect(names).toEqual(['eth0', ...many(15)])
    expect(networkUsage(3, ofMachine, proc)).toHaveLength(512)
  })

  it('of which the list is longer than is read are those of its beginning, whole', () => {
    write(4, ['eth0', ...many(20_000)])
    const all = networkUsage(4, { interfaces: 100_000 }, proc)
    expect(all.length).toBeGreaterThan(1000)
    expect(all.length).toBeLessThan(20_000)
    expect(all.every(({ txDropped }) => txDropped === 6)).toBe(true)
  })
})
