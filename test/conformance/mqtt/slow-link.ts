import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * A link to a port on which a test holds either direction: what is sent meanwhile waits in the sender's socket, as on a link that stands still. With
 * `bytesPerSecond` what a node says goes no faster, piece by piece of a packet.
 */
export async function startSlowLink(port: number, bytesPerSecond = Infinity) {
  let fromNode = 0
  const pairs: { readonly node: Socket; readonly hub: Socket }[] = []
  // Read by the packet: what waits for the link waits at the node.
  const server = createServer({ highWaterMark: packetBytes }, (node) => {
    const hub = connect(port, '127.0.0.1')
    const pass = (bytes: Buffer) => {
      fromNode += bytes.length
      hub.write(bytes)
      if (bytesPerSecond === Infinity) return
      node.pause()
      setTimeout(() => node.resume(), (bytes.length / bytesPerSecond) * 1000)
    }
    for (const [from, to] of [
      [node, hub],
      [hub, node],
    ] as const) {
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      from.on('data', from === node ? pass : (bytes) => to.write(bytes))
    }
    pairs.push({ node, hub })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    /** Bytes that nodes have said so far. */
    fromNode: () => fromNode,
    hold: (side: 'node' | 'hub') => pairs.forEach((pair) => pair[side].pause()),
    goOn: (side: 'node' | 'hub') => pairs.forEach((pair) => pair[side].resume()),
    cut: () => pairs.splice(0).forEach(({ node, hub }) => (node.destroy(), hub.destroy())),
    stop() {
      for (const { node, hub } of pairs) {
        node.destroy()
        hub.destroy()
      }
      server.close()
    },
  }
}

const packetBytes = 1400
