import { existsSync } from 'node:fs'
import { exec, execOk } from '@bramble/edge-agent/host/exec.ts'
import type { Cluster } from './cluster-file.ts'
import type { Layout } from './layout.ts'

/** The hub's address as the nodes of a lab see it. */
export const hubAddress = ({ lab }: Cluster): string => (lab === undefined ? '127.0.0.1' : `${lab}.1`)

/** The machine's end of a node's cable. */
const outsideLink = ({ instance }: Layout, index: number): string => `v${instance}n${index + 1}`

const nodeAddress = (lab: string, index: number) => `${lab}.${index + 10}`

/**
 * Gives every node of a lab a network namespace on one bridge, as if they were boards on one switch, with a way out to
 * where this machine can go. What is there already stays as it is.
 */
export async function ensureLabNetwork(layout: Layout, { lab, nodes }: Cluster): Promise<void> {
  if (lab === undefined) return
  const { labBridge: bridge } = layout
  if (!existsSync(`/sys/class/net/${bridge}`)) {
    await execOk('ip', ['link', 'add', bridge, 'type', 'bridge'])
    await execOk('ip', ['addr', 'add', `${lab}.1/24`, 'dev', bridge])
    await execOk('ip', ['link', 'set', bridge, 'up'])
  }
  await execOk('sysctl', ['-qw', 'net.ipv4.ip_forward=1'])
  await execOk('nft', ['-f', '-'], {
    input: `table ip ${layout.labTable}
delete table ip ${layout.labTable}
table ip ${layout.labTable} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${lab}.0/24 ip daddr != ${lab}.0/24 masquerade
  }
}
`,
  })
  for (const [index, name] of nodes.entries()) await ensureNamespace({ layout, name, lab, index })
}

type NodeNetwork = { readonly layout: Layout; readonly name: string; readonly lab: string; readonly index: number }

async function ensureNamespace({ layout, name, lab, index }: NodeNetwork): Promise<void> {
  const { namespace } = layout.node(name)
  if (existsSync(`/run/netns/${namespace}`)) return
  const outside = outsideLink(layout, index)
  await exec('ip', ['link', 'delete', outside]) // a namespace that was deleted under a process leaves it
  await execOk('ip', ['netns', 'add', namespace])
  await execOk('ip', ['link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace])
  await execOk('ip', ['link', 'set', outside, 'master', layout.labBridge, 'up'])
  const inside = (...args: string[]) => execOk('ip', ['-n', namespace, ...args])
  await inside('link', 'set', 'lo', 'up')
  await inside('addr', 'add', `${nodeAddress(lab, index)}/24`, 'dev', 'eth0')
  await inside('link', 'set', 'eth0', 'up')
  await inside('route', 'add', 'default', 'via', `${lab}.1`)
}

/** Takes it all away again; what is not there is fine. */
export async function removeLabNetwork(layout: Layout, { lab, nodes }: Cluster): Promise<void> {
  if (lab === undefined) return
  for (const [index, name] of nodes.entries()) {
    // Its link first: the kernel takes a namespace away when its last connection has timed out, which may be a minute later.
    await exec('ip', ['link', 'delete', outsideLink(layout, index)])
    await exec('ip', ['netns', 'delete', layout.node(name).namespace])
  }
  await exec('ip', ['link', 'delete', layout.labBridge])
  await exec('nft', ['delete', 'table', 'ip', layout.labTable])
}
