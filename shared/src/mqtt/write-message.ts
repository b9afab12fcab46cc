import type { Writable } from 'node:stream'

const publishQos0 = 0x30

/** As it stands in the packets of a message: its length and then itself. */
export function topicBytes(topic: string): Buffer {
  const name = Buffer.from(topic)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(name.length)
  return Buffer.concat([length, name])
}

/** Writes a message of QoS 0 [MQTT-3.3] to a topic of `topicBytes`, with those of the same turn as one. False when the connection wants to be waited for. */
export function writeMessage(connection: Writable, topic: Uint8Array, payload: Uint8Array): boolean {
  if (connection.writableCorked === 0) {
    connection.cork()
    process.nextTick(() => connection.uncork())
  }
  connection.write(headOf(topic, payload.length))
  return connection.write(payload)
}

/** With the remaining length [MQTT-2.2.3], seven bits a byte. */
function headOf(topic: Uint8Array, bytes: number): Buffer {
  const head = Buffer.allocUnsafe(topic.length + 5)
  head[0] = publishQos0
  let at = 1
  let left = topic.length + bytes
  do {
    head[at++] = (left & 0x7f) | (left > 0x7f ? 0x80 : 0)
    left >>>= 7
  } while (left > 0)
  head.set(topic, at)
  return head.subarray(0, at + topic.length)
}
