import * as z from 'zod/mini'

const text = z.string().check(z.maxLength(256))
const words = z.array(text).check(z.maxLength(100))
const schema = z.object({
  resources: z
    .array(
      z.object({
        name: text,
        singularName: z.optional(text),
        namespaced: z.optional(z.boolean()),
        kind: z.optional(text),
        group: z.optional(text),
        version: z.optional(text),
        verbs: z.optional(z.nullable(words)),
        shortNames: z.optional(words),
        categories: z.optional(words),
        storageVersionHash: z.optional(text),
      }),
    )
    .check(z.maxLength(2000)),
})

/** What an `APIResourceList` tells of one resource or subresource (`pods/log`). */
export type RemoteResource = z.infer<typeof schema>['resources'][number]

/** Undefined: it is no such list. */
export function readResources(body: Uint8Array): readonly RemoteResource[] | undefined {
  try {
    return schema.parse(JSON.parse(Buffer.from(body).toString())).resources
  } catch {
    return undefined
  }
}
