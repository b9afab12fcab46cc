import type { KubeObject } from '@bramble/shared/api/client.ts'
import { setOwn } from '@bramble/shared/json/own.ts'

/** Makes one object what another is, in place: whoever holds it holds what it has become. */
export function replaceBy(object: KubeObject, next: KubeObject): void {
  const members = object as unknown as Record<string, unknown> // a JSON object
  for (const name of Object.keys(members)) if (!Object.hasOwn(next, name)) delete members[name]
  for (const [name, value] of Object.entries(next)) setOwn(members, name, value)
}
