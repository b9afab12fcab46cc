import { ApiError, type StatusDetails } from './api-error.ts'
import { isReason, reasonOfCode } from './api-status.ts'
import type {
  CallOptions,
  Client,
  DeleteOptions,
  KubeObject,
  List,
  ListQuery,
  ObjectKey,
  Resource,
  WatchEvent,
  WriteOptions,
} from './client.ts'
import type { Method } from './api-request.ts'
import { isObject } from '../json/is-object.ts'
import { keyOf } from './object-key.ts'
import { pathOf } from './path.ts'

/** A request as a transport carries it: the path is encoded, the query is a plain record, the body a JSON value. */
export type TransportRequest = {
  readonly method: Method
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Instead of whole objects; a transport that cannot ask for it gets those. */
  readonly only?: 'metadata'
  readonly contentType?: string
  readonly body?: unknown
}

/** What differs between loopback, HTTPS and MQTT. Statuses ≥ 400 are thrown as the `ApiError` that `errorOf` makes. */
export type Transport = {
  request(request: TransportRequest, options: CallOptions): Promise<unknown>
  /** The events of a watch; BOOKMARKs included, an ERROR event thrown as its `ApiError`. */
  watch(request: TransportRequest, options: CallOptions & { readonly signal: AbortSignal }): AsyncIterable<WatchEvent<KubeObject>>
  stream(request: TransportRequest, options: CallOptions): AsyncIterable<Uint8Array>
}

/** The `Client` of the Kubernetes REST conventions over any transport. */
export function createRestClient(transport: Transport): Client {
  const write = (
    method: Method,
    resource: Resource,
    key: Partial<ObjectKey>,
    body: unknown,
    options: WriteOptions,
    contentType = 'application/json',
  ) =>
    transport.request({ method, path: pathOf(resource, key, options.subresource), query: writeQuery(options), contentType, body }, options)
  const remove = async (
    resource: Resource,
    key: Partial<ObjectKey>,
    { signal, timeoutMs, ...options }: DeleteOptions & CallOptions = {},
  ): Promise<void> => {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...options }
    const path = pathOf(resource, key)
    await transport.request({ method: 'DELETE', path, query: {}, contentType: 'application/json', body }, { signal, timeoutMs })
  }

  return {
    get: (resource, key, options = {}) => transport.request({ method: 'GET', path: pathOf(resource, key), query: {} }, options) as never,
    list: (resource, query = {}, options = {}) =>
      transport.request(
        { method: 'GET', path: pathOf(resource, { namespace: query.namespace }), query: listQuery(query), ...formOf(resource) },
        options,
      ) as Promise<List<never>>,
    watch: (resource, query, options) =>
      transport.watch(
        {
          method: 'GET',
          path: pathOf(resource, { namespace: query.namespace }),
          ...formOf(resource),
          query: {
            ...listQuery(query),
            watch: 'true',
            ...(query.allowWatchBookmarks && { allowWatchBookmarks: 'true' }),
            ...(query.timeoutSeconds !== undefined && { timeoutSeconds: String(query.timeoutSeconds) }),
          },
        },
        options,
      ) as AsyncIterable<WatchEvent<never>>,
    create: (resource, object, options = {}) => write('POST', resource, { namespace: object.metadata.namespace }, object, options) as never,
    createSub: (resource, key, subresource, body, options = {}) => write('POST', resource, key, body, { ...options, subresource }),
    update: (resource, object, options = {}) => write('PUT', resource, keyOf(object), object, options) as never,
    patch: (resource, key, { type, body }, options = {}) => write('PATCH', resource, key, body, options, type) as never,
    delete: remove,
    deleteCollection: (resource, namespace, options) => remove(resource, { namespace }, options),
    stream: (resource, key, subresource, query, options = {}) =>
      transport.stream({ method: 'GET', path: pathOf(resource, key, subresource), query }, options),
  }
}

const formOf = ({ only }: Resource): Pick<TransportRequest, 'only'> => (only === undefined ? {} : { only })

/** The error a `Status` object speaks of. One without a reason that we know is what its code says, if that is known. */
export function errorOf(status: unknown, code = 500): ApiError {
  const { reason, message, details }: Readonly<Record<string, unknown>> = isObject(status) ? status : {}
  return new ApiError(
    typeof reason === 'string' && isReason(reason) ? reason : reasonOfCode(code),
    typeof message === 'string' ? message : 'the server gave no reason',
    isObject(details) ? (details as StatusDetails) : {}, // shown, and looked into by who asked a server of ours
  )
}

const listQuery = ({
  namespace: _path,
  limit,
  ...query
}: ListQuery & { allowWatchBookmarks?: boolean; timeoutSeconds?: number }): Record<string, string> => {
  const { allowWatchBookmarks: _bookmarks, timeoutSeconds: _timeout, ...selectors } = query
  return { ...defined(selectors), ...(limit !== undefined && { limit: String(limit) }) }
}

const writeQuery = ({ dryRun, fieldManager }: WriteOptions): Record<string, string> => ({
  ...(dryRun && { dryRun: 'All' }),
  ...defined({ fieldManager }),
})

const defined = (record: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).filter((entry): entry is [string, string] => entry[1] !== undefined))
