import type { ApiResponse } from '@bramble/shared/api-request.ts'
import type { Verb } from '@bramble/shared/kind.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import type { Api } from '../call.ts'
import type { Exchange } from '../pipeline.ts'
import { bindings } from './bindings.ts'
import { selfSubjectAccessReviews } from './self-subject-access-reviews.ts'
import { selfSubjectReviews } from './self-subject-reviews.ts'
import { selfSubjectRulesReviews } from './self-subject-rules-reviews.ts'

/** A resource that can only be posted: it asks for something and is not stored. */
export type PostedResource = {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
  readonly singular: string
  readonly namespaced: boolean
  readonly verbs: readonly Verb[]
  create(deps: PostedDeps, exchange: Exchange): Promise<ApiResponse>
}

export type PostedDeps = { readonly api: Api; readonly authorizers: readonly Authorizer[] }

export const postedResources: readonly PostedResource[] = [bindings, selfSubjectReviews, selfSubjectAccessReviews, selfSubjectRulesReviews]

/** The answer of a posted resource; undefined when the request is about no such thing. */
export function post(deps: PostedDeps, exchange: Exchange): Promise<ApiResponse> | undefined {
  const { info } = exchange
  if (info.type !== 'resource' || info.verb !== 'create' || info.subresource !== undefined || info.name !== undefined) return undefined
  return postedResources
    .find(({ group, version, resource }) => group === info.group && version === info.version && resource === info.resource)
    ?.create(deps, exchange)
}
