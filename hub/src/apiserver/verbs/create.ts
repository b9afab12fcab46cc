import { alreadyExists, ApiError, badRequest, invalid, isApiError, noSuchResource } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { generateName } from '@bramble/shared/meta/generated-name.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { withWrittenParts } from '@bramble/shared/schema/always-written.ts'
import { type Admission, goThrough, holdsOf } from '../admission/admission.ts'
import { type Call, type Verb, type WriteCall, nowOf } from '../call.ts'
import { LostRace } from '../objects/claims/lost-race.ts'
import { objectFromBody } from '../bodies/object-body.ts'
import { doubtErrors } from '../bodies/doubt.ts'
import { tidyMeta } from '../objects/rules/tidy-meta.ts'
import { validateMeta } from '../objects/rules/object-meta-rules.ts'
import { entryResponse, objectResponse } from '../answers/response.ts'
import { converting } from '../ownership/converting.ts'
import { givenOwnersErrors, Owned, ownersAfterCreate, takenOwners } from '../ownership/of-writes.ts'
import { ownersText } from '../ownership/owners.ts'
import { askerOf, putBackNew, serverSaid } from './asked.ts'
import { withOwners } from '../ownership/with-owners.ts'

export const create: Verb<WriteCall> = (call) => createFrom(call, () => objectFromBody(call))

/** `read` gives what the sender wrote, anew on each call; of an apply with whose its fields are. */
export async function createFrom(call: WriteCall, read: () => KubeObject | Owned): Promise<ApiResponse> {
  const object = read()
  const { generateName = '', name } = objectIn(object).metadata
  const drawsName = name === '' && generateName !== ''
  for (let attempt = 1; ; attempt++) {
    try {
      return await createOnce(call, attempt === 1 ? object : read())
    } catch (error) {
      if (attempt >= attemptsAfter(error, drawsName)) throw error
    }
  }
}

const objectIn = (made: KubeObject | Owned): KubeObject => (made instanceof Owned ? made.object : made)

/** A drawn name that is taken is drawn again, one that was asked for is refused. Each lost race means that somebody else got through. */
function attemptsAfter(error: unknown, drawsName: boolean): number {
  if (error instanceof LostRace) return 1000
  return drawsName && isApiError(error, 'AlreadyExists') ? 8 : 1
}

async function createOnce(call: WriteCall, made: KubeObject | Owned) {
  const { api, kind, origin, warn } = call
  const object = objectIn(made)
  const { resourceVersion } = object.metadata
  const given = takenOwners(object)
  const hasDrawnName = (object.metadata.name ?? '') === ''
  fillMeta(call, object)
  // As in Kubernetes: what admission adds is nobody's.
  const owners = made instanceof Owned ? ownersText(made.owners) : await converting(() => ownersAfterCreate(call, object, given))
  const { namespace } = object.metadata
  const asker = askerOf(call)
  const asked: Admission = {
    ...{ operation: 'CREATE', kind, name: object.metadata.name, namespace, object, origin, warn, hasDrawnName, asker },
    owners: { object: owners },
  }
  await goThrough('admit', api.admission, asked)
  const mutate = api.dynamic.mutate(asked)
  if (mutate !== undefined) {
    const server = serverSaid(object)
    if (await mutate()) putBackNew(call, object, server)
  }
  const { name } = object.metadata
  const admission = name === asked.name ? asked : { ...asked, name }
  kind.prepareForCreate?.(object, { now: () => nowOf(api), random: api.random })
  await goThrough('complete', api.admission, admission)
  const errors = [
    ...validateMeta({ kind, kinds: api.kinds }, object),
    ...givenOwnersErrors(given),
    ...(kind.validate?.(object) ?? []),
    ...(kind.validateCreate?.(object) ?? []),
  ]
  errors.push(...doubtErrors(call, object, errors))
  if (errors.length > 0) throw invalid(kind, name, errors)
  for (const warning of kind.warnings?.(object) ?? []) warn(warning)
  await goThrough('validate', api.admission, admission)
  const validation = api.dynamic.validate(admission)
  if (validation !== undefined) await validation
  const filled = withWrittenParts(kind.node, object)
  if (origin.dryRun) {
    // Never handed to the store: the name may be free by the time it is its turn.
    if (api.registry.find(kind, namespace, name) !== undefined) throw alreadyExists(kind, name)
    return objectResponse(call, withOwners(filled, owners), 201)
  }
  // As of the store of Kubernetes: told of what is right for the rest, and of a number alone.
  if (/^0*[1-9]\d*$/.test(resourceVersion ?? ''))
    throw new ApiError('Unknown', 'resourceVersion should not be set on objects to be created')
  // Admission may take its time, and of a kind that has gone meanwhile nobody looks for what is left.
  if (!api.kinds.isMade(kind)) throw noSuchResource()
  const holds = holdsOf(api.admission, admission)
  const written = await api.registry.create({ kind, origin, object: filled, owners, holds })
  return entryResponse(call, await api.registry.inVersion(kind, written), 201)
}

/** What the server says about a new object, whatever its sender wrote there. */
function fillMeta({ api, kind, info, warn }: Call, { metadata }: KubeObject): void {
  tidyMeta(metadata, warn)
  delete metadata.resourceVersion
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  if (kind.namespaced) {
    if (info.namespace === undefined || info.namespace === '') throw badRequest(`an empty namespace may not be set during creation`)
    if (metadata.namespace !== undefined && metadata.namespace !== '' && metadata.namespace !== info.namespace)
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
    metadata.namespace = info.namespace
  } else delete metadata.namespace
  if ((metadata.name ?? '') === '' && (metadata.generateName ?? '') !== '')
    metadata.name = generateName(metadata.generateName ?? '', api.random)
  metadata.uid = api.uuid()
  metadata.creationTimestamp = formatTime(nowOf(api))
}
