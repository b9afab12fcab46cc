import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Registry } from '../objects/registry.ts'
import { readableObject } from '../query/selectors.ts'

/** The class that those get who name none: of several the one that was made last, and of those made in one second the first by name. */
export function newestDefault<T extends KubeObject>(
  registry: Registry,
  kind: Kind<T>,
  isDefault: (object: T) => boolean,
): string | undefined {
  const timeOf = ({ metadata: { creationTimestamp = '' } }: T) => Date.parse(creationTimestamp)
  return registry.store
    .list(registry.prefixOf(kind))
    .entries.flatMap((entry) => readableObject(registry, kind, entry) ?? [])
    .filter(isDefault)
    .toSorted((a, b) => timeOf(b) - timeOf(a) || (a.metadata.name < b.metadata.name ? -1 : 1))[0]?.metadata.name
}
