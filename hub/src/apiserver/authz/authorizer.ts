import type { User } from '@bramble/shared/api/api-request.ts'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { PathRequest, ResourceRequest } from '../query/request-info.ts'

/** What is to be allowed or not: the same of a request at any door, and of a question about one (`kubectl auth can-i`). */
export type Attributes = { readonly user: User; readonly info: ResourceRequest | PathRequest }

/** `noOpinion` leaves it to the next authorizer; when none allows, the request is forbidden. */
export type Decision =
  | { readonly type: 'allow'; readonly reason?: string }
  | { readonly type: 'deny'; readonly reason: string }
  | { readonly type: 'noOpinion'; readonly reason?: string }

export type Authorizer = {
  readonly name: string
  authorize(attributes: Attributes): Decision
  /** What it allows to a user in a namespace and everywhere, as far as rules can say that; nothing to whom it allows nothing. */
  rulesOf(user: User, namespace: string): Rules | undefined
}

export type Rules = {
  readonly resources: readonly {
    readonly verbs: readonly string[]
    readonly apiGroups: readonly string[]
    readonly resources: readonly string[]
    readonly resourceNames?: readonly string[]
  }[]
  readonly paths: readonly { readonly verbs: readonly string[]; readonly nonResourceURLs: readonly string[] }[]
  /** Why there is more than they say. */
  readonly incomplete?: string
}

/** Asks one after the other. Who is allowed nothing by any of them is forbidden it as well. */
export function decide(authorizers: readonly Authorizer[], attributes: Attributes): Decision {
  const reasons: string[] = []
  for (const authorizer of authorizers) {
    const decision = authorizer.authorize(attributes)
    if (decision.type !== 'noOpinion') return decision
    if (decision.reason !== undefined && decision.reason !== '') reasons.push(decision.reason)
  }
  return { type: 'noOpinion', reason: reasons.join('\n') }
}

/** 403 in the words that people and scripts know from Kubernetes. */
export function forbidden({ user, info }: Attributes, reason: string): ApiError {
  const because = reason === '' ? '' : `: ${reason}`
  if (info.type === 'path')
    return new ApiError(
      'Forbidden',
      `forbidden: User ${JSON.stringify(user.name)} cannot ${info.verb} path ${JSON.stringify(info.path)}${because}`,
    )
  const { group, resource, subresource, name = '', namespace = '', verb } = info
  const qualified = group === '' ? resource : `${resource}.${group}`
  const full = subresource === undefined ? resource : `${resource}/${subresource}`
  const what = name === '' ? qualified : `${qualified} ${JSON.stringify(name)}`
  const where = namespace === '' || resource === 'namespaces' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  return new ApiError(
    'Forbidden',
    `${what} is forbidden: User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}${because}`,
    { ...(name !== '' && { name }), group, kind: resource },
  )
}
