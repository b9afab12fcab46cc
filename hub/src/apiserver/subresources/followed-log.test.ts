import { channels, type NodeStream } from '@bramble/shared/streams/node-stream.ts'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPodDoor } from '../testing/pod-door.ts'

let door: Awaited<ReturnType<typeof createPodDoor>>
beforeAll(async () => {
  door = await createPodDoor(async (_request, stream: NodeStream) => {
    stream.accept()
    await stream.channel(channels.stdout).write(Buffer.from('one line\n'))
    await new Promise((resolve) => stream.signal.addEventListener('abort', resolve))
  })
})
afterAll(() => door[Symbol.asyncDispose]())

it('a log that is followed ends when its reader may not read it any more, as one that is not whole', async () => {
  const rbac = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
  const body = {
    metadata: { name: 'viewer' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'someone' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:aggregate-to-view' },
  }
  expect((await door.api.json('POST', rbac, { body })).code).toBe(201)
  const request = door.send('box/log?follow=true', {}, { as: door.someone, method: 'GET' })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  expect(response.statusCode).toBe(200)
  expect(String(((await once(response, 'data')) as [Buffer])[0])).toBe('one line\n')
  const broken = once(response, 'error')
  await door.api.json('DELETE', `${rbac}/viewer`)
  expect(String(await broken)).toContain('aborted')
  await expect.poll(() => door.streams.filter(({ signal }) => !signal.aborted)).toEqual([])
  expect(await door.refused('box/log?follow=true', {}, { as: door.someone, method: 'GET' })).toMatchObject({ code: 403 })
})
