import { defineSchedulerPlugin } from '../framework.ts'
import type { HostPort } from '../snapshot.ts'

/** Two pods cannot hold the same port of one node; 0.0.0.0 holds it on every address. */
export const hostPorts = defineSchedulerPlugin({
  name: 'NodePorts',
  order: 70,
  unblockedBy: ['node-added', 'pod-gone'],
  filter({ hostPorts }, { name, pods }) {
    if (hostPorts.length === 0) return undefined
    for (const other of pods.values()) {
      const taken = hostPorts.find((wanted) => other.hostPorts.some((held) => collide(wanted, held)))
      if (taken === undefined) continue
      return [
        {
          reason: "node(s) didn't have free ports for the requested pod ports",
          detail: `port ${taken.port}/${taken.protocol} of node ${name} is held by pod ${other.key}`,
        },
      ]
    }
    return undefined
  },
})

const isAny = (ip: string) => ip === '' || ip === '0.0.0.0' || ip === '::'

const collide = (a: HostPort, b: HostPort) =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || isAny(a.ip) || isAny(b.ip))
