import { defineStorm } from '../storm.ts'
import { mqttConnect, strangerAt } from '../stranger.ts'

// All of it but the last byte: of 256 KB, which a stranger may not even announce, and of 4 KB.
const beginnings = [256 * 1024, 4000].map((bytes) => mqttConnect('join:abcdef', Buffer.alloc(bytes)).subarray(0, -1))

let turn = 0
/** CONNECTs that never end. */
export const unfinishedConnects = defineStorm('unfinished-connects', 2000, ({ cluster }, localAddress) => {
  const socket = strangerAt(cluster.mqttPort, localAddress)
  socket.write(beginnings[turn++ % 2] ?? '')
  return socket
})
