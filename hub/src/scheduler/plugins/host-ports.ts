import { defineSchedulerPlugin } from '../framework.ts'
import type { HostPort, PodInfo } from '../pods/pod-info.ts'

/** Two pods cannot hold the same port of one node; 0.0.0.0 holds it on every address. */
export const hostPorts = defineSchedulerPlugin({
  name: 'NodePorts',
  order: 70,
  unblockedBy: ['node-added', 'pod-gone'],
  filter({ hostPorts: wanted }) {
    if (wanted.length === 0) return undefined
    // Pods may have thousands: each port that one holds is looked up among those that are wanted.
    const wantedOf = byNumber(wanted)
    return ({ name, portHolders }) => {
      for (const other of portHolders) {
        const taken = takenBy(other, wantedOf)
        if (taken === undefined) continue
        return [
          {
            reason: "node(s) didn't have free ports for the requested pod ports",
            detail: `port ${taken.port}/${taken.protocol} of node ${name} is held by pod ${other.key}`,
          },
        ]
      }
      return undefined
    }
  },
})

/** For each port and protocol the addresses on which it is wanted. */
type Wanted = ReadonlyMap<string, ReadonlySet<string>>

function byNumber(ports: readonly HostPort[]): Wanted {
  const wanted = new Map<string, Set<string>>()
  for (const port of ports) {
    const addresses = wanted.get(numberOf(port)) ?? new Set<string>()
    addresses.add(addressOf(port))
    wanted.set(numberOf(port), addresses)
  }
  return wanted
}

const takenBy = ({ hostPorts: held }: PodInfo, wanted: Wanted): HostPort | undefined =>
  held.find((port) => {
    const addresses = wanted.get(numberOf(port))
    return addresses !== undefined && (addressOf(port) === every || addresses.has(every) || addresses.has(addressOf(port)))
  })

const every = '0.0.0.0'
const addressOf = ({ ip }: HostPort): string => (ip === '' || ip === '::' ? every : ip)
const numberOf = ({ port, protocol }: HostPort): string => `${port}/${protocol}`
