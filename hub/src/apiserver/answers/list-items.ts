import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../store/store.ts'
import { nodeNameOf } from '../authz/node-user.ts'
import type { Call } from '../call.ts'

/**
 * An object's text as a list holds it. The head of the list says what its items are: only custom objects say it again, as in Kubernetes.
 * Nodes are told each object as if it came alone.
 */
export function itemTextFor({ kind, caller }: Call): (text: string) => string {
  if (kind.definedBy !== undefined || nodeNameOf(caller.user) !== undefined) return (text) => text
  const type = `{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",`
  return (text) => (text.startsWith(type) ? `{${text.slice(type.length)}` : text)
}

/** The same of what is stored, in its parts. */
export function itemPartsFor(call: Call): (entry: Entry) => readonly string[] {
  const { registry } = call.api
  const itemText = itemTextFor(call)
  return (entry) => {
    const [head = '', ...rest] = registry.partsOf(call.kind, entry)
    return [itemText(head), ...rest]
  }
}
