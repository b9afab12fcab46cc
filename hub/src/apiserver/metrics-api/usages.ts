import type { Clock } from '@bramble/shared/clock.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import { bytesOf } from '@bramble/shared/streams/bytes-of.ts'
import { maxUsageBytes, type NodeUsage, readUsage } from '@bramble/shared/streams/node-usage.ts'
import type { OpenNodeStream } from '@bramble/shared/streams/node-stream.ts'
import { Gathering } from '@bramble/shared/streams/gathering.ts'

export type Usage = NodeUsage & { readonly at: Date }

/** What nodes use, asked of them when somebody wants to know. A node that cannot say it is left out. */
export type Usages = {
  ofNodes(nodes: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Usage>>
}

export type UsagesDeps = { readonly openNodeStream: OpenNodeStream; readonly clock: Clock }

/** As often as metrics-server asks. */
const freshMs = 15_000
const keptNodes = 5000
// A fleet is asked in turns; a node that does not answer keeps nobody waiting for long.
const atOnce = 32
const answerMs = 5000
const allMs = 20_000

type Kept = { readonly from: number; readonly usage: Promise<Usage | undefined> }

export function createUsages({ openNodeStream, clock }: UsagesDeps): Usages {
  const kept = new LatestMap<string, Kept>({ count: keptNodes })

  const ask = async (node: string): Promise<Usage | undefined> => {
    using limit = linkSignals()
    const timer = setTimeout(() => limit.abort(new Error(`node ${node} did not say in time what it uses`)), answerMs)
    try {
      const whole = new Gathering()
      for await (const bytes of bytesOf(openNodeStream(node, { kind: 'usage' }, limit.signal), limit.signal)) {
        if (whole.length + bytes.length > maxUsageBytes) throw new Error('that is more than a node can use')
        whole.add(bytes)
      }
      return { ...readUsage(whole.whole()), at: new Date(clock.now()) }
    } catch {
      return undefined // it is away, too old, or says nothing that can be read: it is left out until it is asked anew
    } finally {
      clearTimeout(timer)
    }
  }

  /** Asked once for all who want to know at the same time, whoever of them goes away. */
  const usageOf = (node: string): Promise<Usage | undefined> => {
    const now = clock.monotonic()
    const known = kept.get(node)
    if (known !== undefined && now - known.from < freshMs) return known.usage
    const usage = ask(node)
    kept.set(node, { from: now, usage })
    return usage
  }

  return {
    async ofNodes(nodes, signal) {
      const found = new Map<string, Usage>()
      const until = clock.monotonic() + allMs
      const waiting = nodes[Symbol.iterator]()
      const work = async () => {
        for (const node of waiting) {
          if (signal.aborted || clock.monotonic() > until) return
          const usage = await usageOf(node)
          if (usage !== undefined) found.set(node, usage)
        }
      }
      await Promise.all(Array.from({ length: Math.min(atOnce, nodes.length) }, work))
      return found
    },
  }
}
