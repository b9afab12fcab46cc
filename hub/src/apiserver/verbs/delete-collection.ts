import { isApiError } from '@bramble/shared/api-error.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { KubeObject } from '@bramble/shared/client.ts'
import { apiVersionOf } from '@bramble/shared/kind.ts'
import type { Verb } from '../call.ts'
import { selectionOf } from '../selectors.ts'
import { deleteObject } from './delete.ts'
import { deleteRequest } from './delete-options.ts'
import { readPage } from './list.ts'

/** Deletes all that a list with the same selectors shows, and answers that list. */
export const deleteCollection: Verb = async (call) => {
  const { api, kind, info, request } = call
  const options = deleteRequest(request)
  const page = await readPage(call, selectionOf(kind, request.query))
  const items: KubeObject[] = []
  for (const entry of page.entries) {
    if (isTurnOver()) await nextTurn()
    const { name, namespace } = api.registry.objectOf<KubeObject>(kind, entry).metadata
    try {
      const { object } = await deleteObject({ ...call, info: { ...info, name, namespace } }, options)
      items.push(object)
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error // gone already is what was wanted
    }
  }
  return {
    type: 'object',
    status: 200,
    object: { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: page.metadata, items },
  }
}
