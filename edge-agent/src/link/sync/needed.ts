import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import { sourceRangesAnnotation } from '@bramble/shared/meta/source-ranges.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { nodePeer } from '@bramble/shared/api/node-peer.ts'

/**
 * What is kept of an object: of other nodes what routes need, of Services and their slices no notes to tools, which may be hundreds of
 * KiB, and of nothing the bookkeeping of who set which field. One that cannot be read is left out, and costs none of the others.
 */
export function neededOf(object: KubeObject, node: string): readonly KubeObject[] {
  if (typeof object?.metadata?.name !== 'string') return []
  if (object.kind === 'Node' && object.metadata.name !== node) {
    try {
      return [nodePeer(object as Node)]
    } catch {
      return []
    }
  }
  const { managedFields, annotations, ...metadata } = object.metadata
  const isNoted = annotations !== undefined && (object.kind === 'Service' || object.kind === 'EndpointSlice')
  if (managedFields === undefined && !isNoted) return [object]
  const ranges = annotations?.[sourceRangesAnnotation]
  const kept = !isNoted ? annotations : ranges === undefined ? undefined : { [sourceRangesAnnotation]: ranges }
  return [{ ...object, metadata: { ...metadata, ...(kept !== undefined && { annotations: kept }) } }]
}

/** A state that is held, with what has become of its end since: what is to go must be able to. */
export function withEndOf(
  known: KubeObject,
  { metadata: { resourceVersion, deletionTimestamp, deletionGracePeriodSeconds } }: KubeObject,
): KubeObject {
  if (deletionTimestamp === undefined) return known
  return {
    ...known,
    metadata: { ...known.metadata, resourceVersion, deletionTimestamp, deletionGracePeriodSeconds } as KubeObject['metadata'],
  } // those of the same object
}

/** The spec of the state before where it is the same: a pod's may be megabytes, its status changes often, and who works on it holds both. */
export function withSpecOf(known: KubeObject | undefined, next: KubeObject): KubeObject {
  const [before, now] = [known, next] as readonly ({ readonly spec?: unknown } | undefined)[]
  return before?.spec !== undefined && isSameJson(before.spec, now?.spec) ? ({ ...next, spec: before.spec } as KubeObject) : next // the same but for who holds it
}

/** Who a pod is and how it is, without what may be megabytes. */
export type PodOutline = Pick<Pod, 'metadata'> & { readonly status?: Pick<NonNullable<Pod['status']>, 'phase'> }

export function outlineOf({ metadata, status }: Pod): PodOutline {
  const { name, namespace, uid, resourceVersion, deletionTimestamp } = metadata
  return {
    metadata: { name, namespace, uid, resourceVersion, deletionTimestamp },
    ...(status?.phase !== undefined && { status: { phase: status.phase } }),
  }
}
