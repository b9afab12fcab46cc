import { isApiError } from '@bramble/shared/api/api-error.ts'
import { keyOf } from '@bramble/shared/api/object-key.ts'
import { findCondition } from '@bramble/shared/meta/conditions.ts'
import { several } from '@bramble/shared/async/several.ts'
import { type KubeObject, type List, metadataOf } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { derived } from '@bramble/shared/schema/kind-set.ts'
import { eachResourceOnce } from '@bramble/shared/schema/served.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import type { Namespace } from '@bramble/shared/kinds/namespace.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { defineController } from '../controller.ts'

const finalizer = 'kubernetes'
/** While something is still there (a pod in its grace, a finalizer of somebody's) we look again, less and less often. */
const firstLookMs = 200
const maxLookMs = 10_000
/** There may be tens of thousands of objects: so many are held at a time, and so many deletions share what a transaction costs. */
const pageSize = 500
const deletionsAtOnce = 64

/** Empties a namespace that is being deleted, then lets it go. */
export const namespaceController = defineController({
  name: 'namespace',
  setUp({ client, clock, queue, watch, kinds, log }) {
    const looks = new Map<string, number>()
    const lister = watch(namespaces, {
      onAdd: ({ metadata }) => queue.add(metadata.name),
      onUpdate: ({ metadata }) => queue.add(metadata.name),
      onDelete: ({ metadata }) => looks.delete(metadata.name),
    })
    watch(pods, {
      onDelete({ metadata }) {
        if (looks.has(metadata.namespace ?? '')) queue.add(metadata.namespace ?? '')
      },
    })
    const contents = derived(kinds, (all) =>
      eachResourceOnce(all).filter(
        ({ namespaced, verbs }) => namespaced && (verbs === undefined || (verbs.includes('list') && verbs.includes('delete'))),
      ),
    )

    /** Answers what is left after asking everything to go. */
    async function empty(namespace: string, signal: AbortSignal): Promise<readonly Left[]> {
      const left: Left[] = []
      for (const kind of contents()) {
        if (!(await removeAll(kind, namespace, signal))) continue
        const { items, metadata } = await client.list(metadataOf(kind), { namespace, limit: 1 }, { signal })
        const count = items.length + (metadata.remainingItemCount ?? 0)
        if (count > 0) left.push({ kind: kind.kind, count })
      }
      return left
    }

    /** Answers whether there was anything. */
    async function removeAll(kind: Kind, namespace: string, signal: AbortSignal): Promise<boolean> {
      let from: string | undefined
      let any = false
      do {
        const { items, metadata } = await pageOf(kind, namespace, from, signal)
        any ||= items.length > 0
        const staying = items.filter((object) => object.metadata.deletionTimestamp === undefined)
        await several(staying, deletionsAtOnce, (object) => remove(kind, object, signal))
        from = metadata.continue
      } while (from !== undefined)
      return any
    }

    /** A page whose place in history our own deletions have pushed out is the first page of what is left. */
    async function pageOf(kind: Kind, namespace: string, from: string | undefined, signal: AbortSignal): Promise<List<KubeObject>> {
      const query = { namespace, limit: pageSize }
      try {
        return await client.list(metadataOf(kind), { ...query, ...(from !== undefined && { continue: from }) }, { signal })
      } catch (error) {
        if (from === undefined || !isApiError(error, 'Expired')) throw error
        return client.list(metadataOf(kind), query, { signal })
      }
    }

    async function remove(kind: Kind, object: KubeObject, signal: AbortSignal): Promise<void> {
      await client.delete(kind, keyOf(object), { signal, propagationPolicy: 'Background' }).catch((error: unknown) => {
        if (!isApiError(error, 'NotFound')) throw error
      })
    }

    async function tellRemaining({ metadata, status }: Namespace, left: readonly Left[], signal: AbortSignal): Promise<void> {
      const message = `Some resources are remaining: ${left.map(({ kind, count }) => `${kind} has ${count} resource instances`).join(', ')}`
      const seen = findCondition(status?.conditions, 'NamespaceContentRemaining')
      if (seen?.message === message) return
      const condition = {
        type: 'NamespaceContentRemaining',
        status: 'True',
        reason: 'SomeResourcesRemain',
        message,
        lastTransitionTime: seen?.lastTransitionTime ?? formatTime(new Date(clock.now())),
      }
      const body = { metadata: { uid: metadata.uid }, status: { conditions: [condition] } }
      await client.patch(
        namespaces,
        { name: metadata.name },
        { type: 'application/strategic-merge-patch+json', body },
        { signal, subresource: 'status' },
      )
    }

    return async (name, signal) => {
      const namespace = lister.get(undefined, name)
      if (namespace?.metadata.deletionTimestamp === undefined || namespace.spec?.finalizers?.includes(finalizer) !== true) return
      const left = await empty(name, signal)
      if (left.length > 0) {
        const look = looks.get(name) ?? 0
        looks.set(name, look + 1)
        // Pods need their moment; only what stays longer is worth writing down.
        if (look === 5) await tellRemaining(namespace, left, signal)
        return queue.addAfter(name, Math.min(maxLookMs, firstLookMs * 2 ** look))
      }
      // What is stored and cannot be read is in no list, and would stay behind: the deletion of a collection takes it along.
      for (const kind of contents())
        if (kind.verbs === undefined || kind.verbs.includes('deletecollection'))
          await client.deleteCollection(kind, name, { signal, propagationPolicy: 'Background' })
      looks.delete(name)
      const finalizers = namespace.spec.finalizers.filter((each) => each !== finalizer)
      const current = await client.get(namespaces, { name }, { signal })
      await client.update(namespaces, { ...current, spec: { ...current.spec, finalizers } }, { subresource: 'finalize', signal })
      log.info({ namespace: name }, 'namespace emptied')
    }
  },
})

/** How many of a kind are there still. */
type Left = { readonly kind: string; readonly count: number }
