import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { cutAtRandom } from './random-cuts.ts'
import { openWayToPods, type WayToPods } from './way-to-pods.ts'

/** More of them, and others: `CUTS=5000 SEED=b npm run unit -- test/conformance/mqtt/pod-streams/random-cuts.test.ts`. */
const { CUTS: cuts = '48', SEED: seed = 'a' } = process.env
/** So many between two looks at what is left. */
const together = 16

let way: WayToPods
beforeAll(async () => {
  way = await openWayToPods()
})
afterAll(() => way[Symbol.asyncDispose]())

/** What this process holds, by its kind in Node. */
function held(): Readonly<Record<string, number>> {
  const names = process.getActiveResourcesInfo()
  const count = (kind: string) => names.filter((name) => name === kind).length
  return {
    ...Object.fromEntries(['TCPSocketWrap', 'TLSWrap', 'PipeWrap', 'ProcessWrap', 'FSEventWrap'].map((kind) => [kind, count(kind)])),
    files: readdirSync('/proc/self/fd').length,
  }
}

it(
  `whatever is cut at whatever moment, by whichever door it came: nothing is left of it`,
  { timeout: 45_000 + Number(cuts) * 500 },
  async () => {
    const warnings: string[] = []
    const onWarning = ({ message }: Error) => warnings.push(message)
    process.on('warning', onWarning)
    let before: Readonly<Record<string, number>> | undefined
    for (let done = 0; done < Number(cuts); done += together) {
      for (let cut = done; cut < done + together; cut += 1) {
        await cutAtRandom(way, `${seed}${cut}`)
        await way.connected()
      }
      await way.nothingIsLeft()
      // What is made once is made by then.
      before ??= held()
      const most = before
      await vi.waitFor(() => {
        const now = held()
        expect(Object.entries(now).filter(([kind, count]) => count > (most[kind] ?? 0))).toEqual([])
      })
    }
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  },
)
