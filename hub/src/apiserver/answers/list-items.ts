import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../store/store.ts'
import { nodeNameOf } from '../authz/node-user.ts'
import type { Call } from '../call.ts'

/**
 * The text of an object as a list holds it, in its parts. The head of the list says what its items are: only custom objects say it again,
 * as in Kubernetes. Nodes are told each object as if it came alone.
 */
export function itemPartsFor({ api: { registry }, kind, caller }: Call): (entry: Entry) => readonly string[] {
  if (kind.definedBy !== undefined || nodeNameOf(caller.user) !== undefined) return (entry) => registry.partsOf(kind, entry)
  const type = `{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",`
  return (entry) => {
    const [head = '', ...rest] = registry.partsOf(kind, entry)
    return [head.startsWith(type) ? `{${head.slice(type.length)}` : head, ...rest]
  }
}
