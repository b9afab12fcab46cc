import { expect, it } from 'vitest'
import { runOnTopOf, type Service, startAfter } from './service.ts'

it.each([
  ['what it waits for is there', 1_000_000],
  ['it has waited long enough', 0],
])('a service begins when %s, and not at all when all is over before', async (_when, withinMs) => {
  const order: string[] = []
  let open = () => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const service = { name: 'kubelet', run: async () => void order.push('runs') }
  const running = startAfter(service, () => gate, withinMs).run(new AbortController().signal)
  order.push('waits')
  if (withinMs > 0) open()
  await running
  expect(order).toEqual(['waits', 'runs'])
  const stop = new AbortController()
  const stopped = startAfter(service, () => new Promise(() => {}), 1_000_000).run(stop.signal)
  stop.abort()
  await stopped
  expect(order).toHaveLength(2)
})

it.each(['asked to', 'above ends', 'below ends'])('what stands on other services ends before them when %s', async (why) => {
  const order: string[] = []
  const stop = new AbortController()
  const service = (name: string, fails: boolean): Service => ({
    name,
    async run(signal) {
      if (fails) throw new Error(`${name} broke`)
      await new Promise<void>((resolve) => void signal.addEventListener('abort', () => resolve(), { once: true }))
      // Whoever closes has something to do.
      for (let turn = 0; turn < 3; turn++) await Promise.resolve()
      order.push(name)
    },
  })
  const below = [service('store', false), ...(why === 'below ends' ? [service('broker', true)] : [])]
  const above = [service('door', false), ...(why === 'above ends' ? [service('loop', true)] : [])]
  const running = runOnTopOf(below, above, stop.signal)
  if (why === 'asked to') {
    stop.abort()
    await running
    expect(order).toEqual(['door', 'store'])
    return
  }
  await expect(running).rejects.toThrow(why === 'above ends' ? 'service loop failed' : 'service broker failed')
  expect(order.toSorted()).toEqual(['door', 'store'])
})
