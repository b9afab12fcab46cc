import type { KubeObject, Resource } from '@bramble/shared/client.ts'
import type { Cache } from '../cache/cache.ts'
import { configMaps, scopeOfObject, secrets, services } from '../resources.ts'
import { NotHeardYet, type Objects } from './env.ts'

/** What the cache holds of a namespace, and whether what it does not hold is known not to exist. */
export const objectsIn = (cache: Cache) => {
  const find =
    <T extends KubeObject>(resource: Resource<T>, namespace: string) =>
    (name: string, { optional = false }: { readonly optional?: boolean } = {}): T | undefined => {
      const found = cache.get(resource, { namespace, name })
      if (found === undefined && optional && name !== '' && !cache.hasSynced(scopeOfObject(resource, { namespace, name })))
        throw new NotHeardYet(`the hub has not told yet whether ${resource.kind.toLowerCase()} "${name}" exists`)
      return found
    }
  return (namespace: string): Objects => ({
    configMap: find(configMaps, namespace),
    secret: find(secrets, namespace),
    services: () => cache.list(services),
  })
}
