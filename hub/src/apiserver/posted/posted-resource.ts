import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { Verb } from '@bramble/shared/schema/kind.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import type { Api, Written } from '../call.ts'
import type { Exchange } from '../pipeline.ts'

/** A resource that can only be posted: it asks for something and is not stored. */
export type PostedResource = {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
  readonly singular: string
  readonly namespaced: boolean
  readonly verbs: readonly Verb[]
  create(deps: PostedDeps, exchange: Exchange & Written): Promise<ApiResponse>
}

export type PostedDeps = { readonly api: Api; readonly authorizers: readonly Authorizer[] }
