import type { LocalPod, ServicePort } from './service-ports.ts'

/** The least that is left out of the rules when nft refuses them: one port of a Service, or the host ports of one pod. */
export type Unit = { readonly key: string; readonly what: string; readonly port?: ServicePort; readonly pod?: LocalPod }

export const unitsOf = (ports: readonly ServicePort[], pods: readonly LocalPod[]): readonly Unit[] => [
  ...ports.map((port): Unit => ({ key: port.id, what: `port ${port.port}/${port.protocol} of Service ${port.name}`, port })),
  ...pods.map((pod): Unit => ({ key: `pod/${pod.uid}`, what: `host ports of pod ${pod.uid}`, pod })),
]

export const portsOf = (units: readonly Unit[]): readonly ServicePort[] => units.flatMap(({ port }) => port ?? [])
export const podsOf = (units: readonly Unit[]): readonly LocalPod[] => units.flatMap(({ pod }) => pod ?? [])

/** Beyond this the rest is not told apart any more: each costs a dozen runs of nft. */
const mostCulprits = 32

/** Those without which all others are accepted, found by halving; none when it is not their fault. */
export async function culpritsAmong<T>(units: readonly T[], accepts: (some: readonly T[]) => Promise<boolean>): Promise<readonly T[]> {
  if (!(await accepts([]))) return []
  const kept: T[] = []
  const culprits: T[] = []
  const sift = async (some: readonly T[]): Promise<void> => {
    if (some.length === 0) return
    if (await accepts([...kept, ...some])) return void kept.push(...some)
    if (some.length === 1 || culprits.length >= mostCulprits) return void culprits.push(...some)
    const middle = some.length >> 1
    await sift(some.slice(0, middle))
    await sift(some.slice(middle))
  }
  await sift(units)
  return culprits
}

// A refusal may have come from the machine (no memory for a moment): what was left out gets another chance now and then.
const refusedForMs = 10 * 60_000

/** Remembers what was refused, as long as it stays as it was: it is not tried again at every change of something else. */
export function createRefusals(now: () => number) {
  const refused = new Map<string, { readonly text: string; readonly until: number; readonly what: string }>()
  return {
    add(units: readonly Unit[]): void {
      for (const unit of units) refused.set(unit.key, { text: JSON.stringify(unit), until: now() + refusedForMs, what: unit.what })
    },
    /** The units that may be tried. */
    without(units: readonly Unit[]): readonly Unit[] {
      if (refused.size === 0) return units
      const present = new Set(units.map(({ key }) => key))
      for (const key of refused.keys()) if (!present.has(key)) refused.delete(key)
      return units.filter((unit) => {
        const known = refused.get(unit.key)
        if (known !== undefined && known.until > now() && known.text === JSON.stringify(unit)) return false
        refused.delete(unit.key)
        return true
      })
    },
    /** When the next one gets another chance. */
    nextAt: (): number => Math.min(Infinity, ...[...refused.values()].map(({ until }) => until)),
    list: (): readonly string[] => [...refused.values()].map(({ what }) => what),
  }
}
