import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'

/** Where everything of one cluster on this machine lies. Two clusters share nothing but the machine. */
export type Layout = ReturnType<typeof layoutOf>

export function layoutOf(home: string) {
  const root = resolve(home)
  // Names of bridges, tables and namespaces carry it: short, because an interface name has 15 characters.
  const instance = createHash('sha256').update(root).digest('hex').slice(0, 6)
  // Running state is on tmpfs: a power cut leaves none, and an SD card is spared.
  const run = `/run/bramble/${instance}`
  return {
    home: root,
    instance,
    run,
    clusterFile: join(root, 'cluster.json'),
    hubDir: join(root, 'hub'),
    kubeconfig: join(root, 'kubeconfig'),
    hubLog: join(run, 'hub.log'),
    /** Kept by the hub: what a new node may be told, see `bramble token create`. */
    node: (name: string) => ({
      dir: join(root, 'nodes', name),
      run: join(run, name),
      log: join(run, `${name}.log`),
      containerdSocket: join(run, name, 'containerd', 'containerd.sock'),
      namespace: `bramble-${instance}-${name}`,
    }),
    labBridge: `brl-${instance}`,
    labTable: `bramble_lab_${instance}`,
  }
}
