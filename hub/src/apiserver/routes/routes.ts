import { discover } from '@bramble/shared/discover.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { derived, type KindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Asked, Call, Verbs } from '../call.ts'
import { readVerbs, type RequestVerb, writeVerbs } from '../query/request-info.ts'
import { writtenBy } from '../query/written-by.ts'
import { create } from '../verbs/create.ts'
import { remove } from '../verbs/delete.ts'
import { deleteCollection } from '../verbs/delete-collection.ts'
import { get } from '../verbs/get.ts'
import { list } from '../verbs/list.ts'
import { patch } from '../verbs/patch.ts'
import { update } from '../verbs/update.ts'
import { watch } from '../verbs/watch.ts'
import { isPosted, type Posted } from './posted.ts'
import type { Action, Place, Route } from './route.ts'
import { isSubresource, type Subresource } from './subresource.ts'

export const subresources = discover(import.meta.glob('../subresources/*.ts', { eager: true }), isSubresource)
export const posted = discover(import.meta.glob('../posted/*.ts', { eager: true }), isPosted)

/** What can be done with the objects of every kind that does not say otherwise (`Kind.verbs`). */
const ofObjects: Required<Verbs> = {
  get,
  list,
  watch,
  create,
  update,
  patch,
  delete: remove,
  deletecollection: deleteCollection,
}

/** A collection is deleted namespace by namespace, as in Kubernetes: who leaves the namespace out by mistake would empty the cluster. */
const places: Readonly<Record<RequestVerb, Place>> = {
  get: 'one',
  update: 'one',
  patch: 'one',
  delete: 'one',
  create: 'collection',
  deletecollection: 'collection',
  list: 'anywhere',
  watch: 'anywhere',
}

/** The one table of what is served. It follows the kinds while they come and go. */
export type Routes = {
  /** All of them now; another array after each change. */
  all(): readonly Route[]
  find(name: RouteName): Route | undefined
}
type RouteName = Pick<Route, 'group' | 'version' | 'resource' | 'subresource'>

export type RoutesDeps = {
  readonly kinds: Pick<KindSet, 'all'>
  readonly subresources?: readonly Subresource[]
  readonly posted?: readonly Posted[]
}

export function createRoutes({ kinds, subresources: parts = subresources, posted: others = posted }: RoutesDeps): Routes {
  const ofPosted = others.map(routeOfPosted)
  // The same as long as the kind is, whatever comes and goes beside it: what follows from them is kept as well.
  const ofKinds = new WeakMap<Kind, readonly Route[]>()
  const ofKind = (kind: Kind): readonly Route[] => {
    let routes = ofKinds.get(kind)
    if (routes === undefined) ofKinds.set(kind, (routes = [routeOf(kind), ...partsOf(kind, parts)]))
    return routes
  }
  const all = derived(kinds, (now: readonly Kind[]) => [...now.flatMap(ofKind), ...ofPosted])
  const byResource = derived({ all }, (routes) => grouped(routes))
  return {
    all,
    // By the one name that tells most of them apart: to put all four into one text takes longer than the rest of the way.
    find: ({ group, version, resource, subresource }) =>
      byResource()
        .get(resource)
        ?.find((route) => route.subresource === subresource && route.group === group && route.version === version),
  }
}

function grouped(routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const groups = new Map<string, Route[]>()
  for (const route of routes) {
    const group = groups.get(route.resource)
    if (group === undefined) groups.set(route.resource, [route])
    else group.push(route)
  }
  return groups
}

/** Written out: a spread takes longer than the rest of the way to the verb. */
const callsOf =
  (kind: Kind) =>
  ({ api, request, caller, info, warn, note }: Asked): Call => ({ api, request, caller, info, warn, note, kind })

function routeOf(kind: Kind): Route {
  const { group, version, resource, namespaced, singular, shortNames = [], categories = [] } = kind
  const actions = actionsOf(ofObjects, callsOf(kind), { isLong: (verb) => verb === 'watch' })
  for (const verb of actions.keys()) if (kind.verbs !== undefined && !kind.verbs.includes(verb)) actions.delete(verb)
  return { group, version, resource, namespaced, names: { singular, shortNames, categories }, kind, speaks: kind, actions }
}

/** As methods are called; whatever else is said is looked at as a `get`. */
const carried = ['get', 'create', 'update', 'patch', 'delete'] as const

const partsOf = (kind: Kind, parts: readonly Subresource[]): readonly Route[] =>
  parts
    .filter(({ isOf }) => isOf(kind))
    .map(({ name, speaks = kind, text, connects, carry, isLong = false, verbs = {} }) => {
      const { group, version, resource, namespaced } = kind
      const actions = actionsOf(verbs, callsOf(kind), { isLong: () => isLong, place: 'one' })
      if (carry !== undefined)
        for (const verb of carried) actions.set(verb, { place: 'one', isLong: true, answer: (asked) => carry(callsOf(kind)(asked)) })
      const told = {
        ...(text !== undefined && { text }),
        ...(connects && { connects }),
        ...(carry !== undefined && { carries: true as const }),
      }
      return { group, version, resource, subresource: name, namespaced, kind, speaks, ...told, actions }
    })

function routeOfPosted({ type, singular, namespaced, verbs }: Posted): Route {
  const { group, version, resource } = type
  const actions = actionsOf(verbs, (asked) => asked, { isLong: () => false })
  return { group, version, resource, namespaced, names: { singular, shortNames: [], categories: [] }, speaks: type, actions }
}

type Ways = { readonly isLong: (verb: RequestVerb) => boolean; readonly place?: Place }

/** `about`: what the verbs need to know beside what was asked, which it may take along or be. */
function actionsOf<C extends Asked>(verbs: Verbs<C>, about: (asked: Asked) => C, { isLong, place }: Ways): Map<RequestVerb, Action> {
  const actions = new Map<RequestVerb, Action>()
  const add = (verb: RequestVerb, answer: Action['answer']) =>
    actions.set(verb, { place: place ?? places[verb], isLong: isLong(verb), answer })
  for (const verb of readVerbs) {
    const read = verbs[verb]
    if (read !== undefined) add(verb, (asked) => read(about(asked)))
  }
  for (const verb of writeVerbs) {
    const write = verbs[verb]
    if (write !== undefined) add(verb, (asked) => write(Object.assign(about(asked), writtenBy(asked, verb))))
  }
  return actions
}
