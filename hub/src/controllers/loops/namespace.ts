import { metadataOf } from '@bramble/shared/api/client.ts'
import { derived } from '@bramble/shared/schema/kind-set.ts'
import { eachResourceOnce } from '@bramble/shared/schema/served.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import type { Namespace } from '@bramble/shared/kinds/namespace.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { defineController } from '../controller.ts'
import { conditionsOf, type Found, isEmpty } from '../namespaces/conditions.ts'
import { empty } from '../namespaces/empty.ts'
import { remoteContent } from '../namespaces/remote-content.ts'
import { objectsOf } from '../refusals.ts'

const finalizer = 'kubernetes'
/** While something is still there (a pod in its grace, a finalizer of somebody's) we look again, less and less often. */
const firstLookMs = 200
const maxLookMs = 10_000
/** Pods need their moment; only what stays longer is worth writing down. */
const quietLooks = 2

/** Empties a namespace that is being deleted, then lets it go. */
export const namespaceController = defineController({
  name: 'namespace',
  account: 'namespace-controller',
  setUp({ client, clock, queue, watch, tellAbout, kinds, remoteGroups, log }) {
    const looks = new Map<string, number>()
    const lister = watch(namespaces, {
      onAdd: ({ metadata }) => queue.add(metadata.name),
      onUpdate: ({ metadata, status }) => {
        // What we tell of it ourselves is no reason to look again.
        if (!looks.has(metadata.name) || status?.conditions === undefined) queue.add(metadata.name)
      },
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

    /** Pods first: what they mount, and the policies that hold them, are there for as long as they run. */
    async function emptied(namespace: string, signal: AbortSignal): Promise<Found> {
      const remote = remoteContent(remoteGroups())
      const ofPods = await empty(client, { contents: [metadataOf(pods)], namespace, signal })
      if (ofPods.left.length + ofPods.failures.length > 0) return { ...ofPods, unknown: remote.unknown }
      const rest = contents().filter((kind) => kind.resource !== pods.resource || kind.group !== pods.group)
      const all = [...rest.map(metadataOf), ...remote.resources]
      return { ...(await empty(client, { contents: all, namespace, signal })), unknown: remote.unknown }
    }

    async function tell({ metadata, status }: Namespace, found: Found, signal: AbortSignal): Promise<void> {
      const conditions = conditionsOf({ found, before: status?.conditions, now: formatTime(new Date(clock.now())) })
      if (conditions === undefined) return
      const body = { metadata: { uid: metadata.uid }, status: { conditions } }
      const patch = { type: 'application/strategic-merge-patch+json', body } as const
      await client.patch(namespaces, { name: metadata.name }, patch, { signal, subresource: 'status' })
    }

    tellAbout(objectsOf(namespaces, lister))
    return async (name, signal) => {
      const namespace = lister.get(undefined, name)
      if (namespace?.metadata.deletionTimestamp === undefined || namespace.spec?.finalizers?.includes(finalizer) !== true) return
      const found = await emptied(name, signal)
      if (!isEmpty(found)) {
        const look = looks.get(name) ?? 0
        looks.set(name, look + 1)
        if (look >= quietLooks) await tell(namespace, found, signal)
        return queue.addAfter(name, Math.min(maxLookMs, firstLookMs * 2 ** look))
      }
      // What is stored and cannot be read is in no list, and would stay behind: the deletion of a collection takes it along.
      for (const kind of contents())
        if (kind.verbs === undefined || kind.verbs.includes('deletecollection'))
          await client.deleteCollection(kind, name, { signal, propagationPolicy: 'Background' })
      looks.delete(name)
      const finalizers = namespace.spec.finalizers.filter((each) => each !== finalizer)
      // Whoever else holds it, or has read what was in its way, hears that nothing of ours is any more.
      if (finalizers.length > 0 || namespace.status?.conditions !== undefined) await tell(namespace, found, signal)
      const current = await client.get(namespaces, { name }, { signal })
      await client.update(namespaces, { ...current, spec: { ...current.spec, finalizers } }, { subresource: 'finalize', signal })
      log.info({ namespace: name }, 'namespace emptied')
    }
  },
})
