import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Route } from '../../routes/route.ts'

/** What a route is about: a stored kind, or what is only posted, which clients explain and check by the same documents. */
export type Described = Pick<Kind, 'group' | 'version' | 'kind' | 'resource' | 'namespaced' | 'node'> &
  Partial<Pick<Kind, 'description' | 'listKind'>>
export type DescribedRoute = Omit<Route, 'kind'> & { readonly kind: Described }

/** With a kind also where the route has none. */
export const described = (route: Route): DescribedRoute => {
  const { kind, speaks, resource, namespaced } = route
  if (kind !== undefined) return { ...route, kind }
  return { ...route, kind: { group: speaks.group, version: speaks.version, kind: speaks.kind, node: speaks.node, resource, namespaced } }
}
