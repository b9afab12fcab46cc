import { expect, test } from 'vitest'
import { frames } from '@bramble/shared/frames/frame.ts'
import { startHub, startNode, until } from './hub-and-node.ts'
import type { rawNode } from './raw-client.ts'
import { createSmallApi } from './small-api.ts'
import { createTestApi } from '../../../hub/src/apiserver/testing/api.ts'
import { pod, pods, rudeNodes } from './rude-nodes.ts'

const { ca, keep, open, rude } = rudeNodes()

test('more requests at once than a node may have are answered with TooManyRequests', async () => {
  const { handler } = createSmallApi()
  const hub = keep(
    await startHub((request, caller) => (request.path.endsWith('/pods') ? new Promise(() => {}) : handler(request, caller)), { ca }),
  )
  const greedy = await rude(hub, 'greedy')
  greedy.hello()
  for (let id = 1; id <= 70; id++) greedy.say({ t: 'req', id, method: 'GET', path: '/api/v1/pods', query: {}, ms: 5000 })
  await until(() => greedy.received.filter(({ header }) => header.t === 'res' && header['status'] === 429).length === 6, 'six refusals')
})

test.each(['req', 'read'] as const)('a watch asked for in a %s frame is refused, and nothing stays open for it', async (t) => {
  const api = await createTestApi()
  const hub = keep(await startHub(api.handle, { ca }))
  const evil = await rude(hub)
  evil.hello()
  const baseline = api.store.stats.watches
  const asked = { id: 1, path: '/api/v1/services', query: { watch: 'true' } }
  evil.say(t === 'req' ? { ...asked, t, method: 'GET', ms: 5000 } : { ...asked, t })
  await until(() => evil.received.some(({ header }) => header.t === 'res' || header.t === 'end'), 'it is refused')
  expect(api.store.stats.watches).toBe(baseline)
  expect(hub.gateway.stats).toMatchObject({ sessions: 1, watches: 0, streams: 0 })
})

test('an answer that comes after its node has gone is closed', async () => {
  const api = await createTestApi()
  const baseline = api.store.stats.watches
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  let answered = 0
  const hub = keep(
    await startHub(
      async (request, caller) => {
        if (!request.path.endsWith('/services')) return api.handle(request, caller)
        await released
        // An apiserver that does not look at the signal.
        const answer = await api.handle({ ...request, signal: new AbortController().signal }, caller)
        answered++
        return answer
      },
      { ca },
    ),
  )
  const evil = await rude(hub)
  evil.hello()
  evil.say({ t: 'watch', id: 1, path: '/api/v1/services', query: {} })
  evil.say({ t: 'req', id: 2, method: 'GET', path: '/api/v1/services', query: { watch: 'true' }, ms: 60_000 })
  await until(() => hub.gateway.stats.watches === 1, 'asked')
  evil.socket.destroy()
  await until(() => hub.gateway.stats.sessions === 0, 'gone')
  release()
  await until(() => answered === 2, 'answered to nobody')
  await until(() => api.store.stats.watches === baseline, 'closed')
})

test('a handler that throws what nobody expects costs one answer', async () => {
  const { handler } = createSmallApi()
  const hub = keep(
    await startHub(
      (request, caller) => {
        if (request.path.endsWith('/secrets')) throw new TypeError('a bug of ours')
        return handler(request, caller)
      },
      { ca },
    ),
  )
  const evil = await rude(hub)
  evil.hello()
  evil.say({ t: 'req', id: 1, method: 'POST', path: '/api/v1/secrets', query: {}, ms: 5000, key: 'k' })
  evil.say({ t: 'watch', id: 2, path: '/api/v1/secrets', query: {} })
  evil.say({ t: 'read', id: 3, path: '/api/v1/secrets', query: {} })
  await until(() => evil.received.filter(({ header }) => header.t === 'res' || header.t === 'end').length === 3, 'three refusals')
  expect(hub.gateway.connectedNodes()).toEqual(['evil'])
})

test.each<[string, (node: Awaited<ReturnType<typeof rawNode>>) => void]>([
  [
    'subscribes a thousand times',
    ({ mqtt }) => {
      for (let index = 0; index < 1000; index++) mqtt.subscribe(`$bramble/v1/n/evil/d/s${index}`, () => {})
    },
  ],
  [
    'subscribes to a thousand topics in one packet',
    ({ mqtt }) =>
      void mqtt.subscribe(
        Array.from({ length: 1000 }, (_, index) => `$bramble/v1/n/evil/d/s${index}`),
        () => {},
      ),
  ],
  [
    'subscribes and unsubscribes without end',
    ({ mqtt }) => {
      for (let index = 0; index < 1000; index++) mqtt.subscribe('$bramble/v1/n/evil/d/s', () => mqtt.unsubscribe('$bramble/v1/n/evil/d/s'))
    },
  ],
  ['subscribes to an endless topic', ({ mqtt }) => void mqtt.subscribe(`$bramble/v1/n/evil/d/${'s'.repeat(10_000)}`, () => {})],
  ['pings without end', ({ socket }) => void socket.write(Buffer.alloc(2000, Buffer.from([0xc0, 0x00])))],
  [
    'tells its availability without end',
    ({ mqtt }) => {
      for (let index = 0; index < 200; index++) mqtt.publish('bramble/home/node/evil/availability', 'online', { qos: 1, retain: true })
    },
  ],
])('a node that %s is disconnected, and other nodes notice nothing', async (_what, act) => {
  const { hub } = await open()
  const healthy = keep(startNode('pi-1', hub))
  await healthy.link.client.list(pods)
  const evil = await rude(hub)
  evil.hello()
  act(evil)
  expect(await evil.closed).toBe('closed')
  expect(hub.gateway.connectedNodes()).toEqual(['pi-1'])
})

test('frames that do nothing are read at a pace, and another node is answered between them', async () => {
  const { hub } = await open()
  const healthy = keep(startNode('pi-1', hub))
  await healthy.link.client.list(pods)
  const evil = await rude(hub)
  evil.hello()
  for (let index = 0; index < 20_000; index++) evil.say({ t: 'pong' })
  evil.say({ t: 'req', id: 1, method: 'GET', path: '/api/v1/pods', query: {}, ms: 60_000 })
  for (let round = 0; round < 20; round++) await healthy.link.client.list(pods)
  // Its own request is behind 20,000 frames, of which some thousand are read a second.
  expect(evil.received.some(({ header }) => header.t === 'res')).toBe(false)
  expect(hub.gateway.connectedNodes()).toEqual(['evil', 'pi-1'])
})

test('a node gets so many certificates an hour and no more', async () => {
  const api = createSmallApi()
  let signed = 0
  const hub = keep(await startHub(api.handler, { ca, renew: async () => (signed++, { certificatePem: 'PEM' }) }))
  const greedy = await rude(hub)
  greedy.hello()
  for (let id = 1; id <= 50; id++) greedy.say({ t: 'renew', id }, 'CSR')
  await until(() => greedy.received.filter(({ header }) => header.t === 'res').length === 50, 'all are answered')
  expect(signed).toBe(12)
  expect(greedy.received.filter(({ header }) => header.t === 'res' && header['status'] === 429)).toHaveLength(38)
})

test('more watches than a node may have are refused, and a session that ends closes those it had', async () => {
  const { api, hub } = await open()
  const greedy = await rude(hub)
  greedy.hello()
  for (let id = 1; id <= 1100; id++) greedy.say({ t: 'watch', id, path: '/api/v1/pods', query: {} })
  await until(() => greedy.received.filter(({ header }) => header.t === 'end').length === 76, 'those beyond 1,024 are refused')
  expect(api.openWatches).toBe(1024)
  greedy.socket.destroy()
  await until(() => api.openWatches === 0, 'closed')
})

test('parts of messages that are never finished count among the bodies of their node, and go with its session', async () => {
  const { handler } = createSmallApi()
  let left = 2_500_000
  const bodies = {
    take: (_user: unknown, bytes: number) => bytes <= left && ((left -= bytes), true),
    giveBack: (_user: unknown, bytes: number) => void (left += bytes),
  }
  const hub = keep(await startHub(handler, { ca, bodies }))
  const greedy = await rude(hub)
  greedy.hello()
  const body = Buffer.from(JSON.stringify(pod('p', 'x'.repeat(1_500_000))))
  let number = 1
  const framesOf = (id: number) => [
    ...frames({ t: 'req', id, method: 'POST', path: '/api/v1/namespaces/default/pods', query: {}, ms: 60_000 }, body, () => ++number),
  ]
  // All but the last part of one, and then a whole one, for which there is no room.
  for (const frame of framesOf(1).slice(0, -1)) greedy.sendRaw(Buffer.from(frame))
  number -= 1
  for (const frame of framesOf(2)) greedy.sendRaw(Buffer.from(frame))
  await until(() => greedy.received.some(({ header }) => header.t === 'res'), 'the second is refused')
  expect(greedy.received.filter(({ header }) => header.t === 'res').map(({ header }) => [header['id'], header['status']])).toEqual([
    [2, 429],
  ])
  expect(left).toBeLessThan(2_500_000 - 1_000_000)
  greedy.socket.destroy()
  await until(() => left === 2_500_000, 'given back')
})

test('bodies of one node have a bound at both doors together, and what is refused can be sent again', async () => {
  const held: (() => void)[] = []
  const { handler } = createSmallApi()
  let left = 2_500_000
  const hub = keep(
    await startHub(
      async (request, caller) => {
        if (request.method === 'POST') await new Promise<void>((resolve) => held.push(resolve))
        return handler(request, caller)
      },
      {
        ca,
        bodies: {
          take: (_user, bytes) => bytes <= left && ((left -= bytes), true),
          giveBack: (_user, bytes) => void (left += bytes),
        },
      },
    ),
  )
  const greedy = await rude(hub)
  greedy.hello()
  const body = (name: string) => JSON.stringify(pod(name, 'x'.repeat(1_000_000)))
  const post = (id: number) =>
    greedy.say({ t: 'req', id, method: 'POST', path: '/api/v1/namespaces/default/pods', query: {}, ms: 60_000 }, body(`p${id}`))
  for (let id = 1; id <= 5; id++) post(id)
  const statuses = () => greedy.received.filter(({ header }) => header.t === 'res').map(({ header }) => header['status'])
  await until(() => statuses().length === 3, 'three are refused')
  expect(statuses()).toEqual([429, 429, 429])
  for (const go of held.splice(0)) go()
  await until(() => left === 2_500_000, 'given back')
  post(6)
  await until(() => held.length === 1, 'and taken again')
  held[0]?.()
})
