import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { type Kind, apiVersionOf } from '@bramble/shared/schema/kind.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'

/**
 * How one kind lies in the store: JSON that starts with a constant head and has no resourceVersion. The revision of the
 * entry is the resourceVersion, so reading puts it behind the head as text, without parsing anything.
 */
export type StorageCodec = {
  encode(object: KubeObject): string
  isOfKind(text: string): boolean
  /** The JSON that a reader gets. Throws for what no hub wrote as this kind. */
  withRevision(text: string, revision: number): string
}

export function storageCodec(kind: Kind): StorageCodec {
  const head = `{"kind":${JSON.stringify(kind.kind)},"apiVersion":${JSON.stringify(apiVersionOf(kind))},"metadata":{`
  return {
    encode({ kind: _kind, apiVersion: _apiVersion, metadata: { resourceVersion: _revision, ...metadata }, ...rest }) {
      return exactJson({ kind: kind.kind, apiVersion: apiVersionOf(kind), metadata, ...rest })
    },
    isOfKind: (text) => text.startsWith(head),
    withRevision(text, revision) {
      if (!text.startsWith(head)) throw new Error(`what is stored is no ${kind.kind} that this hub can read`)
      return `${head}"resourceVersion":"${revision}",${text.slice(head.length)}`
    },
  }
}
