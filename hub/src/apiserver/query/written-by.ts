import type { ApiRequest, Caller } from '@bramble/shared/api/api-request.ts'
import type { Written } from '../call.ts'
import { mediaTypeOf } from '../bodies/object-body.ts'
import type { Operation } from '../objects/origin.ts'
import { managerOfAgent } from './field-manager.ts'
import type { ResourceRequest, WriteVerb } from './request-info.ts'
import { type WriteQuery, writeQueryOf } from './write-query.ts'

type Asked = { readonly request: ApiRequest; readonly caller: Caller; readonly info: ResourceRequest }

/** From whom a write is and how it is meant; refuses options that nobody knows before its body is read or anything done. */
export function writtenBy({ request, caller, info }: Asked, verb: WriteVerb): Written {
  const { fieldManager, dryRun, fieldValidation } = queryOf(request.query, verb)
  return {
    origin: {
      user: caller.user,
      account: caller.account,
      manager: fieldManager === '' ? managerOfAgent(request.headers['user-agent'] ?? '') : fieldManager,
      operation: operationOf(verb, request.headers['content-type']),
      subresource: info.subresource,
      dryRun,
    },
    fieldValidation,
  }
}

/** How to delete is told by options of another kind, which have their own way in: `delete-options.ts`. */
const queryOf = (query: URLSearchParams, verb: WriteVerb): WriteQuery =>
  verb === 'delete' || verb === 'deletecollection'
    ? { fieldManager: '', dryRun: false, fieldValidation: 'Ignore' }
    : writeQueryOf(query, verb)

function operationOf(verb: WriteVerb, contentType: string | undefined): Operation {
  if (verb === 'deletecollection') return 'delete'
  return verb === 'patch' && mediaTypeOf(contentType) === 'application/apply-patch+yaml' ? 'apply' : verb
}
