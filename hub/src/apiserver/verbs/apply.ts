import { ApiError, badRequest, conflict, isApiError, staleObject } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import { decide, forbidden } from '../authz/authorizer.ts'
import { objectOf } from '../bodies/object-body.ts'
import type { GivenPatch } from '../bodies/patch-body.ts'
import { nowOf, type WriteCall } from '../call.ts'
import { type Applied, applied } from '../ownership/apply.ts'
import { Owned } from '../ownership/of-writes.ts'
import { readOwners } from '../ownership/owners.ts'
import { typeProblem } from '../ownership/typed.ts'
import { createVersions } from '../ownership/versions.ts'
import { attempts, changeObject, changedResponse } from './change.ts'
import { createFrom } from './create.ts'
import type { Scope } from './scope.ts'

/** Server-side apply: what the body says is laid over what there is, and its manager owns it. What is not there is made, but for a part of it. */
export async function applyWithin(call: WriteCall, scope: Scope, given: GivenPatch): Promise<ApiResponse> {
  const { api, kind, info } = call
  const config = configOf(given, { apiVersion: apiVersionOf(kind), kind: kind.kind, node: kind.node })
  const next = (live: KubeObject, owners: string | undefined) => owned(call, config, given, { scope, live, owners })
  const isThere = () => api.registry.find(kind, info.namespace, info.name ?? '') !== undefined
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (scope !== 'main' || isThere()) {
      try {
        return changedResponse(call, await changeObject(call, { scope, next }))
      } catch (error) {
        if (scope !== 'main' || !isApiError(error, 'NotFound') || isThere()) throw error
      }
    }
    try {
      return await createdBy(call, config, given)
    } catch (error) {
      // Somebody else made it in the meantime: then it is there to be changed.
      if (!isApiError(error, 'AlreadyExists') || !isThere()) throw error
    }
  }
  throw staleObject(kind, info.name ?? '')
}

export type Config = { readonly metadata?: Partial<KubeObject['metadata']> } & Readonly<Record<string, unknown>>
type ConfigType = { readonly apiVersion: string; readonly kind: string; readonly node: TypeNode }

/** What is to be applied, of the type that the URL says. */
export function configOf({ body }: GivenPatch, { apiVersion, kind, node }: ConfigType): Config {
  if (!isObject(body))
    throw badRequest(
      `error decoding YAML: json: cannot unmarshal ${Array.isArray(body) ? 'array' : typeof body} into Go value of type map[string]interface {}`,
    )
  const { kind: givenKind = '', apiVersion: givenVersion = '', metadata } = body
  if (givenKind !== kind || givenVersion !== apiVersion)
    throw badRequest(`invalid object type: ${typeText(String(givenVersion), String(givenKind))}`)
  const { managedFields, name = '', namespace = '' } = isObject(metadata) ? metadata : {}
  if (managedFields !== undefined && managedFields !== null) throw badRequest('metadata.managedFields must be nil')
  const problem = typeProblem(node, body)
  if (problem !== undefined)
    throw new ApiError(
      'Unknown',
      `failed to create typed patch object (${String(namespace)}/${String(name)}; ${typeText(apiVersion, kind)}): ${problem}`,
    )
  return body as Config // its types were checked just now
}

const typeText = (apiVersion: string, kind: string): string => `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`

/** What there is, if there is anything, with its owners (`ownersText`), and what part of it may change. */
export type Target = { readonly scope: Scope; readonly live: KubeObject | undefined; readonly owners: string | undefined }

function owned(call: WriteCall, config: Config, { duplicates }: GivenPatch, target: Target): Owned {
  const { object, owners } = appliedTo(call, config, target)
  return new Owned(objectOf(call, object, { duplicates, ofKnown: () => config }), owners)
}

/** What a configuration makes of an object, not yet checked or defaulted. */
export function appliedTo(call: WriteCall, config: object, { scope, live, owners }: Target): Applied {
  const { kind, api, origin, isForced } = call
  return applied({
    ...{ versions: createVersions(kind, api), live, config, apiVersion: apiVersionOf(kind), owners: readOwners(owners), isForced },
    ...{ place: { kind, subresource: origin.subresource ?? '', scope }, manager: origin.manager, now: formatTime(nowOf(api)) },
  })
}

/** Whoever applies what is not there needs the right to create it. */
async function createdBy(call: WriteCall, config: Config, given: GivenPatch): Promise<ApiResponse> {
  const { api, kind, info, caller } = call
  const name = info.name ?? ''
  const attributes = { user: caller.user, info: { ...info, verb: 'create' as const } }
  const decision = decide(api.authorizers, attributes)
  if (decision.type !== 'allow') throw forbidden(attributes, decision.reason ?? '')
  const { uid = '', name: named = '' } = config.metadata ?? {}
  if (uid !== '') throw conflict(kind, name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`)
  if (named === '') throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (named !== name) throw badRequest(`the name of the object (${named}) does not match the name on the URL (${name})`)
  return createFrom(call, () => owned(call, config, given, { scope: 'main', live: undefined, owners: undefined }))
}
