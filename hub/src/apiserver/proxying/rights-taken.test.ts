import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { channels, type NodeStream } from '@bramble/shared/streams/node-stream.ts'
import { dialPlace } from './dial-place.ts'
import { createPodDoor } from '../testing/pod-door.ts'
import { closing } from '../../testing/closing.ts'

let door: Awaited<ReturnType<typeof createPodDoor>>
const head = {
  answer: 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nfirst',
  another: 'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\nfirst',
}

/** A node whose container says one thing and then nothing, to whoever asks its server. */
async function quiet(_request: unknown, stream: NodeStream) {
  stream.accept()
  const connection = stream.channel(channels.stdin)
  for await (const asked of connection)
    await connection.write(Buffer.from(Buffer.from(asked).includes('upgrade:') ? head.another : head.answer))
  await new Promise((resolve) => stream.signal.addEventListener('abort', resolve))
}

beforeAll(async () => {
  door = await createPodDoor(quiet)
  await door.api.json('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
    body: { metadata: { name: 'asker' }, rules: [{ apiGroups: [''], resources: ['pods/proxy'], verbs: ['get'] }] },
  })
  await door.api.json('PATCH', '/api/v1/namespaces/default/pods/box/status', {
    body: { status: { podIP: '10.42.0.9', podIPs: [{ ip: '10.42.0.9' }] } },
    headers: { 'content-type': 'application/merge-patch+json' },
  })
})
afterAll(() => door[Symbol.asyncDispose]())

const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
const allow = () =>
  door.api.json('POST', bindings, {
    body: {
      metadata: { name: 'asker' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'someone' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'asker' },
    },
  })
const nothingIsLeft = () => vi.waitFor(() => expect(door.streams.filter(({ signal }) => !signal.aborted)).toEqual([]))

it('an answer that goes on ends with the right to ask', async () => {
  await allow()
  const [answer] = (await once(door.send('box:80/proxy/x', {}, { as: door.someone, method: 'GET' }), 'response')) as [IncomingMessage]
  expect(String(await once(answer, 'data'))).toBe('first')
  await door.api.json('DELETE', `${bindings}/asker`)
  await expect(once(answer, 'end')).rejects.toThrow('aborted')
  await nothingIsLeft()
})

it('so does another protocol that is spoken with a pod', async () => {
  await allow()
  const { socket } = await door.upgraded(
    'box:80/proxy/x',
    { connection: 'Upgrade', upgrade: 'websocket' },
    { as: door.someone, method: 'GET' },
  )
  expect(String(await once(socket, 'data'))).toBe('first')
  await door.api.json('DELETE', `${bindings}/asker`)
  await closing(socket)
  await nothingIsLeft()
})

const address = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal && !each.address.startsWith('169.254.'))?.address

it.skipIf(address === undefined)('and a connection to an endpoint that is no pod, whatever is spoken over it', async () => {
  const sockets: Socket[] = []
  const server = createServer((socket) => void sockets.push(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const stop = new AbortController()
  const { port } = server.address() as { port: number } // of a TCP server
  const connection = await dialPlace({} as never, { host: address ?? '', port }, stop.signal) // nothing of a call is needed
  stop.abort(new Error('the right to it is taken away'))
  await once(connection.resume(), 'close').catch((error: unknown) => expect(error).toBe(stop.signal.reason))
  await vi.waitFor(() => expect(sockets[0]?.closed).toBe(true))
  server.close()
})
