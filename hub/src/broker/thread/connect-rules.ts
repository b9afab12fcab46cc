import type { ConnectPacket } from 'aedes'
import { mayPublish } from '@bramble/shared/mqtt/topic-acl.ts'
import { availabilitySchema } from '@bramble/shared/mqtt/topics/availability.ts'
import { shownText } from '@bramble/shared/text/shown-text.ts'
import type { ClientIdentity } from './connection.ts'
import { clientIdOf, identityOf, type Shown } from './identity-of.ts'

/** With the code of its CONNACK [MQTT-3.2.2.3]. */
export type RefusedConnect = {
  readonly type: 'refused'
  readonly why: string
  readonly returnCode: 2 | 3 | 5
  readonly topic?: string
}

/** Who connects and whether it may, by nothing but what the packet and the certificate say. */
export function judgeConnect(shown: Shown, packet: ConnectPacket): ClientIdentity | RefusedConnect {
  const refused = (why: string, topic?: string): RefusedConnect => ({
    ...{ type: 'refused', why, returnCode: 5 },
    ...(topic !== undefined && { topic }),
  })
  const identity = identityOf(shown, packet.clientId)
  if (identity.type === 'refused') return refused(identity.why)
  if (packet.protocolVersion !== 4 || !packet.clean) return refused('only MQTT 3.1.1 with a clean session is served')
  if (packet.clientId !== clientIdOf(identity))
    return { type: 'refused', why: `client id ${shownText(packet.clientId)} is not ${clientIdOf(identity)}`, returnCode: 2 }
  const { will } = packet
  if (will === undefined) return identity
  if (!mayPublish(identity, will.topic)) return refused('the last will may not be published by this client', will.topic)
  if (!isAvailability(will.payload)) return refused('the last will is neither online nor offline', will.topic)
  return identity
}

export const isAvailability = (payload: string | Uint8Array): boolean =>
  availabilitySchema.safeParse(Buffer.from(payload).toString()).success
