import type { KubeObject } from '@bramble/shared/api/client.ts'
import { labelSelectorMatches } from '@bramble/shared/meta/label-selector.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { ParamKind, ParamRef } from '@bramble/shared/types/admission-policy.ts'
import type { KindIndex } from '../../discovery/kind-index.ts'
import type { Registry } from '../../objects/registry.ts'
import { readableObject } from '../../query/selectors.ts'

/** What is wrong with a policy or its binding, in Kubernetes' words. */
export class Misconfigured extends Error {}

export type ParamDeps = { readonly registry: Registry; readonly kinds: Pick<KindIndex, 'byKind'> }

/** Undefined: the policy takes none. Throws `Misconfigured`. */
export function paramKindOf(paramKind: ParamKind | undefined, kinds: ParamDeps['kinds']): Kind | undefined {
  if (paramKind === undefined) return undefined
  const { apiVersion = '', kind = '' } = paramKind
  const found = kinds.byKind(apiVersion, kind)
  if (found !== undefined) return found
  const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
  throw new Misconfigured(`failed to find resource referenced by paramKind: '${version}, Kind=${kind}'`)
}

/** With each of them the policy is asked once; with null where it is to do without. */
export async function paramsOf(
  kind: Kind | undefined,
  ref: ParamRef | undefined,
  namespace: string,
  { registry }: ParamDeps,
): Promise<readonly (KubeObject | null)[]> {
  if (kind === undefined || ref === undefined) return [null]
  const { name = '', namespace: given = '', selector, parameterNotFoundAction } = ref
  if (given !== '' && !kind.namespaced) throw new Misconfigured('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  const place = given === '' ? namespace : given
  if (kind.namespaced && place === '')
    throw new Misconfigured('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
  const where = kind.namespaced ? place : undefined
  const found = name === '' ? await selected(kind, where, selector ?? {}, registry) : await named(kind, where, name, registry)
  if (found.length === 0 && parameterNotFoundAction === 'Deny')
    throw new Misconfigured('no params found for policy binding with `Deny` parameterNotFoundAction')
  return found
}

async function named(kind: Kind, namespace: string | undefined, name: string, registry: Registry): Promise<readonly KubeObject[]> {
  const entry = registry.find(kind, namespace, name)
  return entry === undefined ? [] : [registry.objectOf(kind, await registry.inVersion(kind, entry))]
}

async function selected(
  kind: Kind,
  namespace: string | undefined,
  selector: NonNullable<ParamRef['selector']>,
  registry: Registry,
): Promise<readonly KubeObject[]> {
  const { entries } = registry.store.list(registry.prefixOf(kind, namespace))
  return (await registry.allInVersion(kind, entries)).flatMap((entry) => {
    const object = readableObject(registry, kind, entry)
    return object !== undefined && labelSelectorMatches(selector, object.metadata.labels) ? [object] : []
  })
}
