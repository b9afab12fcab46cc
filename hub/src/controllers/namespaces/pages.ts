import { ApiError, isApiError, mustListAgain } from '@bramble/shared/api/api-error.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import * as z from 'zod/mini'
import type { Content } from './remote-content.ts'

/** There may be tens of thousands of objects: so many are held at a time. */
const mostOfPage = 500
/** Beyond what anybody keeps in a namespace: who has more pages may have no end of them. */
const maxPages = 200

const text = z.string().check(z.maxLength(1024))
const metadata = z.object({ name: text, deletionTimestamp: z.nullish(text), finalizers: z.nullish(z.array(text)) })
const schema = z.object({
  // A list of nothing is null where it was made in Go.
  items: z.nullish(z.array(z.object({ metadata }))),
  metadata: z.nullish(z.object({ continue: z.nullish(z.string()) })),
})

/** What matters of an object, whatever server keeps it, to who wants it gone. */
type Standing = z.infer<typeof metadata>
type Page = {
  readonly items: readonly Standing[]
  /** The list begins with it, again perhaps. */
  readonly isFirst: boolean
}
type Place = { readonly content: Content; readonly namespace: string; readonly signal: AbortSignal }

/**
 * The pages of a list in a namespace, none where it cannot be listed. It comes to an end whatever a server answers: one that is larger
 * than a page may be is asked for smaller ones, and what has no end is a failure, whose rest is for the next look.
 */
export async function* pagesOf(client: Client, { content, namespace, signal }: Place): AsyncGenerator<Page> {
  let limit = mostOfPage
  let from: string | undefined
  let hasBegunAgain = false
  for (let asked = 0; asked < maxPages; asked++) {
    let answer: unknown
    try {
      answer = await client.list(content, { namespace, limit, ...(from !== undefined && { continue: from }) }, { signal })
    } catch (error) {
      if (isNoSuch(error)) return
      const isTooLarge = isApiError(error, 'RequestEntityTooLarge') && limit > 1
      // A page whose place in history our own deletions have pushed out is the first page of what is left.
      const isPushedOut = from !== undefined && !hasBegunAgain && mustListAgain(error)
      if (!isTooLarge && !isPushedOut) throw error
      if (isTooLarge) limit = Math.ceil(limit / 8)
      else {
        from = undefined
        hasBegunAgain = true
      }
      continue
    }
    const page = schema.safeParse(answer)
    if (!page.success) throw new ApiError('InternalError', `the list of ${nameOf(content)} is none`, {}, { cause: page.error })
    const { items, metadata: list } = page.data
    yield { items: (items ?? []).map((item) => item.metadata), isFirst: from === undefined }
    const next = list?.continue ?? ''
    if (next === '' || next === from) return
    from = next
  }
  throw new ApiError('InternalError', `the list of ${nameOf(content)} has not ended after ${maxPages} pages`)
}

/** The server does not know the resource, or does not do that with it: then it holds nothing up, as in Kubernetes. */
export const isNoSuch = (error: unknown): boolean => isApiError(error, 'NotFound') || isApiError(error, 'MethodNotAllowed')

export const nameOf = ({ resource, group }: Content): string => (group === '' ? resource : `${resource}.${group}`)
