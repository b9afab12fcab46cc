import type { ApiResponse, RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { mustListAgain } from '@bramble/shared/api/api-error.ts'
import { AsyncQueue } from '@bramble/shared/async/async-queue.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { RevisionAhead, RevisionCompacted, type Entry, type Listing, type StoreEvent } from '../../store/store.ts'
import type { Call, Verb } from '../call.ts'
import { deepFreeze } from '../json.ts'
import { reached, tooLarge, tooOld } from '../query/resource-version.ts'
import { withOwners } from '../ownership/with-owners.ts'
import { formOf } from '../answers/response.ts'
import { longRunning } from '../request-series.ts'
import { type Selection, scopeOf, selectionOf, selects } from '../query/selectors.ts'
import { isLong, roomFor } from './list-stream.ts'
import { errorEvent, type EventForms, eventForms } from './watch-forms.ts'
import { inVersion } from './watch-in-version.ts'
import { type WatchQuery, watchQuery } from './watch-query.ts'

export const watch: Verb = async (call) => {
  const query = watchQuery(call)
  formOf(call.request, 'events')
  const selection = selectionOf(call.kind, call.request.query)
  const { api, kind, info } = call
  const { store } = api.registry
  const scope = scopeOf(api.registry, kind, info.namespace, selection)
  const where = selection?.where
  if (query.from !== undefined) {
    const ahead = await reached(call, query.from).then(() => undefined, startError)
    if (ahead !== undefined) return endedBy(ahead)
  }

  // What is there now is held until it is read; the doors of nodes hold it in bounds of their own.
  const leave =
    query.sendInitial && call.request.pageBytes === undefined ? await roomForInitial(call, store.list(scope, { where })) : undefined
  const queue = new AsyncQueue<Queued>(api.watchQueue)
  const close = orLeave(leave, () => api.budget.openWatch(call.caller.account))
  let held = 0
  let isOver = false
  const forms = eventForms(call)
  const open: { watch?: { close(): void } } = {}
  const giveUp = () => {
    queue.close()
    open.watch?.close()
  }
  /** False when it does not fit in what may wait. */
  const hold = (event: RawWatchEvent, bytes: number): boolean => {
    if (!api.budget.takeBacklog(call.caller.account, bytes)) return false
    held += bytes
    return queue.push({ event, bytes })
  }
  const tell = (events: readonly RawWatchEvent[]) => {
    for (const event of events) if (!hold(event, event.text.length)) return giveUp()
  }
  let changed = 0
  const forward = (events: readonly StoreEvent[]) => {
    changed = events.at(-1)?.entry.revision ?? changed
    for (const event of events) {
      const shown = shownAs(call, event, selection)
      if (shown === undefined) continue
      if (!hold(forms.of(shown.type, shown.entry, shown.as), event.entry.value.length)) return giveUp()
    }
  }

  const told = inVersion(call, forward, (error) => queue.close(error))
  // Nothing may change between listing and watching: both happen in this one turn.
  const initial = query.sendInitial ? store.list(scope, { where }) : undefined
  const from = initial?.revision ?? query.from ?? store.revisionOf(scope)
  const onClosed = (error: Error) => queue.close(error)
  const { news } = selection === undefined && formOf(call.request).type === 'text' ? api : {}
  let following: { readonly at?: number; readonly changed?: number; close(): void }
  try {
    following = opened(from, () =>
      news === undefined
        ? store.watch(scope, from, told.forward, { where, onClosed })
        : news.follow({ registry: api.registry, from, tell, onClosed }),
    )
  } catch (error) {
    leave?.()
    close()
    return endedBy(startError(error))
  }
  open.watch = following
  if (queue.closed) following.close()
  // Open from here on: whoever asked closes it by going away, by reading it to its end, or by returning its iterator unread.
  const { signal } = call.request
  const bookmark = () => {
    // What waits for a webhook has not been told.
    if (!told.isBusy) queue.push({ event: forms.bookmark(following.at ?? store.revisionOf(scope)), bytes: 0 })
  }
  // Who hears of every change of a resource can go on from the last for as long as there is no other, so it is told once.
  const hearsAll = where === undefined && scope === api.registry.prefixOf(kind)
  let toldAt = -1
  const bookmarkOfNews = () => {
    const last = following.changed ?? changed
    if (hearsAll && last === toldAt) return
    toldAt = last
    bookmark()
  }
  const endBookmarks = query.bookmarks ? api.bookmarkRounds.join(bookmarkOfNews) : undefined
  const timeout = setTimeout(() => {
    if (query.bookmarks) bookmark()
    end()
  }, query.timeoutMs)
  api.metrics.watchers.add({ resource: kind.resource }, 1)
  const running = longRunning(call)
  running.count++
  let hasEnded = false
  let stopWaiting: (() => void) | undefined
  const end = () => {
    if (hasEnded) return
    hasEnded = true
    stopWaiting?.()
    signal.removeEventListener('abort', done)
    endBookmarks?.()
    clearTimeout(timeout)
    following.close()
    queue.close()
    close()
    leave?.()
    api.metrics.watchers.add({ resource: kind.resource }, -1)
    running.count--
  }
  const read = (bytes: number) => {
    if (isOver) return
    held -= bytes
    api.budget.giveBackBacklog(call.caller.account, bytes)
  }
  // Whose caller has gone, or has read to the end, gives back all that it held.
  const done = () => {
    end()
    read(held)
    isOver = true
  }
  signal.addEventListener('abort', done, { once: true })
  if (signal.aborted) done()
  // Who watches on finds the kind as it is served then, or that it is not.
  else stopWaiting = api.kinds.whenGone(kind, end)
  const events = stream(call, { query, queue, read, done, leave, selection, initial, forms })
  return { type: 'events', status: 200, events } satisfies ApiResponse
}

const roomForInitial = async (call: Call, { entries }: Listing): Promise<(() => void) | undefined> =>
  isLong(entries) ? roomFor(call, entries) : undefined

function orLeave<T>(leave: (() => void) | undefined, act: () => T): T {
  try {
    return act()
  } catch (error) {
    leave?.()
    throw error
  }
}

function opened<T>(from: number, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (error instanceof RevisionCompacted) throw tooOld(from, error.oldest)
    if (error instanceof RevisionAhead) throw tooLarge(from, error.newest)
    throw error
  }
}

/** That a watch cannot start where it was asked to; thrown on when it is anything else. */
function startError(error: unknown): unknown {
  if (mustListAgain(error)) return error
  throw error
}

/** Whose start cannot be had is told so in an event, as Kubernetes does: clients (kube-rs, kopf) list anew when they find it there only. */
const endedBy = (error: unknown): ApiResponse => ({ type: 'events', status: 200, events: once(errorEvent(error)) })

async function* once(event: RawWatchEvent): AsyncGenerator<RawWatchEvent, void> {
  yield event
}

/** An event that waits, and what it takes of its watcher's budget. */
type Queued = { readonly event: RawWatchEvent; readonly bytes: number }
type Parts = {
  readonly query: WatchQuery
  readonly queue: AsyncQueue<Queued>
  readonly read: (bytes: number) => void
  readonly done: () => void
  readonly leave: (() => void) | undefined
  readonly selection: Selection
  readonly initial: { readonly entries: readonly Entry[]; readonly revision: number } | undefined
  readonly forms: EventForms
}

/** What is there, and then what comes. Who reads it no further says so by `return`, also before it has begun. */
function stream(call: Call, parts: Parts): AsyncIterable<RawWatchEvent> {
  const { group, version, resource } = call.kind
  const told = call.api.metrics.watchEvents.of({ group, version, resource })
  const first = initialEvents(call, parts)
  const later = parts.queue[Symbol.asyncIterator]()
  let at: 'first' | 'later' | 'over' = 'first'
  const isOver = (): IteratorReturnResult<undefined> => {
    at = 'over'
    parts.done()
    return { done: true, value: undefined }
  }
  const failed = (error: unknown): IteratorResult<RawWatchEvent, undefined> => {
    isOver()
    return { done: false, value: errorEvent(error) }
  }
  const fromFirst = (step: IteratorResult<RawWatchEvent, void>) => {
    if (step.done !== true) {
      told.count++
      return step
    }
    if (at === 'first') at = 'later'
    return next()
  }
  const fromLater = ({ done, value }: IteratorResult<Queued, undefined>): IteratorResult<RawWatchEvent, undefined> => {
    if (done === true) return isOver()
    parts.read(value.bytes)
    told.count++
    return { done: false, value: value.event }
  }
  const next = (): Promise<IteratorResult<RawWatchEvent, undefined>> => {
    if (at === 'later') return later.next().then(fromLater, failed)
    return at === 'first' ? first.next().then(fromFirst, failed) : Promise.resolve(isOver())
  }
  const iterator: AsyncIterableIterator<RawWatchEvent, undefined> = {
    next,
    async return() {
      const over = isOver()
      await Promise.all([first.return(), later.return?.()])
      return over
    },
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}

async function* initialEvents(call: Call, { query, leave, selection, initial, forms }: Parts): AsyncGenerator<RawWatchEvent, void> {
  const { api, kind } = call
  const { registry } = api
  for (const entry of await registry.allInVersion(kind, initial?.entries ?? [])) {
    if (registry.hasText(kind, entry) && selects(registry, kind, selection, entry)) yield forms.of('ADDED', entry)
    if (isTurnOver()) await nextTurn()
  }
  leave?.()
  if (initial !== undefined && query.announcesEnd) yield forms.bookmark(initial.revision, { 'k8s.io/initial-events-end': 'true' })
}

type Shown = { readonly type: RawWatchEvent['type']; readonly entry: Entry; readonly as?: KubeObject }

/**
 * What a watcher sees of a change: one whose object enters or leaves its selection sees it come or go. One that leaves goes as the
 * watcher knew it, because what it has become is none of its business; only the revision is that of the change.
 */
function shownAs({ api, kind }: Call, { type, entry, previous }: StoreEvent, selection: Selection): Shown | undefined {
  const { registry } = api
  // Of what cannot be read nobody has heard, but that it is gone does no harm.
  if (type === 'delete') return selects(registry, kind, selection, previous ?? entry) ? { type: 'DELETED', entry } : undefined
  const isIn = (candidate: Entry) => registry.hasText(kind, candidate) && selects(registry, kind, selection, candidate)
  const isThere = isIn(entry)
  if (previous === undefined || !isIn(previous)) return isThere ? { type: 'ADDED', entry } : undefined
  if (isThere) return registry.looksSame?.(kind, previous, entry) === true ? undefined : { type: 'MODIFIED', entry }
  const known = withOwners(registry.objectOf<KubeObject>(kind, previous), registry.ownersOf(kind, previous))
  const as = { ...known, metadata: { ...known.metadata, resourceVersion: String(entry.revision) } }
  return { type: 'DELETED', entry, as: deepFreeze(as) }
}
