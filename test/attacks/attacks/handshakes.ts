import { defineStorm } from '../storm.ts'
import { strangerAt } from '../stranger.ts'

/** Whole TLS handshakes and nothing after them: each costs the hub a signature. */
export const handshakes = defineStorm('handshakes', 256, ({ cluster }, localAddress) => {
  const socket = strangerAt(cluster.mqttPort, localAddress)
  socket.once('secureConnect', () => socket.destroy())
  return socket
})
