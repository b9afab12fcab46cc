import type { Aedes } from 'aedes'
import type { TLSSocket } from 'node:tls'
import { writeMessage } from '@bramble/shared/mqtt/write-message.ts'
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

/**
 * Writes a frame past aedes, which takes two turns of the loop and six writes for one. A client that does not drain in time is cut off as one of aedes' own messages would have it.
 */
export function writeFrame({ client, topics }: Connection, payload: Buffer): void {
  const socket = client.conn as TLSSocket // the broker listens on TLS alone
  if (topics === undefined || !socket.writable) return
  if (!writeMessage(socket, topics.down, payload)) (client as unknown as { waitForDrain(then: () => void): void }).waitForDrain(() => {}) // not in its types
}
