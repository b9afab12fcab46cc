import { noSuchResource } from '@bramble/shared/api/api-error.ts'
import type { Method } from '@bramble/shared/api/api-request.ts'
import { NotAllowed } from '../answers/not-allowed.ts'
import { isInNamespace, isOfMany, type RequestInfo, type RequestVerb, type ResourceRequest } from '../query/request-info.ts'
import type { RemoteGroups } from '../aggregation/remote-groups.ts'
import type { Action, Match, PathRoute, Route } from './route.ts'
import type { Routes } from './routes.ts'

/** Finds where a request leads. */
export type Resolve = (info: RequestInfo, path: string, otherMethod?: string) => Match

export type ResolveDeps = {
  readonly routes: Pick<Routes, 'find'>
  /** Groups that others answer for. */
  readonly remoteGroups: Pick<RemoteGroups, 'find'>
  /** The first that is at a path answers for it, unless that is a resource. */
  readonly paths: readonly PathRoute[]
}

export const createResolve =
  ({ routes, remoteGroups, paths }: ResolveDeps): Resolve =>
  (info, path, otherMethod) => {
    const [, group, version] = ofGroup.exec(path) ?? []
    const remote = group === undefined || version === undefined ? undefined : remoteGroups.find(group, version)
    if (remote !== undefined) {
      if (otherMethod !== undefined && otherMethod !== 'HEAD') return { type: 'nothing', refusal: () => new NotAllowed(allMethods) }
      return { type: 'remote', isLong: isLong(info), answer: remote.answer }
    }
    if (info.type === 'resource') {
      const route = routes.find(info)
      if (route !== undefined) return matchOf(route, info, otherMethod)
      const { resource, subresource } = info
      if (subresource !== undefined && routes.find({ ...info, subresource: undefined }) !== undefined)
        return { type: 'nothing', refusal: () => noSuchResource(`${resource}/${subresource}`) }
    }
    const other = paths.find(({ at }) => at.test(path))
    if (other === undefined) return { type: 'nothing', refusal: () => noSuchResource() }
    return { type: 'path', path: other }
  }

/** What is about a group and version: its resources, and what they are like. */
const ofGroup = /^\/(?:openapi\/v3\/)?apis\/([^/]+)\/([^/]+)/

/** What lasts as long as its caller likes, as far as that can be told of a resource that is not ours. */
const isLong = (info: RequestInfo): boolean =>
  info.type === 'resource' && (info.verb === 'watch' || ['log', 'exec', 'attach', 'portforward', 'proxy'].includes(info.subresource ?? ''))

/** A path that is there for another verb is told from one that is not there. */
function matchOf(route: Route, info: ResourceRequest, otherMethod?: string): Match {
  const at = placeOf(route, info)
  const isAt = ({ place }: Action) => place === at || (place === 'anywhere' && at !== 'one' && at !== undefined)
  const action = route.actions.get(info.verb)
  if (action !== undefined && (otherMethod === undefined || route.carries) && isAt(action)) return { type: 'action', route, action, info }
  const there = [...route.actions].filter(([, each]) => isAt(each)).map(([verb]) => methods[verb])
  return { type: 'nothing', route, refusal: () => (there.length > 0 ? new NotAllowed(there) : noSuchResource()) }
}

/** Where a request is said. A path with a namespace for what has none, or to an object without one, leads nowhere. */
function placeOf({ namespaced }: Route, info: ResourceRequest) {
  const isOfOne = info.subresource !== undefined || (info.name !== undefined && !isOfMany(info.verb))
  if (isInNamespace(info) !== namespaced) return !namespaced || isOfOne ? undefined : ('all' as const)
  return isOfOne ? ('one' as const) : ('collection' as const)
}

const methods: Readonly<Record<RequestVerb, Method>> = {
  ...{ get: 'GET', list: 'GET', watch: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH' },
  ...{ delete: 'DELETE', deletecollection: 'DELETE' },
}
const allMethods = Object.values(methods)
