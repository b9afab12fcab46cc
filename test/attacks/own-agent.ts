import { memoryMiB } from '../bench/process.ts'
import type { Victim } from './attack.ts'

const everyMs = 200

/** The agent of one of the cluster's own nodes: `watch` looks at its memory for so many fifths of a second, and tells what became of it. */
export function ownAgent({ cluster, pause }: Pick<Victim, 'cluster' | 'pause'>, nodeName: string) {
  const pid = cluster.pidOf(nodeName)
  const rssBefore = memoryMiB(pid).rss
  return {
    async watch(rounds: number): Promise<string> {
      let most = 0
      let isSame = true
      for (let round = 0; round < rounds && isSame; round++) {
        await pause(everyMs)
        try {
          isSame = cluster.pidOf(nodeName) === pid
          most = Math.max(most, memoryMiB(pid).rss)
        } catch {
          isSame = false
        }
      }
      return `agent ${isSame ? 'same' : 'ENDED'}, ${rssBefore.toFixed(0)} → ${most.toFixed(0)} MiB`
    },
  }
}
