import type { ApiRequest, Caller } from '@bramble/shared/api/api-request.ts'
import type { Written } from '../call.ts'
import { mediaTypeOf } from '../bodies/object-body.ts'
import type { Operation, Origin } from '../objects/origin.ts'
import { managerOfAgent } from './field-manager.ts'
import type { ResourceRequest, WriteVerb } from './request-info.ts'
import { type WriteQuery, writeQueryOf } from './write-query.ts'

type Asked = { readonly request: ApiRequest; readonly caller: Caller; readonly info: ResourceRequest; readonly note?: Origin['note'] }

/** From whom a write is and how it is meant; refuses options that nobody knows before its body is read or anything done. */
export function writtenBy({ request, caller, info, note }: Asked, verb: WriteVerb): Written {
  const operation = operationOf(verb, request.headers['content-type'])
  const { fieldManager, dryRun, fieldValidation, isForced } = queryOf(request.query, operation)
  return {
    origin: {
      ...caller,
      manager: fieldManager === '' ? managerOfAgent(request.headers['user-agent'] ?? '') : fieldManager,
      operation,
      subresource: info.subresource,
      dryRun,
      query: request.query,
      note,
    },
    fieldValidation,
    isForced,
  }
}

/** How to delete is told by options of another kind, which have their own way in: `delete-options.ts`. */
const queryOf = (query: URLSearchParams, operation: Operation): WriteQuery =>
  operation === 'delete' ? { fieldManager: '', dryRun: false, fieldValidation: 'Ignore', isForced: false } : writeQueryOf(query, operation)

function operationOf(verb: WriteVerb, contentType: string | undefined): Operation {
  if (verb === 'deletecollection') return 'delete'
  return verb === 'patch' && mediaTypeOf(contentType) === 'application/apply-patch+yaml' ? 'apply' : verb
}
