import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { nextTurn } from '@bramble/shared/async/turns.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { StoreEvent } from '../../store/store.ts'
import { freshEventTexts } from '../answers/event-texts.ts'
import type { Registry } from '../objects/registry.ts'
import { newsOf } from './news-of.ts'
import { together } from './together.ts'

/** Of a kind that a whole fleet follows, each of whom sees the same of all objects but of its own. */
export type News = { follow(follower: Follower): Following }

export type Follower = {
  /** As it sees the kind. */
  readonly registry: Registry
  /** What it has heard of already. */
  readonly from: number
  /** Several events in one: see `RawWatchEvent`. */
  readonly tell: (events: readonly RawWatchEvent[]) => void
  readonly onClosed: (error: Error) => void
}
/** `at`: all changes up to there have been told, of which the last was at `changed`. */
export type Following = { readonly at: number; readonly changed: number; close(): void }

export type NewsDeps = {
  readonly kind: Kind
  /** As anybody sees the kind who has no object of his own in it. */
  readonly registry: Registry
  readonly clock: Pick<Clock, 'monotonic'>
}

/** What hearing of others may cost: a thousand messages a second for all followers together. */
const msOfOne = 1
/** So many are told in one turn of the loop. */
const inTurn = 64

type Member = Follower & { readonly own: string; at: number }

/**
 * Tells a fleet of changes in rounds: what has changed since the round before is put in words once, and everybody gets the same bytes. The
 * more there are to tell, the longer it is until the next round, so that a fleet that comes costs what each of its members hears, and not what
 * each hears of each. Whose own object has changed hears of that at once, and first of all that he has missed: nobody is told of a revision
 * before those below it.
 */
export function createNews({ kind, registry, clock }: NewsDeps): (own: string) => News {
  const { store } = registry
  const scope = registry.prefixOf(kind)
  const members = new Set<Member>()
  const byOwn = new Map<string, Set<Member>>()
  /** Since the last round that is over. */
  let recent: StoreEvent[] = []
  let watch: { close(): void } | undefined
  let timer: NodeJS.Timeout | undefined
  let isTelling = false
  let nextAt = 0

  const inWords = (seen: Registry, changes: readonly StoreEvent[], forMany = false): readonly RawWatchEvent[] => {
    const texts = freshEventTexts(seen)
    return together(
      newsOf(kind, seen, changes).map(({ type, entry }) => texts.eventOf(kind, type, entry)),
      { forMany },
    )
  }
  const tell = (member: Member, events: readonly RawWatchEvent[], at: number) => {
    member.at = at
    if (events.length > 0) member.tell(events)
  }
  const catchUp = (member: Member) => {
    const changes = recent.filter(({ entry }) => entry.revision > member.at)
    const last = changes.at(-1)
    if (last !== undefined) tell(member, inWords(member.registry, changes), last.entry.revision)
  }

  const round = async () => {
    timer = undefined
    const [first, last] = [recent[0], recent.at(-1)]
    if (first === undefined || last === undefined) return
    isTelling = true
    nextAt = clock.monotonic() + members.size * msOfOne
    const until = last.entry.revision
    const events = inWords(registry, recent, true)
    let told = 0
    for (const member of [...members]) {
      if (!members.has(member) || member.at >= until) continue
      // Nobody whose own object is among them: see `heard`.
      if (member.at < first.entry.revision) tell(member, events, until)
      else catchUp(member)
      if (++told % inTurn === 0) await nextTurn()
    }
    recent = recent.filter(({ entry }) => entry.revision > until)
    isTelling = false
    if (recent.length > 0) schedule()
  }
  /** What cannot be told ends the watches, which resume. */
  const failed = (cause: unknown) => {
    isTelling = false
    onClosed(new Error(`news of ${kind.resource} could not be told`, { cause }))
  }
  const schedule = () => {
    if (!isTelling) timer ??= setTimeout(() => void round().catch(failed), Math.max(0, nextAt - clock.monotonic()))
  }
  const heard = (changes: readonly StoreEvent[]) => {
    recent.push(...changes)
    for (const { entry } of changes) for (const member of byOwn.get(entry.key) ?? []) catchUp(member)
    schedule()
  }
  const onClosed = (error: Error) => {
    for (const member of members) member.onClosed(error)
  }

  const leave = (member: Member) => {
    if (!members.delete(member)) return
    const others = byOwn.get(member.own)
    others?.delete(member)
    if (others?.size === 0) byOwn.delete(member.own)
    if (members.size > 0) return
    watch?.close()
    watch = undefined
    clearTimeout(timer)
    timer = undefined
    recent = []
  }

  return (own) => ({
    follow(follower) {
      // Throws for what is forgotten, or not yet known.
      const missed: StoreEvent[] = []
      store.watch(scope, follower.from, (changes) => missed.push(...changes)).close()
      const member: Member = { ...follower, own, at: store.revisionOf(scope) }
      watch ??= store.watch(scope, member.at, heard, { onClosed })
      members.add(member)
      byOwn.set(own, (byOwn.get(own) ?? new Set()).add(member))
      tell(member, inWords(member.registry, missed), member.at)
      return {
        get at() {
          return recent.some(({ entry }) => entry.revision > member.at) ? member.at : Math.max(member.at, store.revisionOf(scope))
        },
        get changed() {
          return member.at
        },
        close: () => leave(member),
      }
    },
  })
}
