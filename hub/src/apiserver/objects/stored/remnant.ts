import type { KubeObject } from '@bramble/shared/api/client.ts'
import { apiVersionOf, type Kind } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../../store/store.ts'
import { deepFreeze } from '../../json.ts'
import type { Registry } from '../registry.ts'
import { readableObject } from '../../query/selectors.ts'

/**
 * What is stored, or what its key says of it when that is no object of this name (a failing disk, another hub): enough to delete it by,
 * and for those who watch to know what has gone.
 */
export function objectOrRemnant(
  registry: Registry,
  kind: Kind,
  entry: Entry,
): { readonly object: KubeObject; readonly isRemnant: boolean } {
  const [name = '', namespace] = entry.key.slice(registry.prefixOf(kind).length).split('/').toReversed()
  const object = readableObject(registry, kind, entry)
  if (object?.metadata.name === name) return { object, isRemnant: false }
  const metadata = { name, ...(namespace !== undefined && { namespace }), resourceVersion: String(entry.revision) }
  return { object: deepFreeze<KubeObject>({ apiVersion: apiVersionOf(kind), kind: kind.kind, metadata }), isRemnant: true }
}
