import type { ApiResponse } from '@bramble/shared/api-request.ts'
import type { Api } from '../call.ts'
import type { Exchange } from '../pipeline.ts'
import { bindings } from './bindings.ts'

/** A resource that can only be posted: it asks for something and is not stored. */
export type PostedResource = {
  readonly group: string
  readonly version: string
  readonly resource: string
  create(api: Api, exchange: Exchange): Promise<ApiResponse>
}

const all: readonly PostedResource[] = [bindings]

/** The answer of a posted resource; undefined when the request is about no such thing. */
export function postedResources(api: Api, exchange: Exchange): Promise<ApiResponse> | undefined {
  const { info } = exchange
  if (info.type !== 'resource' || info.verb !== 'create' || info.subresource !== undefined) return undefined
  return all
    .find(({ group, version, resource }) => group === info.group && version === info.version && resource === info.resource)
    ?.create(api, exchange)
}
