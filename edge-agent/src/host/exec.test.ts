import { getEventListeners, setMaxListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { exec } from './exec.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void // there once the flag is set

test('a command that hangs is killed at its deadline and named', async () => {
  await expect(exec('sleep', ['60'], { timeoutMs: 20 })).rejects.toThrow('sleep 60 did not end within 20 ms')
})

test('a command ends with the signal, whose reason is not taken for a deadline', async () => {
  const stop = new AbortController()
  const ended = exec('sleep', ['60'], { signal: stop.signal })
  stop.abort()
  await expect(ended).rejects.toThrow(/abort/i)
})

test('calls under one long-lived signal leave nothing behind: no memory, no listener', { timeout: 60_000 }, async () => {
  const { signal } = new AbortController()
  setMaxListeners(0, signal)
  const heap = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const call = async (count: number) => {
    for (let done = 0; done < count; done += 20) await Promise.all(Array.from({ length: 20 }, () => exec('true', [], { signal })))
  }
  await call(200)
  const before = heap()
  await call(1000)
  expect((heap() - before) / 1000).toBeLessThan(200)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
