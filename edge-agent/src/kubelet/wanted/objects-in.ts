import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import type { Cache } from '../../cache/cache.ts'
import { configMaps, secrets, services } from '../../resources.ts'
import { NotHeardYet, type Objects } from '../env/env.ts'

type Asked = { readonly optional?: boolean }

/** What the cache holds of a namespace, and whether what it does not hold is known not to exist. */
export const objectsIn =
  (cache: Cache) =>
  (namespace: string): Objects => {
    const has = (resource: Resource, name: string, { optional = false }: Asked = {}): boolean => {
      const isThere = cache.versionOf(resource, { namespace, name }) !== undefined
      if (!isThere && optional && name !== '' && !cache.hasSynced(resource, { namespace, name }))
        throw new NotHeardYet(`the hub has not told yet whether ${resource.kind.toLowerCase()} "${name}" exists`)
      return isThere
    }
    const find =
      <T extends KubeObject>(resource: Resource<T>) =>
      (name: string, asked?: Asked): T | undefined =>
        has(resource, name, asked) ? cache.get(resource, { namespace, name }) : undefined
    return {
      has: (kind, name, asked) => has(kind === 'secret' ? secrets : configMaps, name, asked),
      configMap: find(configMaps),
      secret: find(secrets),
      services: () => cache.list(services),
    }
  }
