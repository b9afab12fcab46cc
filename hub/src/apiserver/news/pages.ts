import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import { deflatedPart, storedPart } from '@bramble/shared/frames/deflated.ts'
import { apiVersionOf, listKindOf } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../store/store.ts'
import type { Registry } from '../objects/registry.ts'
import { type ContinueToken, encodeContinue } from '../query/continue-token.ts'
import type { NewsDeps } from './news.ts'
import { type Segment, segmentsOf } from './segments.ts'

/** Of a kind that a whole fleet lists, each of whom sees the same of all objects but of its own. */
export type Pages = {
  /** A page in the form of `deflated.ts`, of what there was when it was asked for or later; undefined when it cannot be one of these. */
  page(asked: PageAsked): Promise<{ readonly bytes: Uint8Array; readonly odd: readonly string[] } | undefined>
}
export type PageAsked = { readonly limit: number; readonly pageBytes: number; readonly from: ContinueToken | undefined }

/** Objects in words and packed, how long they were before, and the keys of those that cannot be read. */
type Packed = { readonly bytes: Uint8Array; readonly characters: number; readonly count: number; readonly odd: readonly string[] }
type Page = { readonly bytes: Uint8Array; readonly odd: readonly string[]; readonly end: number }
type Snapshot = { readonly revision: number; readonly segments: readonly Segment<Packed>[]; readonly total: number }

/** Looking anew takes a tenth of the loop at most: who asks meanwhile waits, and is shown the same as all others who do. */
const pauseOfWork = 10
const longestPauseMs = 1000
/** Who reads the pages of one list is done within seconds. One that is forgotten is read as any list of a revision is. */
const kept = 16
/** After so long without a reader nothing is kept: Nodes of before would be held for the next fleet. */
const keptMs = 30_000
/** Those of a fleet of ten thousand several times over. A node may ask for pages of any size, each of which is another one. */
const keptPages = { count: 256, size: 16 * 1024 * 1024, sizeOf: ({ bytes }: Page) => bytes.length }

/**
 * A fleet that comes lists itself: each of thousands all of thousands. What is listed is looked at for all who wait for it together, and put in
 * words and packed by segments that stay as long as nothing in them changes; the segment of whoever asks is made for it, because of its own
 * object it sees everything.
 */
export function createPages({ kind, registry, clock }: NewsDeps): (own: string, seen: Registry) => Pages {
  const { store } = registry
  const scope = registry.prefixOf(kind)
  const snapshots = new Map<number, Snapshot>()
  /** Those that are the same for all whose own object is not among them. */
  let pages = new LatestMap<string, Page>(keptPages)
  let newest: Snapshot | undefined
  let coming: Promise<Snapshot> | undefined
  let nextAt = 0
  let forgetting: NodeJS.Timeout | undefined

  /** What it takes puts off the next look. */
  const working = <T>(work: () => T): T => {
    const from = clock.monotonic()
    const result = work()
    const until = clock.monotonic()
    nextAt = Math.min(Math.max(nextAt, until) + (until - from) * pauseOfWork, until + longestPauseMs)
    return result
  }
  const look = (): Snapshot =>
    working(() => {
      const { entries, revision } = store.list(scope)
      newest = { revision, segments: segmentsOf(entries, newest?.segments ?? []), total: entries.length }
      snapshots.set(revision, newest)
      for (const old of snapshots.keys()) if (snapshots.size > kept) snapshots.delete(old)
      return newest
    })
  const lookLater = async (waitMs: number): Promise<Snapshot> => {
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    coming = undefined
    return look()
  }
  /** Nothing that was written before it was asked for is missing. */
  const fresh = (): Snapshot | Promise<Snapshot> => {
    if (newest?.revision === store.revisionOf(scope)) return newest
    const waitMs = nextAt - clock.monotonic()
    if (coming === undefined && waitMs <= 0) return look()
    return (coming ??= lookLater(waitMs))
  }

  const inWords = (seen: Registry, entries: readonly Entry[], pack: (text: string) => Uint8Array): Packed => {
    const items: string[] = []
    const odd: string[] = []
    for (const entry of entries) {
      try {
        items.push(seen.textOf(kind, entry))
      } catch {
        odd.push(entry.key)
      }
    }
    const text = items.join(',')
    return { bytes: pack(text), characters: text.length, count: items.length, odd }
  }
  const packed = (segment: Segment<Packed>): Packed => (segment.made ??= working(() => inWords(registry, segment.entries, deflatedPart)))

  const keepForNow = () => {
    clearTimeout(forgetting)
    forgetting = setTimeout(() => {
      newest = undefined
      snapshots.clear()
      pages = new LatestMap(keptPages)
    }, keptMs).unref()
  }

  return (own, seen) => ({
    async page({ limit, pageBytes, from }) {
      if (from?.revision === 'newest') return undefined
      keepForNow()
      const snapshot = from === undefined ? await fresh() : snapshots.get(from.revision)
      if (snapshot === undefined) return undefined
      const { segments, revision, total } = snapshot
      const start = from === undefined ? 0 : segments.findIndex(({ entries }) => entries.at(-1)?.key === from.after) + 1
      if (from !== undefined && start === 0) return undefined
      const at = segments.findLastIndex(({ first }) => first <= own)
      const name = `${revision} ${start} ${limit} ${pageBytes}`
      const known = pages.get(name)
      if (known !== undefined && (at < start || at >= known.end)) return known
      let [end, entries, characters] = [start, 0, 0]
      const parts: Packed[] = []
      for (let segment = segments[end]; segment !== undefined; segment = segments[end]) {
        if (isTurnOver()) await nextTurn()
        const part = end === at ? inWords(seen, segment.entries, storedPart) : packed(segment)
        if (entries + segment.entries.length > limit || (parts.length > 0 && characters + part.characters > pageBytes)) break
        parts.push(part)
        entries += segment.entries.length
        characters += part.characters
        end += 1
      }
      // Smaller than a segment.
      if (end === start && end < segments.length) return undefined
      const before = segments.slice(0, end)
      const last = end < segments.length ? before.at(-1)?.entries.at(-1) : undefined
      const metadata = {
        resourceVersion: String(revision),
        ...(last !== undefined && {
          continue: encodeContinue({ revision, after: last.key }),
          remainingItemCount: total - before.reduce((sum, segment) => sum + segment.entries.length, 0),
        }),
      }
      const head = `{"kind":"${listKindOf(kind)}","apiVersion":"${apiVersionOf(kind)}","metadata":${JSON.stringify(metadata)},"items":[`
      const items = parts.filter(({ count }) => count > 0).flatMap(({ bytes }, index) => (index === 0 ? [bytes] : [comma, bytes]))
      const page: Page = { bytes: Buffer.concat([storedPart(head), ...items, tail]), odd: parts.flatMap(({ odd }) => odd), end }
      if (at < start || at >= end) pages.set(name, page)
      return page
    },
  })
}

const comma = storedPart(',')
const tail = storedPart(']}', { isLast: true })
