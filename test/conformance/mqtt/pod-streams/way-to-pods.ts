import { silentLog } from '@bramble/shared/logging/log.ts'
import type { ServeNodeStream, StreamKind } from '@bramble/shared/streams/node-stream.ts'
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStreamServers } from '../../../../edge-agent/src/kubelet/stream-servers.ts'
import { expect, vi } from 'vitest'
import { createDoorTo } from '../../../../hub/src/apiserver/testing/pod-door.ts'
import { startHub, startNode, until } from '../hub-and-node.ts'
import { startSlowLink } from '../slow-link.ts'
import { startRuntime } from './runtime.ts'

export type WayToPods = Awaited<ReturnType<typeof openWayToPods>>

const nothing = { requests: 0, streams: 0, connectionsToRuntime: 0, connectionsToPorts: 0, callsOfRuntime: 0, openLogs: 0 }

/**
 * All of the way between a caller and a container, over real sockets: the hub's HTTPS door and its broker, a link that a test cuts or holds, an agent's
 * link with its own servers of streams, and a runtime's streaming server.
 */
export async function openWayToPods() {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-streams-'))
  const logPath = join(folder, '0.log')
  writeFileSync(logPath, '')
  const runtime = await startRuntime(logPath)
  const listener = await startListener()
  const { gateway, door, hub } = await startHubAndDoor()
  const slow = await startSlowLink(hub.port)
  /** Why each stream was over, as the agent's servers heard it. */
  const heardByNode: string[] = []
  const listening =
    <K extends StreamKind>(serve: ServeNodeStream<K>): ServeNodeStream<K> =>
    (request, stream) => {
      stream.signal.addEventListener('abort', () => heardByNode.push(String(stream.signal.reason)), { once: true })
      return serve(request, stream)
    }
  const { logs, exec, attach, forward } = createStreamServers({
    ...{ cri: runtime.cri, instance: 'i', nodeName: 'n1', hostIP: () => '192.0.2.1' },
    seen: () => Promise.reject(new Error('nobody looks')),
    wanted: () => undefined,
    helpers: { connect: () => Promise.reject(new Error('all is in this network')), close() {} },
  })
  const servers = { logs: listening(logs), exec: listening(exec), attach: listening(attach), forward: listening(forward) }
  const node = startNode('n1', { ca: hub.ca, port: slow.port }, { servers, log: silentLog })
  const connected = () => until(() => node.link.isConnected() && gateway().connectedNodes().includes('n1'), 'the node is connected')
  await connected()

  /** What is left of a stream that has ended, on either side of the link. */
  const leftovers = async () => {
    const { text } = await door.answered('/metrics', {}, { method: 'GET' })
    const running = [...text.matchAll(/^apiserver_longrunning_requests\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
    return {
      requests: running,
      streams: gateway().stats.streams,
      connectionsToRuntime: runtime.sockets.size,
      connectionsToPorts: listener.sockets.size,
      callsOfRuntime: runtime.hanging.size,
      openLogs: openFiles().filter((file) => file === logPath).length,
    }
  }

  return {
    door,
    runtime,
    listener,
    link: slow,
    /** All goes on, for the next test. */
    async connected() {
      slow.goOn('node')
      runtime.state.hangs = ''
      listener.state.endsFirst = false
      heardByNode.length = 0
      await connected()
    },
    /** The agent's servers know why a stream of theirs is over. */
    nodeHears: (why: string) => vi.waitFor(() => expect(heardByNode.join()).toContain(why)),
    nothingIsLeft: () => vi.waitFor(async () => expect(await leftovers()).toEqual(nothing)),
    leftovers,
    async [Symbol.asyncDispose]() {
      await node.stop()
      slow.stop()
      await hub.stop()
      await door[Symbol.asyncDispose]()
      await listener.stop()
      await runtime.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Each is made with the other. */
async function startHubAndDoor() {
  let gateway: Awaited<ReturnType<typeof startHub>>['gateway'] | undefined
  const known = () => {
    if (gateway === undefined) throw new Error('the hub has begun')
    return gateway
  }
  const door = await createDoorTo((...asked) => known().openNodeStream(...asked))
  const hub = await startHub(door.api.handle)
  gateway = hub.gateway
  return { gateway: known, door, hub }
}

/** What listens in the pod: says what it hears, and ends when the other side has. */
async function startListener() {
  const sockets = new Set<Socket>()
  const state = { endsFirst: false }
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // broken off, which is what is tried
    socket.once('close', () => sockets.delete(socket))
    if (state.endsFirst) socket.end('all said').resume()
    else socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    sockets,
    state,
    port: (server.address() as AddressInfo).port, // of TCP
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const openFiles = (): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return [] // closed meanwhile
    }
  })
