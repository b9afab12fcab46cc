import { connect } from 'node:net'
import { eventually, type TestCluster } from './cluster.ts'

/**
 * Before every node of a cluster: nothing from outside begins a conversation with it, as behind the router of a home or of a mobile network.
 * What a node began itself goes on, and so does what its own pods say to it.
 */
export async function wallOff(cluster: TestCluster): Promise<{ dropped(index: number): Promise<number> }> {
  for (const index of cluster.nodes.keys()) {
    const { code, stderr } = await cluster.onNode(index, 'nft', rules)
    if (code !== 0) throw new Error(stderr)
  }
  return {
    /** Packets that the wall has stopped. */
    async dropped(index) {
      const { stdout } = await cluster.onNode(index, 'nft', 'list', 'table', 'inet', 'wall')
      return Number(/counter packets (\d+)/.exec(stdout)?.[1])
    },
  }
}

const rules = `table inet wall {
  chain input {
    type filter hook input priority -10; policy drop;
    ct state established,related accept
    iifname != "eth0" accept
    meta l4proto { icmp, icmpv6 } accept
    counter drop
  }
}`

/** Resolves when a packet of somebody who asks at that port has come to the wall and no further. */
export async function knock(cluster: TestCluster, wall: Awaited<ReturnType<typeof wallOff>>, index: number, port: number): Promise<void> {
  const before = await wall.dropped(index)
  const socket = connect(port, cluster.nodeAddress(index))
  let answer: string | undefined
  socket.on('connect', () => (answer = 'it was let in'))
  socket.on('error', ({ message }) => (answer = message))
  try {
    await eventually('a packet at the wall', async () => answer !== undefined || (await wall.dropped(index)) > before)
    if (answer !== undefined) throw new Error(`port ${port} of ${cluster.nodes[index]} answered: ${answer}`)
  } finally {
    socket.destroy()
  }
}
