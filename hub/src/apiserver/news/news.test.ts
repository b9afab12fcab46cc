import type { Account, RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { setMaxListeners } from 'node:events'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createTestApi, type Json, nodeUser } from '../testing/api.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

const url = '/api/v1/nodes'
const address = (last: number) => ({ status: { addresses: [{ type: 'InternalIP', address: `10.0.0.${last}` }] } })
const patch = { contentType: 'application/merge-patch+json' }

async function fleetOf(count: number) {
  let ms = 0
  const api = await createTestApi({ clock: { now: () => ms, monotonic: () => ms }, bookmarkMs: 20 })
  const names = Array.from({ length: count }, (_, index) => `pi-${index}`)
  for (const name of names) await api.json('POST', url, { body: { apiVersion: 'v1', kind: 'Node', metadata: { name } } })
  const over = new AbortController()
  setMaxListeners(0, over.signal)
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const watch = async (name: string, query = '') => {
    const response = await api.ask('GET', `${url}?watch=true&${query}`, { user: nodeUser(name), signal: over.signal })
    if (response.type !== 'events') throw new Error(`expected a watch, found ${JSON.stringify(response)}`)
    const heard: RawWatchEvent[] = []
    const reading = (async () => {
      for await (const event of response.events) heard.push(event)
    })()
    reading.catch(() => {})
    return heard
  }
  const { body } = await api.json('GET', url, { user: nodeUser('pi-0') })
  const from = `resourceVersion=${body.metadata.resourceVersion}`
  return {
    ...{ ...api, watch, from, settle, names },
    end: () => over.abort(),
    change: (name: string, last: number) => api.json('PATCH', `${url}/${name}/status`, { body: address(last), ...patch }),
    async pass(of: number) {
      ms += of
      await vi.advanceTimersByTimeAsync(of)
      await settle()
    },
  }
}
const lines = (heard: RawWatchEvent[]): Json[] => heard.flatMap(({ text }) => text.split('\n')).map((line) => JSON.parse(line))
const addresses = (heard: RawWatchEvent[]): string[] =>
  lines(heard).map(({ type, object }) => `${type} ${object.metadata.name} ${object.status?.addresses?.[0]?.address}`)

it('what many hear of another node is one event for all of them, with one text, and one of several changes', async () => {
  const { watch, from, change, pass, end } = await fleetOf(4)
  const [first, second] = [await watch('pi-0', from), await watch('pi-1', from)]
  await change('pi-3', 1)
  await change('pi-3', 2)
  await change('pi-2', 3)
  await pass(10)
  expect(addresses(first)).toEqual(['MODIFIED pi-3 10.0.0.2', 'MODIFIED pi-2 10.0.0.3'])
  expect(first).toHaveLength(1)
  expect(first[0]).toBe(second[0])
  end()
})

it('the next round waits the longer the more there are to tell, and what happens meanwhile is told together', async () => {
  const { watch, from, change, pass, end, names } = await fleetOf(50)
  const all = await Promise.all(names.map((name) => watch(name, from)))
  await change('pi-3', 1)
  await pass(10)
  await change('pi-3', 2)
  await pass(10)
  await change('pi-4', 3)
  await pass(10)
  expect(addresses(all[0] ?? [])).toEqual(['MODIFIED pi-3 10.0.0.1'])
  await pass(50)
  expect(addresses(all[0] ?? []).slice(1)).toEqual(['MODIFIED pi-3 10.0.0.2', 'MODIFIED pi-4 10.0.0.3'])
  expect(all[0]).toHaveLength(2)
  end()
})

it('a node hears of its own Node at once and whole, and of what it had not been told before that', async () => {
  const { watch, from, change, json, pass, settle, end } = await fleetOf(50)
  const heard = await watch('pi-0', from)
  const others = await Promise.all(Array.from({ length: 49 }, (_, index) => watch(`pi-${index + 1}`, from)))
  await change('pi-3', 1)
  await pass(1)
  heard.length = 0
  await change('pi-4', 2)
  await json('PATCH', `${url}/pi-0`, { body: { metadata: { labels: { mine: 'yes' } } }, ...patch })
  await settle()
  expect(addresses(heard)).toEqual(['MODIFIED pi-4 10.0.0.2', 'MODIFIED pi-0 undefined'])
  expect(lines(heard)[1].object.metadata.labels).toEqual({ mine: 'yes' })
  await pass(100)
  expect(heard).toHaveLength(1) // once
  expect(addresses(others[0] ?? [])).toEqual(['MODIFIED pi-3 10.0.0.1', 'MODIFIED pi-4 10.0.0.2'])
  end()
})

it('a watch that begins later hears what it has missed', async () => {
  const { watch, from, change, pass, settle, end, names } = await fleetOf(50)
  for (const name of names.slice(1)) await watch(name, from)
  await change('pi-3', 1)
  await pass(1)
  await change('pi-4', 2)
  const late = await watch('pi-0', from)
  await settle()
  expect(addresses(late)).toEqual(['MODIFIED pi-3 10.0.0.1', 'MODIFIED pi-4 10.0.0.2'])
  end()
})

it('a bookmark tells of nothing that has not been told', async () => {
  const { watch, from, change, pass, end, names } = await fleetOf(50)
  for (const name of names.slice(1)) await watch(name, from)
  const heard = await watch('pi-0', `${from}&allowWatchBookmarks=true`)
  await change('pi-3', 1)
  await pass(1)
  await change('pi-4', 2)
  await pass(25)
  await pass(100)
  const versions = lines(heard).map(({ type, object }) => [type, Number(object.metadata.resourceVersion)] as const)
  const told = versions.findLastIndex(([type]) => type === 'MODIFIED')
  const version = versions[told]?.[1] ?? 0
  const before = versions.slice(1, told)
  expect(before.length).toBeGreaterThan(0)
  for (const bookmark of before) expect(bookmark).toEqual(['BOOKMARK', versions[0]?.[1]])
  expect(versions.at(-1)).toEqual(['BOOKMARK', version])
  end()
})

it('who has no room left for what waits is ended, and goes on where it was', async () => {
  const { watch, from, change, pass, server, end } = await fleetOf(3)
  const account: Account = { of: 'nodes', name: 'system:node:pi-0' }
  let taken = 0
  for (let bytes = 16 * 1024 * 1024; bytes >= 64; bytes /= 2) if (server.budget.takeBacklog(account, bytes)) taken += bytes
  const [heard, others] = [await watch('pi-0', from), await watch('pi-1', from)]
  await change('pi-2', 1)
  await pass(10)
  expect(heard).toEqual([])
  expect(addresses(others)).toEqual(['MODIFIED pi-2 10.0.0.1'])
  server.budget.giveBackBacklog(account, taken)
  const again = await watch('pi-0', from)
  await pass(10)
  expect(addresses(again)).toEqual(['MODIFIED pi-2 10.0.0.1'])
  end()
})
