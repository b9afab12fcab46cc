import { type Kind, apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { derived, type KindSet } from '@bramble/shared/schema/kind-set.ts'

/** The kinds by the names that requests and bodies use. */
export type KindIndex = {
  byResource(group: string, version: string, resource: string): Kind | undefined
  byKind(apiVersion: string, kind: string): Kind | undefined
}

export function createKindIndex(kinds: KindSet): KindIndex {
  const resources = derived(kinds, (all) => new Map(all.map((kind) => [`${apiVersionOf(kind)}/${kind.resource}`, kind])))
  const names = derived(kinds, (all) => new Map(all.map((kind) => [`${apiVersionOf(kind)}/${kind.kind}`, kind])))
  return {
    byResource: (group, version, resource) => resources().get(`${apiVersionOf({ group, version })}/${resource}`),
    byKind: (apiVersion, kind) => names().get(`${apiVersion}/${kind}`),
  }
}
