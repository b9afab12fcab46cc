import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { several } from '@bramble/shared/async/several.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { cutText } from '@bramble/shared/text/cut-text.ts'
import type { Found, Left } from './conditions.ts'
import { isNoSuch, nameOf, pagesOf } from './pages.ts'
import type { Content } from './remote-content.ts'

/** So many deletions share what a transaction costs. */
const deletionsAtOnce = 64
/** Of what a server says of its refusal; it goes into a condition. */
const maxWordsBytes = 1000
/** Told apart of one resource: they are names that anybody may choose. */
const maxFinalizers = 100

/**
 * Asks all objects of the resources in a namespace to go, and tells what is there still and what could not be asked: of each resource the
 * first failure, as none keeps the others from being asked.
 */
export async function empty(
  client: Client,
  { contents, namespace, signal }: { readonly contents: readonly Content[]; readonly namespace: string; readonly signal: AbortSignal },
): Promise<Pick<Found, 'left' | 'failures'>> {
  const left: Left[] = []
  const failures: string[] = []
  const silentGroups = new Set<string>()
  for (const content of contents) {
    if (silentGroups.has(content.group)) continue
    try {
      const { any, refusal } = await removeAll(content)
      if (refusal !== undefined) failures.push(refusal)
      else if (any) left.push(...(await whatIsLeft(content)))
    } catch (error) {
      signal.throwIfAborted()
      // A server that keeps us waiting does so once in each look.
      if (isAway(error)) silentGroups.add(content.group)
      failures.push(cutText(messageOf(error), maxWordsBytes))
    }
  }
  return { left, failures }

  /** Answers whether there was anything, and what was said of those that will not go. */
  async function removeAll(content: Content): Promise<{ readonly any: boolean; readonly refusal?: string }> {
    if (content.verbs?.includes('list') === false) {
      await unlessNoSuch(client.deleteCollection(content, namespace, { signal, propagationPolicy: 'Background' }))
      return { any: false }
    }
    let any = false
    let first: string | undefined
    let refused = 0
    for await (const { items } of pagesOf(client, { content, namespace, signal })) {
      any ||= items.length > 0
      const staying = items.filter(({ deletionTimestamp }) => deletionTimestamp === undefined || deletionTimestamp === null)
      await several(staying, deletionsAtOnce, async ({ name }) => {
        try {
          await unlessNoSuch(client.delete(content, { name, namespace }, { signal, propagationPolicy: 'Background' }))
        } catch (error) {
          if (signal.aborted || isAway(error)) throw error
          first ??= cutText(messageOf(error), maxWordsBytes)
          refused++
        }
      })
    }
    if (first === undefined) return { any }
    return { any, refusal: refused === 1 ? first : `${first} (and ${refused - 1} more of ${nameOf(content)})` }
  }

  async function whatIsLeft(content: Content): Promise<readonly Left[]> {
    const finalizers = new Map<string, number>()
    let count = 0
    for await (const { items, isFirst } of pagesOf(client, { content, namespace, signal })) {
      if (isFirst) {
        count = 0
        finalizers.clear()
      }
      count += items.length
      for (const finalizer of items.flatMap((item) => item.finalizers ?? []))
        if (finalizers.has(finalizer) || finalizers.size < maxFinalizers) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
    }
    return count === 0 ? [] : [{ group: content.group, resource: content.resource, count, finalizers }]
  }
}

/** That is said of the server, whatever it was asked. */
const isAway = (error: unknown): boolean => isApiError(error, 'Timeout') || isApiError(error, 'ServiceUnavailable')

const unlessNoSuch = (asked: Promise<void>): Promise<void> =>
  asked.catch((error: unknown) => {
    if (!isNoSuch(error)) throw error
  })
