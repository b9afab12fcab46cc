import type { Cache } from './cache.ts'
import { CacheImage, versionOf } from './cache-image.ts'
import { Sources } from './sources.ts'
import { Withheld } from './withheld.ts'

/** A cache that forgets when the process ends: for tests and for simulated nodes. */
export function createMemoryCache(): Cache {
  const image = new CacheImage()
  const facts = new Map<string, string>()
  const withheld = new Withheld()
  const sources = new Sources({
    image,
    apply(changes) {
      for (const change of changes) {
        withheld.delete(change.scope)
        image.apply(change)
      }
    },
    forget(scope) {
      withheld.delete(scope)
      image.forget(scope)
    },
    withhold(scope, why) {
      image.forget(scope)
      withheld.add(scope, why)
    },
    hasRoom: () => true,
    read(resource, key, source) {
      withheld.check(resource, key, [source])
      return image.get(resource, key, source)
    },
    whole: (_resource, object) => object,
  })
  return {
    source: (name, gives) => sources.open(name, gives),
    get(resource, key) {
      withheld.check(resource, key, image.sources)
      return image.get(resource, key)
    },
    versionOf(resource, key) {
      withheld.check(resource, key, image.sources)
      return versionOf(image.get(resource, key))
    },
    list: (resource) => image.list(resource),
    unlisted: (resource) => image.unlisted(resource),
    hasSynced: (resource, key) => sources.hasSynced(resource, key),
    subscribe: (resource, listener) => image.subscribe(resource, listener),
    facts: {
      get: (key) => parsed(facts.get(key)),
      set: (key, value) => void facts.set(key, JSON.stringify(value)),
      delete: (key) => void facts.delete(key),
    },
    problem: () => withheld.problem(),
    save: () => {},
    close: () => {},
  }
}

// As text, so that a fact is a copy here too, exactly as it is on disk.
const parsed = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text))
