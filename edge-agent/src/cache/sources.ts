import { parseKey } from '@bramble/shared/api/object-key.ts'
import type { KubeObject, ObjectKey, Resource } from '@bramble/shared/api/client.ts'
import { nameOf, pathOf } from '../resources.ts'
import { type CacheImage, type Change, ownName, scopeIn, sourceIn } from './cache-image.ts'
import { givenUp, isBefore, isOver, noVersion, replacement, staying } from './replacement.ts'
import type { Source } from './source.ts'

/** What a backend does for its sources, each step on the disk before it is in the image. */
export type SourcesDeps = {
  readonly image: CacheImage
  /** All of them or none. */
  readonly apply: (changes: readonly Change[]) => void
  readonly forget: (scope: string) => void
  readonly withhold: (scope: string, why: string) => void
  readonly hasRoom: (scope: string) => boolean
  /** The whole of an object that is held; throws a `NotKept` for what is withheld under this scope. */
  readonly read: <T extends KubeObject>(resource: Resource<T>, key: ObjectKey, source: string) => T | undefined
  readonly whole: <T extends KubeObject>(resource: Resource<T>, object: T) => T
}

/** The writing half of a cache: each source within its own scopes. */
export class Sources {
  readonly #deps: SourcesDeps
  readonly #opened = new Map<string, { readonly source: Source; readonly gives: ReadonlySet<string> }>()

  constructor(deps: SourcesDeps) {
    this.#deps = deps
  }

  open(name: string, gives: readonly Resource[]): Source {
    const known = this.#opened.get(name)
    if (known !== undefined) return known.source
    const source = createSource(name, gives, this.#deps)
    this.#opened.set(name, { source, gives: new Set(gives.map(nameOf)) })
    this.#deps.image.sources = [...this.#opened.keys()]
    return source
  }

  hasSynced(resource: Resource, key?: ObjectKey): boolean {
    const scope = key === undefined ? resource.resource : pathOf(resource, key)
    const giving = [...this.#opened.values()].filter(({ gives }) => gives.has(nameOf(resource)))
    return giving.length > 0 && giving.every(({ source }) => source.hasSynced(scope))
  }
}

function createSource(name: string, gives: readonly Resource[], { image, read, whole, ...write }: SourcesDeps): Source {
  /** Lost with the process: who releases says it again. */
  let released: string | undefined
  let era = 0
  const own = (scope: string) => scopeIn(name, scope)
  const scopes = () => image.scopes().filter((scope) => sourceIn(scope) === name)
  const hasNoVersion = (scope: string) => image.isPartial(scope) || image.scope(scope)?.resourceVersion === noVersion
  const isDue = (scope: string) => [...image.unlistedIn(scope).values()].some((until) => isOver(until, released))
  /** They are listed anew then, also where nothing is in them. */
  const withoutVersion = (all: readonly string[], unlistedOf: (scope: string) => ReadonlyMap<string, string>) => {
    if (all.length === 0) return
    era += 1
    const changes = all.flatMap((scope): readonly Change[] => {
      const resource = gives.find((each) => nameOf(each) === image.scope(scope)?.resource)
      if (resource === undefined) return []
      return [{ scope, resource, puts: [], deletes: [], resourceVersion: noVersion, unlisted: unlistedOf(scope) }]
    })
    write.apply(changes)
    image.tell(new Set(changes.map(({ resource }) => nameOf(resource))))
  }
  return {
    name,
    get: (resource, key) => read(resource, key, name),
    list: (resource) => image.list(resource, name).map((object) => whole(resource, object)),
    resourceVersion(scope) {
      return hasNoVersion(own(scope)) ? undefined : image.scope(own(scope))?.resourceVersion
    },
    hasSynced: (scope) => image.scope(own(scope)) !== undefined && !image.isPartial(own(scope)),
    scopes: () => scopes().map(ownName),
    apply: (change) => write.apply([{ ...change, scope: own(change.scope) }]),
    replace: (scope, resource, objects, resourceVersion) =>
      write.apply([replacement(image, { scope: own(scope), resource, objects, resourceVersion, released })]),
    staying: (scope, resourceVersion) => [...staying(image, { scope: own(scope), resourceVersion, released }).keys()].map(parseKey),
    unlisted() {
      // Only those that have been listed since: others have a version that was given up, or none.
      const listed = scopes().filter((scope) => image.unlistedIn(scope).size > 0 && !hasNoVersion(scope))
      const until = newest(listed.flatMap((scope) => [...image.unlistedIn(scope).values()]))
      if (until === undefined) return undefined
      const told = newest(listed.flatMap((scope) => image.scope(scope)?.resourceVersion ?? []))
      return { until, isPassed: told !== undefined && !isBefore(told, until) }
    },
    release(resourceVersion) {
      if (released !== undefined && !isBefore(released, resourceVersion)) return
      released = resourceVersion
      image.tell(scopes().flatMap((scope) => (isDue(scope) ? (image.scope(scope)?.resource ?? []) : [])))
    },
    startOver() {
      withoutVersion(scopes(), (scope) => new Map([...image.unlistedIn(scope).keys()].map((key) => [key, noVersion])))
    },
    giveUp(above) {
      // One without a version holds what the last history but one had, of which this one may have less.
      const beyond = scopes().filter((scope) => isBefore(above, image.scope(scope)?.resourceVersion) || hasNoVersion(scope))
      withoutVersion(beyond, (scope) => givenUp(image, scope, above))
    },
    get era() {
      return era
    },
    isListDue: (scope) => isDue(own(scope)),
    forget: (scope) => write.forget(own(scope)),
    withhold: (scope, why) => write.withhold(own(scope), why),
    hasRoom: (scope) => write.hasRoom(own(scope)),
  }
}

const newest = (versions: readonly string[]): string | undefined =>
  versions.reduce<string | undefined>((so, each) => (isBefore(each, so) ? so : each), undefined)
