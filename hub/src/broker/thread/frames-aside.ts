import type { Aedes } from 'aedes'
import type { TLSSocket } from 'node:tls'
import type { Connection } from './connection.ts'

/**
 * What nodes say was taken where it was allowed, and nobody may subscribe to it: aedes need not look for somebody who has. `isFrame` is asked with
 * what it is about to publish.
 */
export function keepFramesAside(aedes: Aedes, isFrame: (client: unknown, topic: string) => boolean): void {
  const publish = aedes.publish.bind(aedes) as (...given: unknown[]) => void
  const aside = (packet: { readonly topic: string }, client: unknown, done?: () => void): void => {
    if (typeof done === 'function' && isFrame(client, packet.topic)) done()
    else publish(packet, client, done)
  }
  Object.assign(aedes, { publish: aside })
}

const publishQos0 = 0x30

/**
 * Writes a frame as a message of QoS 0 [MQTT-3.3], past aedes, which takes two turns of the loop and six writes for one. Those of one turn go out as one
 * record. A client that does not drain in time is cut off as one of aedes' own messages would have it.
 */
export function writeFrame({ client, topics }: Connection, payload: Buffer): void {
  const socket = client.conn as TLSSocket // the broker listens on TLS alone
  if (topics === undefined || !socket.writable) return
  if (socket.writableCorked === 0) {
    socket.cork()
    process.nextTick(() => socket.uncork())
  }
  socket.write(headOf(topics.down, payload.length))
  if (!socket.write(payload)) (client as unknown as { waitForDrain(then: () => void): void }).waitForDrain(() => {}) // not in its types
}

/** With the remaining length [MQTT-2.2.3], seven bits a byte. */
function headOf(topic: Buffer, bytes: number): Buffer {
  const head = Buffer.allocUnsafe(topic.length + 5)
  head[0] = publishQos0
  let at = 1
  let left = topic.length + bytes
  do {
    head[at++] = (left & 0x7f) | (left > 0x7f ? 0x80 : 0)
    left >>>= 7
  } while (left > 0)
  topic.copy(head, at)
  return head.subarray(0, at + topic.length)
}
