import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Cache } from '../../cache/cache.ts'
import { referencesOf } from '../../references.ts'
import { configMaps, secrets } from '../../resources.ts'

/** Tells whose pods name a ConfigMap or Secret that changed: whoever hears reads again all that its volumes are made of. */
export function createObjectNews(cache: Cache) {
  const told = new Map<string, string>()
  /** The uids of the pods for whom something changed since the last call. */
  return (wanted: ReadonlyMap<string, Pod>): readonly string[] => {
    for (const uid of told.keys()) if (!wanted.has(uid)) told.delete(uid)
    return [...wanted].flatMap(([uid, pod]) => {
      const versions = versionsIn(cache, pod)
      if (told.get(uid) === versions) return []
      told.set(uid, versions)
      return [uid]
    })
  }
}

const versionsIn = (cache: Cache, pod: Pod): string =>
  [...referencesOf([pod]).values()]
    .map(({ type, ...key }) => {
      try {
        return cache.versionOf(type === 'secrets' ? secrets : configMaps, key)
      } catch (error) {
        return messageOf(error) // not kept, and why: that is news too
      }
    })
    .join()
