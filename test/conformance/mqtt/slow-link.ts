import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A link to a port on which a test holds either direction: what is sent meanwhile waits in the sender's socket, as on a link that stands still. */
export async function startSlowLink(port: number) {
  const pairs: { readonly node: Socket; readonly hub: Socket }[] = []
  const server = createServer((node) => {
    const hub = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [node, hub],
      [hub, node],
    ] as const) {
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      from.on('data', (bytes) => to.write(bytes))
    }
    pairs.push({ node, hub })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
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
