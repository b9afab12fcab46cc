import type { Clock } from '@bramble/shared/clock.ts'
import type { User } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../store/store.ts'
import { nodeNameOf } from '../authz/node-user.ts'
import { createEventTexts, type EventTexts, freshEventTexts } from './event-texts.ts'
import { deepFreeze } from '../json.ts'
import { hookedKinds } from '../objects/hooked-kinds.ts'
import type { KindHooks } from '../objects/kind-hooks.ts'
import { createNews, type News } from '../news/news.ts'
import { createPages, type Pages } from '../news/pages.ts'
import type { Registry } from '../objects/registry.ts'

/** The stored objects as somebody is shown them, in every form of an answer: gets, lists, watch events, tables. */
export type View = { readonly registry: Registry; readonly texts: EventTexts; readonly news?: News; readonly pages?: Pages }

/** What a user is shown of a kind; undefined: its objects as they are. */
export type Views = (user: User, kind: Kind) => View | undefined

export type ViewsDeps = {
  readonly registry: Registry
  readonly clock: Pick<Clock, 'monotonic'>
  readonly hooks?: readonly KindHooks[]
}

export function createViews({ registry, clock, hooks = hookedKinds }: ViewsDeps): Views {
  const bare = bareView(registry)
  const views = new Map(
    hooks.flatMap(({ kind, view }) => {
      if (view === undefined) return []
      const shown = createShown(registry, view)
      const deps = { kind, registry: viewed(registry, shown), clock }
      return [[kind, { view, shown, newsOf: createNews(deps), pagesOf: createPages(deps) }] as const]
    }),
  )
  return (user, kind) => {
    const of = views.get(kind)
    const name = of?.view.ownOf(user)
    if (of === undefined || name === undefined) return nodeNameOf(user) === undefined ? undefined : bare
    const own = registry.keyOf(kind, undefined, name)
    const seen = viewed(bare.registry, (kind, entry) => (entry.key === own ? undefined : of.shown(kind, entry)))
    return { registry: seen, texts: freshEventTexts(seen), news: of.newsOf(own), pages: of.pagesOf(own, seen) }
  }
}

/**
 * Nodes are shown nothing of who owns which field: nothing there asks for it, and it would be as much again over their links and on their
 * cards. Events are made once for all of them.
 */
function bareView(registry: Registry): View {
  const bare: Registry = {
    ...registry,
    textOf: registry.bareTextOf,
    partsOf: (kind, entry) => [registry.bareTextOf(kind, entry)],
    ownersOf: () => undefined,
  }
  return { registry: bare, texts: createEventTexts(bare) }
}

/** `body`: the text but for the revision. */
type Shown = { readonly object: KubeObject; readonly text: string; readonly body: string }

const viewed = (registry: Registry, shownOf: (kind: Kind, entry: Entry) => Shown | undefined): Registry => ({
  ...registry,
  // What they would not see is no news to them: at each change of one object a thousand would be told.
  looksSame(kind, before, after) {
    const [known, now] = [shownOf(kind, before), shownOf(kind, after)]
    return known !== undefined && known.body === now?.body
  },
  hasText(kind, entry) {
    try {
      shownOf(kind, entry)
      return registry.hasText(kind, entry)
    } catch {
      return false
    }
  },
  textOf: (kind, entry) => shownOf(kind, entry)?.text ?? registry.textOf(kind, entry),
  partsOf(kind, entry) {
    const shown = shownOf(kind, entry)
    return shown === undefined ? registry.partsOf(kind, entry) : [shown.text]
  },
  objectOf: <T extends KubeObject>(kind: Kind<T>, entry: Entry) =>
    (shownOf(kind, entry)?.object as T | undefined) ?? registry.objectOf(kind, entry), // a view changes no type
})

/**
 * Made once for all who are shown it, for as long as the entry is held: every agent of a fleet lists every Node, and whatever is kept of fewer
 * than all of them would be made anew for each.
 */
function createShown(registry: Registry, { shown: shownOf }: NonNullable<KindHooks['view']>) {
  const known = new WeakMap<Entry, Shown>()
  return (kind: Kind, entry: Entry): Shown => {
    const made = known.get(entry)
    if (made !== undefined) return made
    const object = deepFreeze(shownOf(registry.objectOf<KubeObject>(kind, entry)))
    const { resourceVersion: _, ...metadata } = object.metadata
    const shown = { object, text: JSON.stringify(object), body: JSON.stringify({ ...object, metadata }) }
    known.set(entry, shown)
    return shown
  }
}
