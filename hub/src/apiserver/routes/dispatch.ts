import { badRequest, noSuchResource } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { NotAllowed } from '../answers/not-allowed.ts'
import { createViews } from '../answers/view.ts'
import { formOf, mustBeOf } from '../answers/response.ts'
import type { Api } from '../call.ts'
import type { Exchange } from '../pipeline.ts'
import { isOfMany, type RequestVerb } from '../query/request-info.ts'
import type { Route } from './route.ts'

/** Hands a request to what it leads to. */
export function createDispatch(api: Api): (exchange: Exchange) => Promise<ApiResponse> {
  const viewOf = createViews(api)
  return async ({ match, request, caller, warnings, record }) => {
    switch (match.type) {
      case 'path': {
        const answer = await match.path.answer(request)
        if (answer === undefined) throw noSuchResource()
        const isGet = request.method === 'GET' && request.otherMethod === undefined
        if (!isGet && match.path.anyMethodAt?.test(request.path) !== true) throw new NotAllowed(['GET'])
        return answer
      }
      case 'remote':
        return match.answer(request, caller)
      case 'nothing':
        throw match.refusal()
      case 'action': {
        const { route, action, info } = match
        const isRead = request.method === 'GET'
        if (info.name !== undefined && !isOfMany(info.verb)) mustBeName(info.name)
        if (route.kind?.deprecated !== undefined) {
          warnings.push(route.kind.deprecated)
          const { group, version, resource, subresource = '' } = route
          api.metrics.deprecated.of({ group, version, resource, subresource, removed_release: '' }).count = 1
        }
        // A write whose answer the caller could not read is refused before it is done.
        const form = isRead || route.carries ? undefined : formOf(request, isKept(route, info.verb) ? 'objects' : 'no table')
        if (form?.type === 'metadata' && route.kind !== undefined)
          mustBeOf(info.verb === 'deletecollection' ? 'list' : 'one', form, route.kind)
        const view = isRead && route.kind !== undefined ? viewOf(caller.user, route.kind) : undefined
        const seen = view === undefined ? api : { ...api, ...view }
        const asked = { api: seen, request, caller, info, warn: (text: string) => void warnings.push(text), note: record?.note }
        if (!isRead || route.text !== undefined || route.carries) return action.answer(asked)
        try {
          return await action.answer(asked)
        } catch (error) {
          // Who could not have read an answer is told so before anything else; where there is one, it looks by itself.
          formOf(request, info.verb === 'watch' ? 'events' : 'objects')
          throw error
        }
      }
      default:
        return match satisfies never
    }
  }
}

/** Names are parts of paths: of a few texts Kubernetes says at once that they are none, whatever is asked of them. */
function mustBeName(name: string): void {
  const why = name === '.' || name === '..' ? `may not be '${name}'` : name.includes('%') ? "may not contain '%'" : undefined
  if (why !== undefined) throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${why}`)
}

/** Reviews, bindings, evictions and tokens are answered and forgotten: they have no rows in a table. */
const isKept = ({ kind, subresource }: Route, verb: RequestVerb): boolean =>
  verb !== 'create' || (kind !== undefined && subresource === undefined)
