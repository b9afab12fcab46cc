import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { Client, KubeObject, List } from '@bramble/shared/api/client.ts'
import { several } from '@bramble/shared/async/several.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Found, Left } from './conditions.ts'
import type { Content } from './remote-content.ts'

/** There may be tens of thousands of objects: so many are held at a time, and so many deletions share what a transaction costs. */
const pageSize = 500
const deletionsAtOnce = 64

/** Asks all objects of the resources in a namespace to go, and tells what is there still and what could not be asked. */
export async function empty(
  client: Client,
  { contents, namespace, signal }: { readonly contents: readonly Content[]; readonly namespace: string; readonly signal: AbortSignal },
): Promise<Pick<Found, 'left' | 'failures'>> {
  const left: Left[] = []
  const failures: string[] = []
  for (const content of contents)
    try {
      if (await removeAll(content)) left.push(...(await whatIsLeft(content)))
    } catch (error) {
      signal.throwIfAborted()
      failures.push(messageOf(error))
    }
  return { left, failures }

  /** Answers whether there was anything. */
  async function removeAll(content: Content): Promise<boolean> {
    if (content.verbs?.includes('list') === false) {
      await client.deleteCollection(content, namespace, { signal, propagationPolicy: 'Background' })
      return false
    }
    let any = false
    for await (const items of pages(content)) {
      any ||= items.length > 0
      const staying = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      await several(staying, deletionsAtOnce, (object) => remove(content, object))
    }
    return any
  }

  async function whatIsLeft(content: Content): Promise<readonly Left[]> {
    const finalizers = new Map<string, number>()
    let count = 0
    for await (const items of pages(content)) {
      count += items.length
      for (const { metadata } of items)
        for (const finalizer of metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
    }
    return count === 0 ? [] : [{ group: content.group, resource: content.resource, count, finalizers }]
  }

  async function* pages(content: Content): AsyncGenerator<readonly KubeObject[]> {
    let from: string | undefined
    do {
      const { items, metadata } = await pageOf(content, from)
      yield items
      from = metadata.continue === '' ? undefined : metadata.continue
    } while (from !== undefined)
  }

  /** A page whose place in history our own deletions have pushed out is the first page of what is left. */
  async function pageOf(content: Content, from: string | undefined): Promise<List<KubeObject>> {
    const query = { namespace, limit: pageSize }
    try {
      return await client.list(content, { ...query, ...(from !== undefined && { continue: from }) }, { signal })
    } catch (error) {
      if (from === undefined || !isApiError(error, 'Expired')) throw error
      return client.list(content, query, { signal })
    }
  }

  async function remove(content: Content, { metadata }: KubeObject): Promise<void> {
    await client
      .delete(content, { name: metadata.name, namespace }, { signal, propagationPolicy: 'Background' })
      .catch((error: unknown) => {
        if (!isApiError(error, 'NotFound')) throw error
      })
  }
}
