import { connect } from 'node:tls'
import { defineAttack } from '../attack.ts'

/** 3,000 connections of one certificate, each kept alive after a request. */
export const idleKeepAlive = defineAttack('idle-keep-alive', async ({ admin, enroll, pause }) => {
  const { key, certificate, ca } = await enroll('evil-idle')
  let [opened, closed] = [0, 0]
  const sockets = Array.from({ length: 3000 }, () => {
    const socket = connect({ host: '127.0.0.1', port: admin.port, ca, cert: certificate, key }).on('error', () => {})
    socket.once('secureConnect', () => (opened += 1))
    socket.once('close', () => (closed += 1))
    socket.write('GET /version HTTP/1.1\r\nhost: hub\r\n\r\n')
    socket.resume()
    return socket
  })
  for (let round = 0; round < 60 && opened < sockets.length; round++) await pause(250)
  await pause(3000)
  const outcome = `${opened} connected, ${closed} closed by the hub`
  for (const socket of sockets) socket.destroy()
  return outcome
})
