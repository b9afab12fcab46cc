import { ApiError, noSuchResource } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { createEventTexts } from './answers/event-texts.ts'
import type { Api, Call, Verbs } from './call.ts'
import { createViews, type View } from './answers/view.ts'
import type { Exchange } from './pipeline.ts'
import type { ResourceRequest } from './query/request-info.ts'
import { formOf } from './answers/response.ts'
import { type Subresource, subresourceOf } from './subresources/subresource.ts'
import { create } from './verbs/create.ts'
import { remove } from './verbs/delete.ts'
import { deleteCollection } from './verbs/delete-collection.ts'
import { get } from './verbs/get.ts'
import { list } from './verbs/list.ts'
import { patch } from './verbs/patch.ts'
import { update } from './verbs/update.ts'
import { createWatch } from './verbs/watch.ts'
import { writtenBy } from './query/written-by.ts'

export type DispatchDeps = {
  readonly api: Api
  readonly subresources: readonly Subresource[]
  /** Answers for paths that are not about a resource. */
  readonly paths: (exchange: Exchange) => Promise<ApiResponse | undefined> | ApiResponse | undefined
}

/** Finds what a request is about and hands it to its verb. */
export function createDispatch({ api, subresources, paths }: DispatchDeps): (exchange: Exchange) => Promise<ApiResponse> {
  const verbs: Verbs = {
    get,
    list,
    watch: createWatch(createEventTexts(api.registry)),
    create,
    update,
    patch,
    delete: remove,
    deletecollection: deleteCollection,
  }
  const viewOf = createViews(api.registry)
  const verbsFor = (view: View | undefined): Verbs => (view === undefined ? verbs : { ...verbs, watch: createWatch(view.texts) })
  return async (exchange) => {
    const { info, request, caller, warnings } = exchange
    if (info.type === 'path') {
      const answer = await paths(exchange)
      if (answer === undefined) throw noSuchResource()
      return answer
    }
    const kind = api.kinds.byResource(info.group, info.version, info.resource)
    if (kind === undefined) {
      const answer = await paths(exchange)
      if (answer === undefined) throw noSuchResource()
      return answer
    }
    // A path with a namespace for what has none, or an object without one, names nothing.
    if (!kind.namespaced && info.namespace !== undefined && kind.resource !== 'namespaces') throw noSuchResource()
    if (kind.namespaced && info.namespace === undefined && isAboutOne(info)) throw noSuchResource()

    const view = request.method === 'GET' ? viewOf(caller.user, kind) : undefined
    const seen = view === undefined ? api : { ...api, registry: view.registry }
    const call: Call = { api: seen, request, caller, info, kind, warn: (text) => void warnings.push(text) }
    const answer = answerOf(info.subresource === undefined ? verbsFor(view) : subresourceOf(subresources, call), call)
    if (answer === undefined || !isServed(call) || isOfAllNamespaces(call)) throw notAllowed(info)
    // A write whose answer the caller could not read is refused before it is done.
    if (request.method !== 'GET') formOf(request)
    return answer()
  }
}

function answerOf(verbs: Verbs, call: Call): (() => Promise<ApiResponse>) | undefined {
  const { verb } = call.info
  if (verb === 'get' || verb === 'list' || verb === 'watch') {
    const read = verbs[verb]
    return read && (() => read(call))
  }
  const write = verbs[verb]
  return write && (() => write({ ...call, ...writtenBy(call, verb) }))
}

const isAboutOne = ({ verb, subresource }: ResourceRequest): boolean =>
  subresource !== undefined || (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection')

/** A collection is deleted namespace by namespace, as in Kubernetes: who leaves the namespace out by mistake would empty the cluster. */
const isOfAllNamespaces = ({ kind, info }: Call): boolean =>
  info.verb === 'deletecollection' && kind.namespaced && info.namespace === undefined

const isServed = ({ kind, info }: Call): boolean => {
  if (info.verb === 'create' && info.subresource === undefined && info.name !== undefined) return false
  if ((info.verb === 'update' || info.verb === 'patch') && info.name === undefined) return false
  return info.subresource !== undefined || kind.verbs === undefined || kind.verbs.includes(info.verb)
}

const notAllowed = ({ verb, group, resource }: ResourceRequest) =>
  new ApiError('MethodNotAllowed', `the server does not allow this method on the requested resource (${verb} on ${resource})`, {
    group,
    kind: resource,
  })
