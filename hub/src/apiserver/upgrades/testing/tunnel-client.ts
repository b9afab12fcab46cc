import { Duplex } from 'node:stream'

/**
 * The client's end of a WebSocket as a byte pipe, for protocols whose name the library's client does not let itself ask for. Knows just as much of RFC 6455 as a
 * server in order says: whole binary messages, pings, a close. `closed` has the code of the last.
 */
export function tunnelClient(socket: Duplex): { readonly bytes: Duplex; readonly closed: Promise<number> } {
  let tell: (code: number) => void = () => {}
  const closed = new Promise<number>((resolve) => (tell = resolve))
  let rest = Buffer.alloc(0)
  const bytes = new Duplex({
    read() {
      socket.resume()
    },
    write(chunk: Buffer, _encoding, done) {
      socket.write(frame(2, chunk), done)
    },
    final(done) {
      socket.write(frame(8, Buffer.from([0x03, 0xe8])), done)
    },
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  const take = (opcode: number, body: Buffer) => {
    if (opcode === 8) {
      tell(body.readUInt16BE(0))
      bytes.push(null)
    } else if (opcode === 2 && !bytes.push(body)) socket.pause()
  }
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const short = (rest[1] ?? 0) & 0x7f
      const head = short === 127 ? 10 : short === 126 ? 4 : 2
      if (rest.length < head) return
      const length = short === 127 ? Number(rest.readBigUInt64BE(2)) : short === 126 ? rest.readUInt16BE(2) : short
      if (rest.length < head + length) return
      take((rest[0] ?? 0) & 15, rest.subarray(head, head + length))
      rest = rest.subarray(head + length)
    }
  })
  socket.on('error', () => {}) // told by its close
  socket.on('close', () => bytes.destroy())
  return { bytes, closed }
}

/** A client masks what it sends; a mask of zeros changes nothing. */
export function frame(opcode: number, body: Buffer): Buffer {
  const head = Buffer.alloc(14)
  head[0] = 0x80 | opcode
  head[1] = 0x80 | 127
  head.writeBigUInt64BE(BigInt(body.length), 2)
  return Buffer.concat([head, body])
}
