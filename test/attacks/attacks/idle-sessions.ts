import { connect } from 'node:http2'
import { defineStorm } from '../storm.ts'
import { strangerAt } from '../stranger.ts'

/** HTTP/2 sessions of strangers that ask nothing. */
export const idleSessions = defineStorm('idle-sessions', 2000, ({ admin }, localAddress) => {
  const socket = strangerAt(admin.port, localAddress, ['h2'])
  socket.once('secureConnect', () => connect(`https://127.0.0.1:${admin.port}`, { createConnection: () => socket }).on('error', () => {}))
  return socket
})
