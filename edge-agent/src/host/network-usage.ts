import { readText } from './read-sysfs.ts'

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

/** The interfaces of the network in which a process is, but its loopback (proc_pid_net(5), `dev`); none when the process has gone. */
export function networkUsage(pid: number | 'self', proc = '/proc'): readonly InterfaceUsage[] {
  const lines = (readText(`${proc}/${pid}/net/dev`) ?? '').split('\n').slice(2)
  return lines.flatMap((line) => {
    const [name = '', counts = ''] = line.trim().split(/:\s*/, 2)
    const [rxBytes = 0, rxPackets = 0, rxErrors = 0, rxDropped = 0, , , , , txBytes = 0, txPackets = 0, txErrors = 0, txDropped = 0] =
      counts.split(/\s+/).map(Number)
    if (name === '' || name === 'lo') return []
    return [{ name, rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped }]
  })
}
