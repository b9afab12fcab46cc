import type { Cache } from './cache.ts'
import { CacheImage, keyText, nameOf, reading, replacement, versionOf } from './cache-image.ts'
import { Withheld } from './withheld.ts'

/** A cache that forgets when the process ends: for tests and for simulated nodes. */
export function createMemoryCache(): Cache {
  const image = new CacheImage()
  const facts = new Map<string, string>()
  const withheld = new Withheld()
  return {
    ...reading(image),
    get(resource, key) {
      withheld.check(`${nameOf(resource)}/${keyText(key)}`)
      return image.get(resource, key)
    },
    versionOf(resource, key) {
      withheld.check(`${nameOf(resource)}/${keyText(key)}`)
      return versionOf(image.get(resource, key))
    },
    list: (resource) => image.list(resource),
    apply(change) {
      withheld.delete(change.scope)
      image.apply(change)
    },
    replace(scope, resource, objects, resourceVersion) {
      withheld.delete(scope)
      image.apply(replacement(image, scope, resource, objects, resourceVersion))
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
