import type { ApiRequest, ApiResponse, Handler, RawWatchEvent, User } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'

type Stored = KubeObject & { metadata: { resourceVersion: string; uid: string } }

/**
 * Just enough of an apiserver to talk to over frames: objects by path, one revision, watches from a revision, and a history that
 * can be cut off. Records who asked for what.
 */
export function createSmallApi() {
  const objects = new Map<string, Stored>()
  const history: {
    readonly revision: number
    readonly collection: string
    readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
    readonly object: Stored
  }[] = []
  const asked: { readonly method: string; readonly path: string; readonly user: User }[] = []
  const wakes = new Set<() => void>()
  let revision = 100
  let oldest = 0
  let openWatches = 0

  const collectionOf = (path: string) => path.slice(0, path.lastIndexOf('/'))
  const record = (type: 'ADDED' | 'MODIFIED' | 'DELETED', path: string, object: KubeObject): Stored => {
    revision += 1
    const stored = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(revision), uid: object.metadata.uid ?? `uid-${revision}` },
    } as Stored
    if (type === 'DELETED') objects.delete(path)
    else objects.set(path, stored)
    history.push({ revision, collection: collectionOf(path), type, object: stored })
    for (const wake of wakes) wake()
    return stored
  }

  async function* follow(collection: string, from: number, signal: AbortSignal): AsyncGenerator<RawWatchEvent> {
    openWatches += 1
    let at = from
    try {
      while (!signal.aborted) {
        const due = history.filter((entry) => entry.revision > at && isIn(entry.collection, collection))
        for (const { type, object, revision: own } of due) {
          at = own
          yield { type, object, resourceVersion: String(own), text: JSON.stringify({ type, object }) }
        }
        if (due.length > 0) continue
        await new Promise<void>((resolve) => {
          const wake = () => {
            wakes.delete(wake)
            signal.removeEventListener('abort', wake)
            resolve()
          }
          wakes.add(wake)
          signal.addEventListener('abort', wake, { once: true })
        })
      }
    } finally {
      openWatches -= 1
    }
  }

  const failure = (code: number, reason: string, message: string): ApiResponse => ({
    status: code,
    type: 'object',
    object: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code },
  })
  const success = (object: object, status = 200): ApiResponse => ({ status, type: 'object', object })

  const handler: Handler = async ({ method, path, query, body, signal }: ApiRequest, { user }) => {
    asked.push({ method, path, user })
    const sent = body === undefined ? {} : JSON.parse(Buffer.from(body as Uint8Array).toString())
    const existing = objects.get(path)
    switch (method) {
      case 'GET': {
        if (query.get('watch') === 'true') {
          const from = Number(query.get('resourceVersion') ?? revision)
          if (from < oldest) return failure(410, 'Expired', 'too old resource version')
          return { status: 200, type: 'events', events: follow(path, from, signal) }
        }
        if (path.endsWith('/log')) return { status: 200, type: 'stream', contentType: 'text/plain', stream: countdown() }
        if (/\/(pods|leases|services|endpointslices|nodes|configmaps|secrets)$/.test(path)) {
          const items = [...objects].filter(([key]) => key.startsWith(`${path}/`) || isInNamespaces(key, path)).map(([, object]) => object)
          const name = /metadata\.name=([^,]+)/.exec(query.get('fieldSelector') ?? '')?.[1]
          return success({
            metadata: { resourceVersion: String(revision) },
            items: items.filter((item) => name === undefined || item.metadata.name === name),
          })
        }
        return existing === undefined ? failure(404, 'NotFound', `${path} not found`) : success(existing)
      }
      case 'POST': {
        const at = `${path}/${sent.metadata.name}`
        return objects.has(at) ? failure(409, 'AlreadyExists', `${at} already exists`) : success(record('ADDED', at, sent), 201)
      }
      case 'PATCH': {
        const at = path.replace(/\/status$/, '')
        const target = objects.get(at)
        return target === undefined
          ? failure(404, 'NotFound', `${at} not found`)
          : success(record('MODIFIED', at, merge(target, sent) as Stored))
      }
      case 'DELETE':
        return existing === undefined ? failure(404, 'NotFound', `${path} not found`) : success(record('DELETED', path, existing))
      default:
        return failure(405, 'MethodNotAllowed', method)
    }
  }

  return {
    handler,
    asked,
    objects,
    put: (path: string, object: KubeObject) => record(objects.has(path) ? 'MODIFIED' : 'ADDED', path, object),
    remove(path: string) {
      const object = objects.get(path)
      if (object !== undefined) record('DELETED', path, object)
    },
    forgetHistory() {
      oldest = revision
      history.length = 0
    },
    get openWatches() {
      return openWatches
    },
    get revision() {
      return revision
    },
  }
}

/** `/api/v1/pods` lists what is at `/api/v1/namespaces/x/pods/y`. */
const isInNamespaces = (key: string, path: string) => {
  const resource = path.slice(path.lastIndexOf('/') + 1)
  return new RegExp(`^${collection(path)}/namespaces/[^/]+/${resource}/[^/]+$`).test(key)
}
const collection = (path: string) => path.slice(0, path.lastIndexOf('/'))

const isIn = (collectionOfObject: string, asked: string) =>
  collectionOfObject === asked || isInNamespaces(`${collectionOfObject}/any`, asked)

async function* countdown(): AsyncGenerator<Uint8Array> {
  for (const line of ['three\n', 'two\n', 'one\n']) yield Buffer.from(line)
}

const merge = (target: unknown, patch: unknown): unknown => {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result: Record<string, unknown> = { ...(target as Record<string, unknown>) }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = merge(result[key] ?? {}, value)
  }
  return result
}
