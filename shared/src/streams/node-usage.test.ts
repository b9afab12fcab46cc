import { expect, it } from 'vitest'
import { readUsage } from './node-usage.ts'

const used = { cpuNanoCores: 1, memoryBytes: 2 }
const usage = (uid: string, name: string) =>
  Buffer.from(JSON.stringify({ windowMs: 1000, node: used, pods: [{ uid, containers: [{ name, ...used }] }] }))

it('what a node says of its use is read, and a name or a uid longer than any is none', () => {
  const longest = 'x'.repeat(253)
  expect(readUsage(usage(longest, longest)).pods).toEqual([{ uid: longest, containers: [{ name: longest, ...used }] }])
  expect(() => readUsage(usage(`${longest}x`, 'a'))).toThrow()
  expect(() => readUsage(usage('a', `${longest}x`))).toThrow()
})
