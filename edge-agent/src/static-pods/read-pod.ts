import { manifestDocument } from './manifest-document.ts'
import { metadataErrors } from './metadata-errors.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'

/**
 * The pod of a manifest, JSON or YAML, held to all that the API holds a pod to. What a pod is takes megabytes of memory to know, so this is
 * a bundle of its own, which a node without manifests never loads.
 */
export function readPod(text: string): Pod {
  const parsed = pods.parse(manifestDocument(text))
  if (!parsed.ok) throw parsed.error
  const pod = parsed.object
  pods.setDefaults?.(pod)
  const [refused] = [...metadataErrors(pod.metadata), ...(pods.validate?.(pod) ?? [])]
  if (refused !== undefined) throw new Error(`${refused.field}: ${refused.message}`)
  return pod
}
