import { type ApiError, badRequest, fieldInvalid, invalid, isApiError } from '@bramble/shared/api/api-error.ts'
import { kinds } from '@bramble/shared/kinds.ts'
import { groupOf, versionOf } from '@bramble/shared/schema/api-version.ts'
import { apiVersionOf, type Kind, listKindOf } from '@bramble/shared/schema/kind.ts'
import { UnreadableNumber } from './typed-numbers.ts'

/** What is told of bodies that are not what their address takes, in the words of Kubernetes; but never with a part of the body, which may be a Secret's. */

type Type = { readonly apiVersion: string; readonly kind: string }

/** 400: it could not even be read what it is. */
export const unrecognized = ({ kind }: Type, why: string, cause?: unknown): ApiError =>
  badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why}`, cause)

/** Reads a text, or says that it is no object. A number that its field cannot hold is none of that: then it is known what the body is. */
export function readable<T>(type: Type, read: () => T, prefix = ''): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof UnreadableNumber || !isApiError(error, 'BadRequest')) throw error
    throw unrecognized(type, `${prefix}${error.message}`, error)
  }
}

export const noVersionAndKind = "couldn't get version/kind; "

/** A body without a type of its own, because it is no object or names none that could be one. */
export function untyped(type: Type, value: unknown, field?: 'apiVersion' | 'kind'): ApiError {
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'number' : typeof value
  const place = field === undefined ? `value of type ${typeMeta}` : `struct field .${field} of type string`
  return unrecognized(type, `${noVersionAndKind}json parse error: json: cannot unmarshal ${found} into Go ${place}`)
}

const typeMeta = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/** A body of another type. */
export function otherType(wanted: Type & { readonly isCustom: boolean }, said: Type, name: string): ApiError {
  if (said.apiVersion === wanted.apiVersion && wanted.isCustom)
    return invalid({ group: groupOf(wanted.apiVersion), kind: wanted.kind, resource: '' }, name, [
      fieldInvalid('kind', said.kind, `must be ${wanted.kind}`),
    ])
  // All versions of a kind, and what lies with it in the store, become the one that a hub thinks in: it is then only not the one that was asked for.
  const [known, meant] = [knownAs(said), knownAs(wanted)]
  const isConvertible = known !== undefined && meant !== undefined && known.kind === meant.kind && storedGroup(known) === storedGroup(meant)
  if (wanted.isCustom || isConvertible)
    return badRequest(`the API version in the data (${said.apiVersion}) does not match the expected API version (${wanted.apiVersion})`)
  const why = isRegistered(said)
    ? `converting (${versionOf(said.apiVersion)}.${said.kind}) to (${packageOf(wanted.apiVersion)}.${wanted.kind}): unknown conversion`
    : `no kind ${JSON.stringify(said.kind)} is registered for version ${JSON.stringify(said.apiVersion)}`
  return badRequest(`${said.kind} in version ${JSON.stringify(versionOf(said.apiVersion))} cannot be handled as a ${wanted.kind}: ${why}`)
}

const packageOf = (apiVersion: string): string => (groupOf(apiVersion) === '' ? 'core' : (groupOf(apiVersion).split('.')[0] ?? ''))

const knownAs = ({ apiVersion, kind }: Type): Kind | undefined =>
  kinds.find((known) => known.kind === kind && apiVersionOf(known) === apiVersion)

const storedGroup = ({ group, storage }: Kind): string => storage?.group ?? group

const isRegistered = ({ apiVersion, kind }: Type): boolean =>
  kinds.some((known) => apiVersionOf(known) === apiVersion && (known.kind === kind || listKindOf(known) === kind))
