import { parseKey, keyText } from '@bramble/shared/api/object-key.ts'
import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import { type CacheImage, type Change, sourceIn } from './cache-image.ts'

/** A list that a source told. */
export type Listing = {
  readonly scope: string
  readonly resource: Resource
  readonly objects: readonly KubeObject[]
  readonly resourceVersion: string
  /** What stays as unlisted until this version need not stay. */
  readonly released?: string
}

/** The change that makes a scope hold what a list says; what is the same already is left out. */
export function replacement(image: CacheImage, { scope, resource, objects, resourceVersion, released }: Listing): Change {
  const listed = new Set(objects.map(({ metadata }) => keyText(metadata)))
  const stays = new Map([...staying(image, { scope, resourceVersion, released })].filter(([key]) => !listed.has(key)))
  const lacking = image.recordsIn(scope).map(({ object }) => keyText(object.metadata))
  const wasUnlisted = image.unlistedIn(scope)
  const isOlder = isBefore(resourceVersion, image.scope(scope)?.resourceVersion)
  // A version of a history that was given up may name another state in the one that goes on.
  const isHeld = (object: KubeObject) =>
    !isOlder && !wasUnlisted.has(keyText(object.metadata)) && isSame(image.get(resource, object.metadata, sourceIn(scope)), object)
  return {
    scope,
    resource,
    puts: objects.filter((object) => !isHeld(object)),
    isComplete: true,
    deletes: lacking.filter((key) => !listed.has(key) && !stays.has(key)).map(parseKey),
    resourceVersion,
    unlisted: new Map([...stays].filter(([key, until]) => wasUnlisted.get(key) !== until)),
  }
}

/**
 * What would stay if a list of this version lacked it, by key, and until which version. A list below what was told before comes from
 * a source that has forgotten, and that it lacks something says nothing.
 */
export function staying(
  image: CacheImage,
  { scope, resourceVersion, released }: Pick<Listing, 'scope' | 'resourceVersion' | 'released'>,
): ReadonlyMap<string, string> {
  const known = image.scope(scope)?.resourceVersion
  const wasUnlisted = image.unlistedIn(scope)
  const forgot = known !== undefined && isBefore(resourceVersion, known)
  const stays = new Map<string, string>()
  if (forgot) for (const { object } of image.recordsIn(scope)) stays.set(keyText(object.metadata), known)
  for (const [key, until] of wasUnlisted) if (!isBefore(until, stays.get(key))) stays.set(key, until)
  for (const [key, until] of stays) if (isOver(until, released)) stays.delete(key)
  return stays
}

/** What stays of a scope whose versions above this one were given up, by key, and until which version. What is no newer is known to have been there then. */
export function givenUp(image: CacheImage, scope: string, above: string): ReadonlyMap<string, string> {
  const known = image.scope(scope)?.resourceVersion ?? noVersion
  const stays = new Map(image.unlistedIn(scope))
  for (const { object } of image.recordsIn(scope)) {
    const key = keyText(object.metadata)
    const { resourceVersion: changed = known } = object.metadata
    const until = known === noVersion ? changed : known
    const isShared = changed === above || isBefore(changed, above)
    if (!isShared && !isBefore(until, stays.get(key))) stays.set(key, until)
  }
  return stays
}

/** Before every version that a source tells. */
export const noVersion = '0'

/** Whether what stays until a version need not stay any more. */
export const isOver = (until: string, released = noVersion): boolean => !isBefore(released, until)

/** Versions are numbers that grow. Of those that are none, neither is before the other. */
export const isBefore = (version: string, other: string | undefined): boolean =>
  other !== undefined && isNumber(version) && isNumber(other) && Number(version) < Number(other)

const isNumber = (text: string): boolean => /^\d{1,15}$/.test(text)

const isSame = (stored: KubeObject | undefined, next: KubeObject): boolean =>
  stored !== undefined &&
  next.metadata.resourceVersion !== undefined &&
  stored.metadata.uid === next.metadata.uid &&
  stored.metadata.resourceVersion === next.metadata.resourceVersion
