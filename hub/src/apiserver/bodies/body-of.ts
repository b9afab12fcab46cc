import { badRequest, type Named } from '@bramble/shared/api/api-error.ts'
import { apiVersionOf } from '@bramble/shared/schema/api-version.ts'
import { type TypeNode, typeNodeOf } from '@bramble/shared/schema/type-node.ts'
import type * as z from 'zod'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import type { ObjectMeta } from '@bramble/shared/meta/object-meta.ts'
import { saidHere, schemaError } from '@bramble/shared/schema/schema-error.ts'
import { decodeBody } from './object-body.ts'
import type { ResourceRequest } from '../query/request-info.ts'
import { pruneUnknown } from './unknown-fields.ts'

export type PostedType<T> = Named & {
  readonly apiVersion: string
  readonly version: string
  readonly node: TypeNode
  readonly schema: z.ZodType<T>
}

export const postedType = <T>(type: Omit<PostedType<T>, 'apiVersion' | 'node'>): PostedType<T> => ({
  ...type,
  apiVersion: apiVersionOf(type),
  get node() {
    return typeNodeOf(type.schema)
  },
})

/** A body of one of the small types that are posted but not stored: Binding, Eviction, Scale, reviews. */
export function bodyOf<T>(request: ApiRequest, type: PostedType<T>): T {
  const { value } = decodeBody(request, type)
  return checked(type, value)
}

export function checked<T>(type: PostedType<T>, value: unknown): T {
  const parsed = type.schema.safeParse(pruneUnknown(type.node, value).value, saidHere)
  if (!parsed.success) throw schemaError({ kind: type, node: type.node, value, error: parsed.error })
  return parsed.data
}

/** The object that a body is about must be the one in the path. */
export function checkSameObject(
  { name = '', namespace = '' }: Partial<ObjectMeta>,
  { name: inPath = '', namespace: place }: ResourceRequest,
) {
  if (name !== '' && name !== inPath) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${inPath})`)
  if (namespace !== '' && namespace !== place)
    throw badRequest(`the namespace of the object (${namespace}) does not match the namespace on the URL (${place})`)
}
