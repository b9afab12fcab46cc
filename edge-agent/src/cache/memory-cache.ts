import type { Cache } from './cache.ts'
import { CacheImage, reading, replacement } from './cache-image.ts'

/** A cache that forgets when the process ends: for tests and for simulated nodes. */
export function createMemoryCache(): Cache {
  const image = new CacheImage()
  const facts = new Map<string, string>()
  return {
    ...reading(image),
    apply: (change) => image.apply(change),
    replace: (scope, resource, objects, resourceVersion) => image.apply(replacement(image, scope, resource, objects, resourceVersion)),
    forget: (scope) => image.forget(scope),
    facts: {
      get: (key) => parsed(facts.get(key)),
      set: (key, value) => void facts.set(key, JSON.stringify(value)),
      delete: (key) => void facts.delete(key),
    },
    problem: () => undefined,
    save: () => {},
    close: () => {},
  }
}

// As text, so that a fact is a copy here too, exactly as it is on disk.
const parsed = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text))
