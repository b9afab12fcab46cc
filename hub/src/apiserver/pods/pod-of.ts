import { badRequest, notFound } from '@bramble/shared/api/api-error.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import type { Api } from '../call.ts'
import type { ResourceRequest } from '../query/request-info.ts'

/** The pod that a request about a part of one names. */
export function podOf({ registry }: Pick<Api, 'registry'>, { namespace, name = '' }: Pick<ResourceRequest, 'namespace' | 'name'>): Pod {
  const entry = registry.find(pods, namespace, name)
  if (entry === undefined) throw notFound(pods, name)
  return registry.objectOf(pods, entry)
}

/** The node that can be asked about it. */
export function nodeOf({ metadata: { name }, spec: { nodeName = '' } }: Pod): string {
  if (nodeName === '') throw badRequest(`pod ${name} does not have a host assigned`)
  return nodeName
}
