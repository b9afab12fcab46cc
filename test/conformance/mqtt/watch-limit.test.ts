import { afterEach, expect, test } from 'vitest'
import { createTestCa } from './certificates.ts'
import { startHub, until } from './hub-and-node.ts'
import { rawNode } from './raw-client.ts'
import { createSmallApi } from './small-api.ts'

const opened: { stop(): unknown }[] = []
afterEach(async () => {
  for (const thing of opened.splice(0).toReversed()) await thing.stop()
})

test('a node that opens watches by the thousand is refused the next one, and keeps those it has', async () => {
  const hub = await startHub(createSmallApi().handler, { ca: createTestCa() })
  const node = await rawNode(hub, 'evil')
  opened.push(hub, { stop: node.end })
  node.hello()
  const most = 2048
  for (let id = 1; id <= most + 1; id += 1) node.say({ t: 'watch', id, path: '/api/v1/namespaces/default/pods', query: {} })
  await until(() => node.received.some(({ header }) => header.t === 'end'), 'the refusal of the last one')
  expect(node.received.filter(({ header }) => header.t === 'end').map(({ header }) => header['id'])).toEqual([most + 1])
  expect(hub.gateway.stats.watches).toBe(most)
})
