import { type LinkedSignal, linkSignals } from '@bramble/shared/async/linked-signal.ts'
import type { Cache } from '../../cache/cache.ts'
import type { Source } from '../../cache/source.ts'
import { referencesOf, scopeOf, type Reference } from '../../references.ts'
import { configMaps, pods, secrets } from '../../resources.ts'
import { changeOf } from './change-of.ts'
import type { Follow } from './follow.ts'
import type { Scope } from './scope.ts'

// The hub lets a node have a thousand watches; a hundred pods name some hundreds of objects.
const maxReferences = 1000

export type ReferencesDeps = { readonly cache: Cache; readonly source: Source; readonly follow: Follow }

/** Follows each object that a wanted pod names, whoever wants it, and drops it when no pod does any more. */
export async function followReferences({ cache, source, follow }: ReferencesDeps, signal: AbortSignal): Promise<void> {
  const followed = new Map<string, { readonly own: LinkedSignal; readonly done: Promise<void> }>()
  const refused = new Set<string>()
  try {
    while (!signal.aborted) {
      const changed = changeOf(cache, [pods], signal)
      // Before the first list "no pods" is no information.
      if (cache.hasSynced(pods)) {
        const wanted = referencesOf(cache.list(pods))
        for (const scope of storedScopes(source)) if (!wanted.has(scope) && !followed.has(scope)) source.forget(scope)
        for (const [scope, { own, done }] of followed) {
          if (wanted.has(scope)) continue
          followed.delete(scope)
          own.abort()
          await done
          source.forget(scope)
        }
        for (const scope of refused) {
          if (wanted.has(scope) && followed.size >= maxReferences) continue
          refused.delete(scope)
          source.forget(scope)
        }
        for (const [scope, reference] of wanted) {
          if (followed.has(scope) || refused.has(scope)) continue
          if (followed.size >= maxReferences) {
            refused.add(scope)
            source.withhold(scope, `the pods of this node name more than ${maxReferences} ConfigMaps and Secrets`)
            continue
          }
          const own = linkSignals(signal)
          followed.set(scope, { own, done: follow(scopeFor(reference), own.signal).finally(() => own[Symbol.dispose]()) })
        }
      }
      await changed
    }
  } finally {
    await Promise.all([...followed.values()].map(({ done }) => done))
  }
}

const scopeFor = (reference: Reference): Scope => ({
  name: scopeOf(reference),
  resource: reference.type === 'secrets' ? secrets : configMaps,
  query: { namespace: reference.namespace, fieldSelector: `metadata.name=${reference.name}` },
})

/** The scopes of single objects that an earlier life of the agent has left, also of those that did not exist. */
const storedScopes = (source: Source): readonly string[] => source.scopes().filter((scope) => /^(secrets|configmaps)\//.test(scope))
