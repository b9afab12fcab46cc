import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Client, KubeObject, List, WatchEvent } from '@bramble/shared/api/client.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createMemoryCache } from '../../cache/memory-cache.ts'
import { pods } from '../../resources.ts'
import { createFollow } from './follow.ts'
import { hubSource } from './hub-source.ts'
import { Intake } from './intake.ts'

const pod = (name: string, resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name, resourceVersion },
})
const page = (items: readonly KubeObject[], resourceVersion: string, next?: string): List<KubeObject> =>
  ({ apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion, ...(next && { continue: next }) }, items }) as List<KubeObject>

const scope = { name: 'pods', resource: pods, query: {} }
let over: AbortController
beforeEach(() => void (over = new AbortController()))
afterEach(() => over.abort())

/** A node that follows a hub of which the test is asked everything. */
function follow({
  list,
  watch,
  random = () => 0,
}: {
  list: () => Promise<List<KubeObject>>
  watch: () => AsyncIterable<WatchEvent<KubeObject>>
  random?: () => number
}) {
  const cache = createMemoryCache()
  const source = hubSource(cache)
  const intake = new Intake({ source, facts: cache.facts, node: 'pi-1', lists: [scope], limits: {} })
  const client = { list, watch } as unknown as Client // what following takes
  const running = createFollow({ client, connected: async () => {}, cache, source, intake, log: silentLog, random })
  return { cache, source, run: () => void running(scope, over.signal) }
}
const names = (cache: ReturnType<typeof createMemoryCache>) => cache.list(pods).map(({ metadata }) => metadata.name)

async function* eventsOf(events: readonly WatchEvent<KubeObject>[]): AsyncGenerator<WatchEvent<KubeObject>> {
  yield* events
  await new Promise((resolve) => over.signal.addEventListener('abort', resolve))
}

test('a list of which one page is from before a restore and one from after it is none: it starts over', async () => {
  const pages = [
    () => page([pod('a', '90')], '120', 'more'),
    () => {
      source.giveUp('100')
      return page([], '120')
    },
    () => page([pod('of-the-restored', '95')], '150'),
  ]
  const { cache, source, run } = follow({ list: async () => pages.shift()?.() ?? expect.unreachable(), watch: () => eventsOf([]) })
  source.replace('pods', pods, [pod('a', '90'), pod('b', '91')], '110')
  source.giveUp('109')
  run()
  await vi.waitFor(() => expect(source.resourceVersion('pods')).toBe('150'))
  expect(names(cache)).toEqual(['of-the-restored'])
})

test('an event that was on its way when the hub turned out to be restored is not taken for its newest word', async () => {
  const lists = [page([pod('a', '90')], '110'), page([pod('a', '90')], '95')]
  const events = [{ type: 'BOOKMARK' as const, object: pod('', '121') }]
  async function* late(): AsyncGenerator<WatchEvent<KubeObject>> {
    for (const event of events.splice(0)) {
      source.giveUp('100')
      yield event
    }
    yield* eventsOf([])
  }
  const { source, run } = follow({ list: async () => lists.shift() ?? expect.unreachable(), watch: late })
  run()
  await vi.waitFor(() => expect(lists).toHaveLength(0))
  await vi.waitFor(() => expect(source.resourceVersion('pods')).toBe('95'))
})

test('who waits for his next try holds nothing of the answer over which the last one failed', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // there once the flag is set
  const answered: WeakRef<KubeObject>[] = []
  const list = async () => {
    const one = pod('a', '1')
    answered.push(new WeakRef(one))
    return page([one], '1')
  }
  const { source, run } = follow({ list, watch: () => eventsOf([]), random: () => 1000 })
  source.replace = (_scope, _resource, objects) =>
    objects.forEach(() => {
      throw new Error('it cannot be kept')
    })
  run()
  await vi.waitFor(() => {
    expect(answered).toHaveLength(1)
    collect()
    expect(answered[0]?.deref()).toBeUndefined()
  })
})
