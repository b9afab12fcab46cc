import type { ApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, ApiResponse, Caller } from '@bramble/shared/api/api-request.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import type { Asked } from '../call.ts'
import type { RequestVerb, ResourceRequest } from '../query/request-info.ts'

/** A resource, or a subresource of one, and all that can be done with it. Who routes, lists or describes what is served reads this alone. */
export type Route = {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource?: string
  readonly namespaced: boolean
  /** What discovery says of a resource beside. */
  readonly names?: { readonly singular: string; readonly shortNames: readonly string[]; readonly categories: readonly string[] }
  /** The stored kind that it is about; none for what is only posted. */
  readonly kind?: Kind
  /** What it takes and gives: the kind itself, or another one such as Scale. */
  readonly speaks: Spoken
  readonly text?: TextAnswer
  /** By whatever method it is asked, it joins the caller with something (Kubernetes' verb `connect`). */
  readonly connects?: true
  /** It carries whatever is asked by whatever method to what is behind it, and the answer back as it is. */
  readonly carries?: true
  readonly actions: ReadonlyMap<RequestVerb, Action>
}

export type Spoken = { readonly group: string; readonly version: string; readonly kind: string; readonly node: TypeNode }

/** Of a subresource that is read as text, or connected to: what for, and what one may ask in the query. */
export type TextAnswer = { readonly description: string; readonly query: readonly Parameter[] }
export type Parameter = { readonly name: string; readonly type: 'string' | 'integer' | 'boolean'; readonly description: string }

/** What one verb does. */
export type Action = {
  readonly place: Place
  /** It waits, once it has begun, for as long as its caller likes, and holds no place among the requests being answered. */
  readonly isLong: boolean
  /** What the query of a write says is checked before anything is read or done. */
  readonly answer: (asked: Asked) => Promise<ApiResponse>
}

/** Where a verb is said: to one object, to the objects of one namespace (or of a resource without namespaces), to those of all as well. */
export type Place = 'one' | 'collection' | 'anywhere'

/** What is served at a path and is no resource. */
export type PathRoute = {
  readonly at: RegExp
  /** Where anybody may read it, also without a name: it tells load balancers and people whether there is a hub, and nothing else. */
  readonly openAt?: RegExp
  /** Where every method does what GET does, as in Kubernetes. */
  readonly anyMethodAt?: RegExp
  /** Undefined: there is nothing after all. */
  answer(request: ApiRequest): Promise<ApiResponse | undefined> | ApiResponse | undefined
}

/** Where a request leads, found once. A refusal is told only to who may ask. */
export type Match =
  | { readonly type: 'action'; readonly route: Route; readonly action: Action; readonly info: ResourceRequest }
  | { readonly type: 'path'; readonly path: PathRoute }
  /** Somebody else's server answers, whole and as it likes. */
  | { readonly type: 'remote'; readonly isLong: boolean; readonly answer: (request: ApiRequest, caller: Caller) => Promise<ApiResponse> }
  | { readonly type: 'nothing'; readonly route?: Route; readonly refusal: () => ApiError }
