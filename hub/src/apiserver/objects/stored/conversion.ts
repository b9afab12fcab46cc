import type { KubeObject } from '@bramble/shared/api/client.ts'
import { type Kind, apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { cloneJson } from '../../json.ts'

export type Convert = (object: KubeObject) => KubeObject

/** An object in another version of its kind. Which object it is no conversion changes. */
export function convertedBy(kind: Kind, version: string, step: Convert = (object) => object): Convert {
  const apiVersion = apiVersionOf({ ...kind, version })
  return (object) => {
    if (object.apiVersion === apiVersion) return object
    const { name, namespace, uid, resourceVersion } = object.metadata
    const converted = step(cloneJson(object))
    const metadata = { ...converted.metadata, name, namespace, uid, resourceVersion }
    for (const part of ['namespace', 'uid', 'resourceVersion'] as const) if (metadata[part] === undefined) delete metadata[part]
    return { ...converted, kind: kind.kind, apiVersion, metadata }
  }
}
