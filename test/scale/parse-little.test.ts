import { expect, it } from 'vitest'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { parseLittle } from './parse-little.ts'
import { createTestApi, nodeUser } from '@bramble/hub/apiserver/testing/api.ts'

it('of Nodes as the hub writes them the simulated agent reads where to go on from, and of everything else all', async () => {
  const { ask, json, server } = await createTestApi()
  const node = (name: string) => ({ apiVersion: 'v1', kind: nodes.kind, metadata: { name } })
  for (const name of ['a', 'b']) await json('POST', '/api/v1/nodes', { body: node(name) })
  const page = await ask('GET', '/api/v1/nodes?limit=1', { user: nodeUser('a') })
  if (page.type !== 'raw') throw new Error('no page')
  const little = parseLittle(String(page.raw)) as { items: unknown[]; metadata: { continue?: string; resourceVersion?: string } }
  expect(little).toMatchObject({ items: [], metadata: (JSON.parse(String(page.raw)) as { metadata: object }).metadata })
  const over = new AbortController()
  const watch = await ask('GET', '/api/v1/nodes?watch=true', { user: nodeUser('a'), signal: over.signal })
  if (watch.type !== 'events') throw new Error('no watch')
  for await (const { text, resourceVersion } of watch.events) {
    const isOwn = text.includes('"name":"a"')
    expect(parseLittle(text)).toEqual(isOwn ? JSON.parse(text) : { type: 'ADDED', object: { kind: 'Node', metadata: { resourceVersion } } })
    if (!isOwn) break
  }
  over.abort()
  server.close()
  expect(parseLittle('{"kind":"Pod"}')).toEqual({ kind: 'Pod' })
})
