import { SpdyConnection } from '@bramble/shared/spdy/connection.ts'
import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { tunnelClient } from '../../../../hub/src/apiserver/upgrades/testing/tunnel-client.ts'
import { type Random, randomOf } from '../../../fuzz/random.ts'
import type { WayToPods } from './way-to-pods.ts'

/** One caller's stream: says something, whatever it is, and goes away without a word. */
type Open = { say(bytes: Uint8Array): void; endInput(): void; leave(): void; close(): void }
type Door = (way: WayToPods, random: Random) => Promise<Open>

const words = ['cat', 'yes', 'patient', 'goodbye'] as const
const websocket = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': `${'A'.repeat(22)}==` }

function commandPath({ runtime }: WayToPods, random: Random): string {
  const kind = random.pick(['exec', 'attach'] as const)
  const word = random.pick(words)
  runtime.state.main = word
  const stderr = random.chance(0.5) ? '&stderr=true' : ''
  return `box/${kind}?container=main&stdin=true&stdout=true${stderr}${kind === 'exec' ? `&command=${word}` : ''}`
}

const overSpdy =
  (protocol: string): Door =>
  async (way, random) => {
    const path = commandPath(way, random)
    const spdy = await way.door.spdy(path, protocol)
    const types = ['error', 'stdin', 'stdout', ...(path.includes('stderr') ? ['stderr'] : [])]
    const streams = types.map((streamtype) => spdy.open({ streamtype }))
    const stdin = streams[1]
    for (const stream of streams) if (stream !== stdin) void drain(stream)
    return {
      say: (bytes) => void stdin?.write(bytes).catch(() => {}),
      endInput: () => stdin?.end(),
      leave: () => spdy.destroy(),
      close: () => spdy.close(),
    }
  }

const overWebSocket =
  (protocol: string): Door =>
  async (way, random) => {
    const socket = await way.door.webSocket(commandPath(way, random), protocol)
    socket.on('error', () => {}) // it is cut off
    socket.on('message', () => {})
    return {
      say: (bytes) => socket.readyState === socket.OPEN && socket.send(Buffer.concat([Buffer.from([0]), bytes])),
      endInput: () => socket.readyState === socket.OPEN && socket.send(Buffer.from([255, 0])),
      leave: () => socket.terminate(),
      close: () => socket.close(),
    }
  }

/** Several connections over one session, which are reset, ended or left. */
function forwarding(spdy: SpdyConnection, { listener }: WayToPods, random: Random): Open {
  const all = Array.from({ length: 1 + random.below(4) }, (_, requestid) => {
    const headers = { port: String(random.chance(0.9) ? listener.port : 9), requestid: String(requestid) }
    const error = spdy.open({ ...headers, streamtype: 'error' })
    error.end()
    const data = spdy.open({ ...headers, streamtype: 'data' })
    void drain(error)
    if (random.chance(0.8)) void drain(data)
    return data
  })
  return {
    say: (bytes) => all.forEach((data) => void data.write(bytes).catch(() => {})),
    endInput: () => (random.chance(0.5) ? all[0]?.end() : all[0]?.reset()),
    leave: () => spdy.destroy(),
    close: () => spdy.close(),
  }
}

const doors: Readonly<Record<string, Door>> = {
  'a command over SPDY v4': overSpdy('v4.channel.k8s.io'),
  'a command over SPDY v5': overSpdy('v5.channel.k8s.io'),
  'a command over WebSocket v4': overWebSocket('v4.channel.k8s.io'),
  'a command over WebSocket v5': overWebSocket('v5.channel.k8s.io'),
  'ports over SPDY': async (way, random) => forwarding(await way.door.spdy('box/portforward', 'portforward.k8s.io'), way, random),
  async 'ports through the tunnel'(way, random) {
    const headers = { ...websocket, 'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io' }
    const { socket } = await way.door.upgraded('box/portforward', headers, { method: 'GET' })
    const spdy = new SpdyConnection({ transport: tunnelClient(socket).bytes, side: 'client' })
    void spdy.run().catch(() => {}) // its streams tell why
    return { ...forwarding(spdy, way, random), leave: () => socket.destroy() }
  },
  async 'ports over WebSocket v4'(way, random) {
    const socket = await way.door.webSocket(
      `box/portforward?ports=${way.listener.port}&ports=${random.chance(0.8) ? way.listener.port : 9}`,
      'v4.channel.k8s.io',
    )
    socket.on('error', () => {}) // it is cut off
    socket.on('message', () => {})
    return {
      say: (bytes) => socket.readyState === socket.OPEN && socket.send(Buffer.concat([Buffer.from([2 * random.below(2)]), bytes])),
      endInput() {},
      leave: () => socket.terminate(),
      close: () => socket.close(),
    }
  },
  async logs(way, random) {
    const request = way.door.send(`box/log?follow=true${random.chance(0.5) ? '&tailLines=3' : ''}`, {}, { method: 'GET' })
    request.on('error', () => {}) // it is broken off
    const reads = random.chance(0.7)
    request.on('response', (response: IncomingMessage) => {
      response.on('error', () => {}) // the same
      if (reads) response.resume()
    })
    return {
      say: () => way.runtime.print('x'.repeat(1 + random.below(5000))),
      endInput() {},
      leave: () => request.destroy(),
      close: () => request.destroy(),
    }
  },
}

/** Opens streams by every door, says this and that, and breaks off one of the parts at some moment: each time another, and the same for the same seed. */
export async function cutAtRandom(way: WayToPods, seed: string): Promise<void> {
  const random = randomOf(seed)
  const callers = Array.from({ length: 1 + random.below(5) }, () => caller(way, random))
  await pause(random.below(25))
  switch (random.below(8)) {
    case 0:
      way.link.cut()
      break
    case 1:
      way.runtime.breakOff()
      break
    case 2:
      for (const socket of way.listener.sockets) socket.resetAndDestroy()
      break
    case 3:
      way.link.hold(random.pick(['node', 'hub']))
      await pause(random.below(20))
      break
    default: // the callers go alone
  }
  // A link that is held holds those who are not let in yet; the others leave while it is held.
  const left = callers.map((each) => each.then(({ leave }) => leave()))
  await pause(random.below(10))
  for (const side of ['node', 'hub'] as const) way.link.goOn(side)
  await Promise.all(left)
}

/** Resolves when it has said what it has to say, or was refused. */
async function caller(way: WayToPods, random: Random): Promise<{ leave(): void }> {
  const [, open] = random.pick(Object.entries(doors))
  const [pieces, size, endsInput, closes] = [random.below(6), 1 + random.below(60_000), random.chance(0.3), random.chance(0.3)]
  try {
    const opened = await open(way, random)
    for (let piece = 0; piece < pieces; piece += 1) opened.say(Buffer.alloc(size, 'x'))
    if (endsInput) opened.endInput()
    return { leave: closes ? opened.close : opened.leave }
  } catch {
    return { leave() {} } // the link was cut before it was open
  }
}

async function drain(from: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const _ of from);
  } catch {
    // Broken off, which is an end as well.
  }
}
