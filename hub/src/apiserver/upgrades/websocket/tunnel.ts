import { outletOf } from '@bramble/shared/streams/outlet.ts'
import { Duplex } from 'node:stream'
import { beat } from './beat.ts'
import { ServerSocket } from './server-socket.ts'

/**
 * A WebSocket as a connection on which something else is spoken (`SPDY/3.1+portforward.k8s.io`): binary messages are bytes, wherever they are cut. Its end is a
 * close of the WebSocket in order, which ends both directions.
 */
export function tunnelOf(connection: Duplex): Duplex {
  const outlet = outletOf(connection)
  const send = (pieces: readonly Uint8Array[], done: (error?: Error) => void): void => {
    if (!socket.isOpen) return done(new Error('the caller has gone'))
    socket.send(pieces)
    // What is below it has the backpressure; who is not read waits for it, and no second copy lies here.
    outlet.whenRoom(done)
  }
  const tunnel = new Duplex({
    allowHalfOpen: true,
    read() {
      if (socket.isPaused) socket.resume()
    },
    write: (chunk: Uint8Array, _encoding, done) => send([chunk], done),
    writev: (chunks, done) =>
      send(
        chunks.map(({ chunk }) => chunk as Uint8Array), // nothing else is written
        done,
      ),
    final(done) {
      socket.resume()
      socket.close()
      done()
    },
    destroy(error, done) {
      stopBeat()
      socket.terminate()
      done(error)
    },
  })
  const socket = new ServerSocket({
    connection,
    onPiece({ bytes, isText }) {
      if (isText) tunnel.destroy(new Error('the caller sent text where bytes are spoken'))
      else if (bytes.length > 0 && !tunnel.push(bytes)) socket.pause()
    },
    onOver() {
      tunnel.push(null)
      tunnel.destroy()
    },
  })
  const stopBeat = beat(socket)
  return tunnel
}
