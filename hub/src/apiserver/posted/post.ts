import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { Exchange } from '../pipeline.ts'
import { writtenBy } from '../query/written-by.ts'
import type { PostedDeps, PostedResource } from './posted-resource.ts'
import { bindings } from './bindings.ts'
import { selfSubjectAccessReviews } from './self-subject-access-reviews.ts'
import { selfSubjectReviews } from './self-subject-reviews.ts'
import { selfSubjectRulesReviews } from './self-subject-rules-reviews.ts'

export const postedResources: readonly PostedResource[] = [bindings, selfSubjectReviews, selfSubjectAccessReviews, selfSubjectRulesReviews]

/** The answer of a posted resource; undefined when the request is about no such thing. */
export function post(deps: PostedDeps, exchange: Exchange): Promise<ApiResponse> | undefined {
  const { info } = exchange
  if (info.type !== 'resource' || info.verb !== 'create' || info.subresource !== undefined || info.name !== undefined) return undefined
  return postedResources
    .find(({ group, version, resource }) => group === info.group && version === info.version && resource === info.resource)
    ?.create(deps, { ...exchange, ...writtenBy({ ...exchange, info }, 'create') })
}
