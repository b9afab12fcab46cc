import { isApiError } from '@bramble/shared/api/api-error.ts'
import { type KubeObject, metadataOf } from '@bramble/shared/api/client.ts'
import { cleanupFinalizer, customResourceDefinitions, withCondition } from '@bramble/shared/kinds/custom-resource-definition.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { isStoredVersion, storageOf } from '@bramble/shared/schema/storage.ts'
import type { CustomResourceCondition, CustomResourceDefinition } from '@bramble/shared/types/custom-resource-definition.ts'
import { defineController } from '../controller.ts'

/** While an object is still there (a finalizer of somebody's) we look again, less and less often. */
const firstLookMs = 100
const maxLookMs = 10_000
const pageSize = 500

/** Deletes the objects of a definition that is to go, and then lets it go. */
export const customResourceDefinition = defineController({
  name: 'customresourcecleanup',
  account: 'custom-resource-cleanup-controller',
  setUp({ client, clock, queue, watch, kinds, log }) {
    const looks = new Map<string, number>()
    const due = (object: KubeObject) => {
      if (object.metadata.deletionTimestamp !== undefined && object.metadata.finalizers?.includes(cleanupFinalizer) === true)
        queue.add(object.metadata.name)
    }
    // A definition may have a megabyte of schema, and nothing of that matters here.
    watch(metadataOf(customResourceDefinitions), { onAdd: due, onUpdate: due, onDelete: ({ metadata }) => looks.delete(metadata.name) })

    const tell = async (definition: CustomResourceDefinition, condition: Omit<CustomResourceCondition, 'type'>, signal: AbortSignal) => {
      const now = formatTime(new Date(clock.now()))
      const conditions = withCondition(definition.status?.conditions, { type: 'Terminating', ...condition }, now)
      const { name, uid } = definition.metadata
      const body = { metadata: { uid }, status: { conditions } }
      const type = 'application/merge-patch+json'
      return client.patch(customResourceDefinitions, { name }, { type, body }, { subresource: 'status', signal })
    }

    /** Asks everything to go, and answers whether there was anything. */
    async function empty(kind: Kind, signal: AbortSignal): Promise<boolean> {
      const places = new Set<string>()
      let from: string | undefined
      do {
        const page: { items: readonly KubeObject[]; metadata: { continue?: string } } = await client.list(
          metadataOf(kind),
          { limit: pageSize, ...(from !== undefined && { continue: from }) },
          { signal },
        )
        for (const { metadata } of page.items) places.add(metadata.namespace ?? '')
        from = page.metadata.continue
      } while (from !== undefined)
      for (const place of places) await client.deleteCollection(kind, place, { signal, propagationPolicy: 'Background' })
      return places.size > 0
    }

    /** What is stored and cannot be read is in no list, and would stay behind: the deletion of a collection takes it along. */
    async function sweep(kind: Kind, signal: AbortSignal): Promise<void> {
      const places = kind.namespaced
        ? (await client.list(metadataOf(namespaces), {}, { signal })).items.map(({ metadata }) => metadata.name)
        : ['']
      for (const place of places) await client.deleteCollection(kind, place, { signal, propagationPolicy: 'Background' })
    }

    return async (name, signal) => {
      const definition = await client.get(customResourceDefinitions, { name }, { signal }).catch((error: unknown) => {
        if (isApiError(error, 'NotFound')) return undefined
        throw error
      })
      if (definition === undefined) return
      const { deletionTimestamp, finalizers = [], uid, resourceVersion } = definition.metadata
      if (deletionTimestamp === undefined || !finalizers.includes(cleanupFinalizer)) return
      // Its names may be those of a kind that is built in, whose objects are none of its.
      const own = kinds.all().filter(({ definedBy }) => definedBy === name)
      // As they lie there: no webhook has to answer for their end.
      const kind = own.find((each) => isStoredVersion(storageOf(each), each)) ?? own[0]
      if (kind !== undefined && (await empty(kind, signal))) {
        const look = looks.get(name) ?? 0
        looks.set(name, look + 1)
        if (look === 0)
          await tell(
            definition,
            { status: 'True', reason: 'InstanceDeletionInProgress', message: 'CustomResource deletion is in progress' },
            signal,
          )
        return queue.addAfter(name, look === 0 ? 0 : Math.min(maxLookMs, firstLookMs * 2 ** look))
      }
      looks.delete(name)
      if (kind !== undefined) await sweep(kind, signal)
      const body = { metadata: { uid, resourceVersion, finalizers: finalizers.filter((each) => each !== cleanupFinalizer) } }
      await client.patch(customResourceDefinitions, { name }, { type: 'application/merge-patch+json', body }, { signal })
      log.info({ definition: name }, 'the objects of a definition are gone, and it with them')
    }
  },
})
