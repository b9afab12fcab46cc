import { expect, it } from 'vitest'
import { startAfter } from './service.ts'

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
