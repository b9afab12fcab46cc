import { ApiError } from '@bramble/shared/api-error.ts'
import type { Client, KubeObject } from '@bramble/shared/client.ts'
import { createRestClient, type TransportRequest } from '@bramble/shared/rest-client.ts'

/** For tests of this room: the REST client over a map of objects by path, with resourceVersions and preconditions and no other rule. */
export function createMapClient(): Client & { readonly objects: ReadonlyMap<string, KubeObject> } {
  const objects = new Map<string, KubeObject>()
  let revision = 0
  const stored = (path: string, body: unknown): KubeObject => {
    const object = structuredClone(body) as KubeObject // the tests' own objects
    object.metadata.resourceVersion = String(++revision)
    objects.set(path, object)
    return object
  }
  const found = (path: string): KubeObject => {
    const object = objects.get(path)
    if (object === undefined) throw new ApiError('NotFound', `${path} not found`)
    return object
  }
  const checked = (path: string, resourceVersion: string | undefined) => {
    const { metadata } = found(path)
    if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
      throw new ApiError('Conflict', `${path} was modified`)
  }
  const request = async ({ method, path, body }: TransportRequest): Promise<unknown> => {
    const object = body as KubeObject & { preconditions?: { resourceVersion?: string } } // by method, below
    switch (method) {
      case 'GET': {
        const items = [...objects].filter(([key]) => key.startsWith(`${path}/`)).map(([, item]) => item)
        return objects.has(path) || items.length === 0 ? found(path) : { items, metadata: { resourceVersion: String(revision) } }
      }
      case 'POST':
        return stored(`${path}/${object.metadata.name}`, body)
      case 'PUT':
        checked(path, object.metadata.resourceVersion)
        return stored(path, body)
      case 'DELETE':
        checked(path, object.preconditions?.resourceVersion)
        return objects.delete(path)
      case 'PATCH':
        throw new ApiError('MethodNotAllowed', 'the map client cannot patch')
      default:
        return method satisfies never
    }
  }
  const client = createRestClient({
    async request(asked) {
      const isList = asked.method === 'GET' && /\/(secrets|nodes)$/.test(asked.path)
      if (isList && ![...objects.keys()].some((key) => key.startsWith(`${asked.path}/`)))
        return { items: [], metadata: { resourceVersion: String(revision) } }
      return request(asked)
    },
    watch: () => {
      throw new ApiError('MethodNotAllowed', 'the map client cannot watch')
    },
    stream: () => {
      throw new ApiError('MethodNotAllowed', 'the map client cannot stream')
    },
  })
  return { ...client, objects }
}
