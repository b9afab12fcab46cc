import { createLog } from '@bramble/shared/logging/log.ts'
import { expect, test } from 'vitest'
import { memoryLog } from '../../store/memory/memory-disk.ts'
import { createStore } from '../../store/mvcc.ts'
import { hubParts, overLoopback } from '../authz/hub-parts.ts'
import { createRegistry } from '../objects/registry.ts'
import { createTestApi } from '../testing/api.ts'
import { createNodeKeys } from './node-keys.ts'

test.each(['{}', 'null', 'no JSON', '{"metadata":null}'])(
  'a stored Node that reads %s costs its own node the door, and nothing else',
  async (text) => {
    const store = await createStore({ log: memoryLog() })
    const lines: string[] = []
    const keys = createNodeKeys({ registry: createRegistry({ store }), log: createLog({ write: (line) => void lines.push(line) }) })
    await store.create('/core/nodes/pi-1', text)
    expect(keys.refusalOf('pi-1', 'key')).toContain('cannot be read')
    expect(keys.keyOf('pi-1')).toBeUndefined()
    expect(keys.refusalOf('pi-2', 'key')).toContain('was deleted')
    expect(lines).toHaveLength(1)
    keys.close()
    await store.close()
  },
)

test('of two keys the one on the Node is good; when it is replaced, taken away with the Node, or the Node ends, those who serve it hear so', async () => {
  const { json, server } = await createTestApi()
  const caller = overLoopback(hubParts.gateway.user)
  const node = (key: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1', annotations: { 'bramble.io/key': key } } })
  const merge = 'application/merge-patch+json'
  const keys = server.nodeKeys
  const ended: string[] = []
  keys.onEnded((name) => ended.push(name))
  // Under its name, but by another door.
  const refused = await json('POST', '/api/v1/nodes', { body: node('first'), user: hubParts.gateway.user })
  expect(refused).toMatchObject({ code: 403, body: { message: expect.stringContaining('is written by the hub alone') as string } })
  await json('POST', '/api/v1/nodes', { body: node('first'), caller })
  expect(keys.refusalOf('pi-1', 'first')).toBeUndefined()
  expect(keys.refusalOf('pi-1', 'second')).toContain('has joined with another key')
  await json('PATCH', '/api/v1/nodes/pi-1', { body: { metadata: { labels: { a: 'b' } } }, contentType: merge })
  expect(ended).toEqual([])
  // From a file that knows nothing of keys; who means to take it away says so in a patch.
  expect((await json('PUT', '/api/v1/nodes/pi-1', { body: { ...node(''), metadata: { name: 'pi-1' } } })).code).toBe(200)
  expect(keys.keyOf('pi-1')).toBe('first')
  expect(ended).toEqual([])
  await json('PATCH', '/api/v1/nodes/pi-1', { body: node('second'), caller, contentType: merge })
  expect(keys.refusalOf('pi-1', 'first')).toContain('has joined with another key')
  expect(ended).toEqual(['pi-1'])
  await json('DELETE', '/api/v1/nodes/pi-1')
  expect(keys.refusalOf('pi-1', 'second')).toContain('was deleted')
  expect(ended).toEqual(['pi-1', 'pi-1'])
})
