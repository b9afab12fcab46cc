import { beginningOf } from './read-sysfs.ts'

/** Of one interface since it is there. */
export type InterfaceUsage = {
  readonly name: string
  readonly rxBytes: number
  readonly rxPackets: number
  readonly rxErrors: number
  readonly rxDropped: number
  readonly txBytes: number
  readonly txPackets: number
  readonly txErrors: number
  readonly txDropped: number
}

/** Of one network; the pod's own among them, which CNI plugins call so, goes before all others. */
export type Most = { readonly interfaces: number; readonly first?: string }
export const ofPod: Most = { interfaces: 16, first: 'eth0' }
/** With one for each of its pods. */
export const ofMachine: Most = { interfaces: 512 }

/** So much of the kernel's list is read: some two thousand lines. */
const maxListBytes = 256 * 1024

/**
 * The interfaces of the network in which a process is, but its loopback (proc_pid_net(5), `dev`); none when the process has gone. Who may administer its network
 * makes as many as it likes: of more than so many the rest is left out.
 */
export function networkUsage(pid: number | 'self', most: Most, proc = '/proc'): readonly InterfaceUsage[] {
  const [, , ...lines] = beginningOf(`${proc}/${pid}/net/dev`, maxListBytes).split('\n')
  const named = lines.flatMap((line) => {
    const [name = '', counts] = line.trim().split(/:\s*/, 2)
    return name === '' || name === 'lo' || counts === undefined ? [] : [{ name, counts }]
  })
  const first = named.find(({ name }) => name === most.first)
  const others = named.filter((each) => each !== first)
  return [...(first === undefined ? [] : [first]), ...others].slice(0, most.interfaces).map(usageOf)
}

function usageOf({ name, counts }: { readonly name: string; readonly counts: string }): InterfaceUsage {
  const [rxBytes = 0, rxPackets = 0, rxErrors = 0, rxDropped = 0, , , , , txBytes = 0, txPackets = 0, txErrors = 0, txDropped = 0] = counts
    .split(/\s+/)
    .map(Number)
  return { name, rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped }
}
