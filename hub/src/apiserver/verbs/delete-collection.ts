import { isApiError } from '@bramble/shared/api-error.ts'
import { several } from '@bramble/shared/async/several.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { exactJson } from '@bramble/shared/exact-json.ts'
import { apiVersionOf } from '@bramble/shared/kind.ts'
import { shownText } from '@bramble/shared/shown-text.ts'
import type { Verb } from '../call.ts'
import { readableObject, selectionOf } from '../selectors.ts'
import { deleteObject } from './delete.ts'
import { deleteRequest } from './delete-options.ts'
import { headOf, isLong, roomFor, streamOf } from './list-stream.ts'
import { readPage, warnOfOdd } from './list.ts'

/** So many deletions share what a transaction costs. */
const deletionsAtOnce = 64

/** Deletes all that a list with the same selectors shows, and answers that list. What is stored and cannot be read stays, and the caller hears of it. */
export const deleteCollection: Verb = async (call) => {
  const { api, kind, info, request, warn } = call
  const options = deleteRequest(request)
  const page = await readPage(call, selectionOf(kind, request.query))
  const leave = request.pageBytes === undefined && isLong(page.entries) ? await roomFor(call, page.entries) : undefined
  // As text: of tens of thousands the objects take many times as much.
  const items: string[] = []
  const odd: string[] = []
  try {
    await several(page.entries, deletionsAtOnce, async (entry, index) => {
      if (isTurnOver()) await nextTurn()
      const found = readableObject(api.registry, kind, entry)
      if (found === undefined) return void odd.push(entry.key)
      const { name, namespace } = found.metadata
      try {
        const { object } = await deleteObject({ ...call, info: { ...info, name, namespace } }, options)
        items[index] = exactJson(object)
      } catch (error) {
        if (isApiError(error, 'NotFound')) return // gone already is what was wanted
        if (isApiError(error)) throw error
        // Stored by another hub or a failing disk, and no object of its kind below its metadata: it costs itself only.
        warn(`a stored object that cannot be read is left: ${shownText(name, 300)}`)
      }
    })
  } catch (error) {
    leave?.()
    throw error
  }
  warnOfOdd(warn, odd)
  const deleted = items.filter((item) => item !== undefined)
  const head = headOf(`${kind.kind}List`, apiVersionOf(kind), page.metadata)
  if (leave !== undefined) return streamOf(head, deleted, leave)
  return { type: 'raw', status: 200, contentType: 'application/json', raw: `${head}${deleted.join(',')}]}` }
}
