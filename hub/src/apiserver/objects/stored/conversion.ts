import type { KubeObject } from '@bramble/shared/api/client.ts'
import { type Kind, apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { cloneJson } from '../../json.ts'

export type GroupVersion = { readonly group: string; readonly version: string }
export type Convert = (object: KubeObject) => KubeObject

/** What is stored is sound, and only not to be had in this version, or not now. */
export class ConversionFailed extends Error {}

/**
 * An object in another version of its kind. Of its metadata a conversion changes labels and annotations alone: which object it is, who owns it, who
 * holds it and whether it is on its way out is the same in all versions.
 */
export function convertedBy(kind: Kind, to: GroupVersion, step: Convert = (object) => object): Convert {
  const apiVersion = apiVersionOf(to)
  return (object) => {
    if (object.apiVersion === apiVersion) return object
    const { labels: _labels, annotations: _annotations, ...kept } = object.metadata
    const converted = stepped(step, object)
    const { labels, annotations } = converted.metadata
    const metadata = { ...kept, ...(labels !== undefined && { labels }), ...(annotations !== undefined && { annotations }) }
    return { ...converted, kind: kind.kind, apiVersion, metadata }
  }
}

function stepped(step: Convert, object: KubeObject): KubeObject {
  try {
    return step(cloneJson(object))
  } catch (cause) {
    throw new ConversionFailed(messageOf(cause), { cause })
  }
}
