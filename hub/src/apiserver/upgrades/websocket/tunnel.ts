import { outletOf } from '@bramble/shared/streams/outlet.ts'
import { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { beat } from './beat.ts'

/**
 * A WebSocket as a connection on which something else is spoken (`SPDY/3.1+portforward.k8s.io`): binary messages are bytes, wherever they are cut. Its end is a
 * close of the WebSocket in order, which ends both directions.
 */
export function tunnelOf(socket: WebSocket, connection: Duplex): Duplex {
  const stopBeat = beat(socket)
  const outlet = outletOf(connection)
  const tunnel = new Duplex({
    allowHalfOpen: true,
    read() {
      if (socket.isPaused) socket.resume()
    },
    write(chunk: Uint8Array, _encoding, done) {
      if (socket.readyState !== socket.OPEN) return done(new Error('the caller has gone'))
      socket.send(chunk)
      // What is below it has the backpressure; who is not read waits for it, and no second copy lies here.
      outlet.whenRoom(done)
    },
    final(done) {
      socket.resume()
      socket.close(1000)
      done()
    },
    destroy(error, done) {
      stopBeat()
      if (socket.readyState !== socket.CLOSED) socket.terminate()
      done(error)
    },
  })
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary) tunnel.destroy(new Error('the caller sent text where bytes are spoken'))
    else if (!tunnel.push(data)) socket.pause()
  })
  socket.on('error', () => socket.terminate()) // what it sent was no WebSocket; the library has told it
  socket.on('close', () => {
    tunnel.push(null)
    tunnel.destroy()
  })
  if (socket.readyState > socket.OPEN) tunnel.destroy()
  return tunnel
}
