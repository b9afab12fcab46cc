import { defineStorm } from '../storm.ts'
import { mqttConnect, mqttPacket, mqttText, strangerAt } from '../stranger.ts'

let last = 0

/** Join questions by the thousand that are no questions, or with tokens that nobody made. */
export const junkJoins = defineStorm('junk-joins', 256, ({ cluster }, localAddress) => {
  const id = `junk${(last++).toString(36).padStart(8, '0')}`
  const invented = JSON.stringify({ token: `${id.slice(-6)}.0123456789abcdef`, csr: 'x'.repeat(8000), node: 'evil' })
  const question = Buffer.concat([
    mqttText(`$bramble/v1/join/${id}/q`),
    Buffer.from([0, 1]),
    Buffer.from(last % 2 === 0 ? '{'.repeat(16_000) : invented),
  ])
  const socket = strangerAt(cluster.mqttPort, localAddress)
  socket.write(mqttConnect(`join:${id}`))
  socket.write(mqttPacket(0x32, question))
  // As soon as it is acknowledged it comes back as another.
  socket.on('data', (packet: Buffer) => {
    if (packet.includes(Buffer.from([0x40, 2, 0, 1]))) socket.end()
  })
  return socket
})
