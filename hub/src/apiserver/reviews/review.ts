import { defineKind, type Kind } from '@bramble/shared/schema/kind.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type * as z from 'zod'
import { bodyOf, type PostedType } from '../bodies/body-of.ts'
import type { Asked, Written } from '../call.ts'
import { definePosted, type Posted } from '../routes/posted.ts'
import { askAboutPosted } from '../verbs/asked.ts'

/** A question that is posted, answered and kept nowhere. Webhooks are asked about it as about any object that is created, before it is answered. */
export function defineReview<T extends object>({
  type,
  singular,
  namespaced = false,
  versions = [],
  answer,
}: {
  readonly type: PostedType<T>
  readonly singular: string
  /** All that it is served in, where that is more than one: it says the same in each. */
  readonly versions?: readonly PostedType<T>[]
  readonly namespaced?: boolean
  readonly answer: (body: T, asked: Asked & Written) => ApiResponse | Promise<ApiResponse>
}): Posted {
  const kind = postedKind(type, { singular, namespaced })
  const alsoAs = versions.filter((other) => other !== type).map((other) => postedKind(other, { singular, namespaced }))
  return definePosted({
    type,
    singular,
    namespaced,
    verbs: {
      async create(asked) {
        const body = bodyOf(asked.request, type)
        await askAboutPosted({ ...asked, kind }, type, body, alsoAs)
        return answer(body, asked)
      },
    },
  })
}

/** What is posted, as those see it who are asked about objects: it is nowhere served or stored as one. */
export function postedKind<T extends object>(
  { group, version, kind, resource, schema }: PostedType<T>,
  { singular, namespaced }: Pick<Posted, 'singular' | 'namespaced'>,
): Kind {
  const asKind = schema as unknown as z.ZodType<KubeObject> // with a kind and metadata
  return defineKind({ group, version, kind, resource, singular, namespaced, description: '', columns: [], schema: asKind })
}
