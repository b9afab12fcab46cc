import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { OpenNodeStream, ServeNodeStream } from '@bramble/shared/streams/node-stream.ts'
import { channels } from '@bramble/shared/streams/node-stream.ts'
import { servedBy } from '@bramble/shared/streams/testing/stream-pair.ts'
import type { Handler } from '@bramble/shared/api/api-request.ts'
import { admin } from './api.ts'
import { createPki } from './pki.ts'
import { overLoopback } from '../authz/hub-parts.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** Somebody else's HTTPS server, with a certificate of its own authority for the names given. */
export async function startRemoteServer(
  listener: Listener,
  { names = ['localhost'], ...options }: ServerOptions & { names?: string[] } = {},
) {
  const pki = await createPki()
  const { cert, key } = await pki.leaf('remote', [], 'server', undefined, names)
  const server = createServer({ cert, key, ...options }, listener)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of TCP
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    caBundle: Buffer.from(pki.ca).toString('base64'),
    connections: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Nodes whose every pod listens at a port of this machine. `asked` is what they were asked for. */
export function nodesLeadingTo(port: () => number) {
  const asked: { readonly node: string; readonly request: unknown }[] = []
  const serve: ServeNodeStream<'dial'> = async (_request, stream) => {
    const socket = connect({ host: '127.0.0.1', port: port(), allowHalfOpen: true })
    stream.signal.addEventListener('abort', () => socket.destroy(), { once: true })
    await once(socket, 'connect')
    socket.on('error', () => {})
    stream.accept()
    const channel = stream.channel(channels.stdin)
    const up = async () => {
      for await (const bytes of socket.iterator({ destroyOnReturn: false })) await channel.write(bytes as Uint8Array) // a socket without an encoding
      channel.end()
    }
    const down = async () => {
      for await (const bytes of channel) socket.write(bytes)
      socket.end()
    }
    await Promise.all([up(), down()])
  }
  const openNodeStream: OpenNodeStream = (node, request, signal) => {
    asked.push({ node, request })
    return servedBy<'dial'>(serve, request as never, signal) // the only kind that is asked for here
  }
  return { asked, openNodeStream }
}

/** A Service of one pod, which is ready on a node. */
export async function makeService(
  handle: Handler,
  { namespace = 'default', name, port = 443 }: { namespace?: string; name: string; port?: number },
) {
  const make = async (path: string, body: object) => {
    const { signal } = new AbortController()
    const answer = await handle({ method: 'POST', path, query: new URLSearchParams(), headers: {}, body, signal }, overLoopback(admin))
    if (answer.status !== 201) throw new Error(`not made: ${JSON.stringify(answer)}`)
  }
  await make(`/api/v1/namespaces/${namespace}/services`, {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace } },
    spec: { selector: { app: name }, ports: [{ name: 'https', port, targetPort: 8443 }] },
  })
  await make(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
    metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
    ports: [{ name: 'https', port: 8443, protocol: 'TCP' }],
    endpoints: [
      {
        ...{ addresses: ['10.42.0.9'], nodeName: 'pi-1', conditions: { ready: true } },
        targetRef: { kind: 'Pod', namespace, name: `${name}-0`, uid: 'uid-of-pod' },
      },
    ],
  })
}
