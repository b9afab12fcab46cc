import { getEventListeners, setMaxListeners } from 'node:events'
import { expect, test } from 'vitest'
import { exec, execOk } from './exec.ts'

test('a command that hangs is killed at its deadline and named', async () => {
  await expect(exec('sleep', ['60'], { timeoutMs: 20 })).rejects.toThrow('sleep 60 did not end within 20 ms')
})

test('a command ends with the signal, whose reason is not taken for a deadline', async () => {
  const stop = new AbortController()
  const ended = exec('sleep', ['60'], { signal: stop.signal })
  stop.abort()
  await expect(ended).rejects.toThrow(/abort/i)
})

test('a command that prints without end is killed, whoever else holds its output, and half an answer is none', async () => {
  // The shell waits for what it started: killing it alone would leave that printing.
  await expect(exec('sh', ['-c', 'cat /dev/zero; echo done'])).rejects.toThrow(/^sh -c cat .* printed more than 8 MiB and was ended$/)
  await expect(execOk('sh', ['-c', 'head -c 9000000 /dev/zero >&2'])).rejects.toThrow('printed more than 8 MiB')
  expect((await exec('sh', ['-c', 'head -c 8000000 /dev/zero'])).stdout).toHaveLength(8_000_000)
})

test('what nobody reads may be long: it does not come here', async () => {
  const { code, stdout } = await exec('sh', ['-c', 'head -c 9000000 /dev/zero; exit 3'], { ignoresStdout: true })
  expect([code, stdout]).toEqual([3, ''])
})

test('calls under one long-lived signal leave nothing on it: no listener, and none of the traces that Node keeps of composed signals', async () => {
  const { signal } = new AbortController()
  setMaxListeners(0, signal)
  await Promise.all(Array.from({ length: 20 }, () => exec('true', [], { signal })))
  expect(getEventListeners(signal, 'abort')).toEqual([])
  const traces = Object.getOwnPropertySymbols(signal).filter(({ description = '' }) => /dependant/i.test(description))
  const sizes = traces.map((symbol) => (signal as unknown as Record<symbol, { size: number } | undefined>)[symbol]?.size ?? 0) // Node's own sets
  expect(sizes.filter((size) => size > 0)).toEqual([])
})
