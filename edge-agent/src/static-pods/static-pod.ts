import { createHash } from 'node:crypto'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { mirrorAnnotation } from '@bramble/shared/kinds/rules/pod-annotations.ts'
import { sourceAnnotation } from '../mirrors.ts'
import { referencesOf } from '../references.ts'

export type Manifest = {
  /** The name of its file. */
  readonly file: string
  /** As its author wrote it, with every default in. */
  readonly pod: Pod
  /** Epoch milliseconds: when its file was written. */
  readonly writtenAt: number
}

const hashAnnotation = 'kubernetes.io/config.hash'
const seenAnnotation = 'kubernetes.io/config.seen'
// What the API allows a name.
const maxName = 253

/**
 * The pod that a manifest is on this node: called after the node, so that many nodes can have the same manifest, and with a uid that
 * follows from what is written. Whoever changes a manifest makes another pod. Throws for what a pod without the API cannot have. Pure.
 */
export function staticPodOf({ file, pod, writtenAt }: Manifest, node: string): Pod {
  const { metadata, spec } = pod
  const { namespace = 'default', labels, annotations } = metadata
  const name = `${metadata.name}-${node}`
  if (name.length > maxName) throw new Error(`name ${name} is longer than ${maxName} characters: shorten metadata.name`)
  const refusal = refusalOf(pod)
  if (refusal !== undefined) throw new Error(refusal)
  const uid = createHash('sha256')
    .update(exactJson([node, file, pod]))
    .digest('hex')
    .slice(0, 32)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name, namespace, uid },
      ...(labels && { labels }),
      annotations: {
        ...annotations,
        [hashAnnotation]: uid,
        [sourceAnnotation]: 'file',
        [seenAnnotation]: new Date(writtenAt).toISOString(),
      },
    },
    spec: {
      ...spec,
      nodeName: node,
      // What drives pods off a node is no reason for one that the node has of itself.
      tolerations: [...(spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
  }
}

/** It starts where there is no hub, so it may not need what only a hub has; no node may give itself the right to read that either. */
function refusalOf({ metadata, spec }: Pod): string | undefined {
  if (metadata.annotations?.[mirrorAnnotation] !== undefined)
    return `metadata.annotations[${mirrorAnnotation}] is of mirrors only: leave it out`
  if (metadata.uid !== undefined) return 'metadata.uid: that of a static pod follows from its manifest: leave it out'
  if (metadata.ownerReferences?.length) return 'metadata.ownerReferences: a static pod has no owner'
  if (spec.nodeName !== undefined) return 'spec.nodeName: a static pod runs where its manifest is: leave it out'
  if (spec.ephemeralContainers?.length) return 'spec.ephemeralContainers: a static pod has none'
  if (spec.serviceAccountName || spec.serviceAccount) return 'spec.serviceAccountName: a static pod may not reference service accounts'
  const [reference] = referencesOf([{ metadata, spec } as Pod]).values()
  if (reference !== undefined) return `a static pod may not reference ${reference.type}: ${reference.name}`
  for (const { name, persistentVolumeClaim, projected } of spec.volumes ?? []) {
    if (persistentVolumeClaim) return `volume ${name}: a static pod may not reference persistentvolumeclaims`
    if (projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken)) return `volume ${name}: a static pod has no token`
  }
  return undefined
}

/** What the API is to show of it: the same pod, owned by its node, with a uid of its own that the hub gives it. Pure. */
export function mirrorOf({ metadata, spec }: Pod, node: { readonly name: string; readonly uid: string }): Pod {
  const { name, namespace, uid = '', labels, annotations } = metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name, namespace },
      ...(labels && { labels }),
      annotations: { ...annotations, [mirrorAnnotation]: uid },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', ...node, controller: true }],
    },
    spec,
  } as Pod // the hub gives it the rest
}
