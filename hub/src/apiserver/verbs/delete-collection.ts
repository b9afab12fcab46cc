import { isApiError } from '@bramble/shared/api-error.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { KubeObject } from '@bramble/shared/client.ts'
import { apiVersionOf } from '@bramble/shared/kind.ts'
import { shownText } from '@bramble/shared/shown-text.ts'
import type { Verb } from '../call.ts'
import { selectionOf } from '../selectors.ts'
import { deleteObject } from './delete.ts'
import { deleteRequest } from './delete-options.ts'
import { readPage, understood } from './list.ts'

/** Deletes all that a list with the same selectors shows, and answers that list. What is stored and cannot be read stays, and the caller hears of it. */
export const deleteCollection: Verb = async (call) => {
  const { kind, info, request, warn } = call
  const options = deleteRequest(request)
  const page = await readPage(call, selectionOf(kind, request.query))
  const items: KubeObject[] = []
  for (const { metadata } of await understood(call, page.entries)) {
    if (isTurnOver()) await nextTurn()
    const { name, namespace } = metadata
    try {
      const { object } = await deleteObject({ ...call, info: { ...info, name, namespace } }, options)
      items.push(object)
    } catch (error) {
      if (isApiError(error, 'NotFound')) continue // gone already is what was wanted
      if (isApiError(error)) throw error
      // Stored by another hub or a failing disk, and no object of its kind below its metadata: it costs itself only.
      warn(`a stored object that cannot be read is left: ${shownText(name, 300)}`)
    }
  }
  return {
    type: 'object',
    status: 200,
    object: { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: page.metadata, items },
  }
}
