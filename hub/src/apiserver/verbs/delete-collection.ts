import { isApiError } from '@bramble/shared/api/api-error.ts'
import { several } from '@bramble/shared/async/several.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { apiVersionOf, listKindOf } from '@bramble/shared/schema/kind.ts'
import { shownText } from '@bramble/shared/text/shown-text.ts'
import type { Verb, WriteCall } from '../call.ts'
import { itemTextFor } from '../answers/list-items.ts'
import { objectOrRemnant } from '../objects/stored/remnant.ts'
import { selectionOf } from '../query/selectors.ts'
import { deleteObject, warnOfOrphans } from './delete.ts'
import { deleteRequest } from './delete-options.ts'
import { headOf, isLong, roomFor, streamOf } from './list-stream.ts'
import { readPage } from './list.ts'

/** So many deletions share what a transaction costs. */
const deletionsAtOnce = 64

/**
 * Deletes all that a list with the same selectors shows, and answers that list. Without a selector what is stored and cannot be read goes
 * too, and the caller hears of it: it would stay behind in a namespace that is gone.
 */
export const deleteCollection: Verb<WriteCall> = async (call) => {
  const { api, kind, info, request, warn } = call
  const options = deleteRequest(request)
  warnOfOrphans(call, options)
  const page = await readPage(call, selectionOf(kind, request.query))
  const leave = request.pageBytes === undefined && isLong(page.entries) ? await roomFor(call, page.entries) : undefined
  // As text: of tens of thousands the objects take many times as much.
  const items: string[] = []
  const itemText = itemTextFor(call)
  const odd: string[] = []
  try {
    await several(page.entries, deletionsAtOnce, async (entry, index) => {
      if (isTurnOver()) await nextTurn()
      const { object: found, isRemnant } = objectOrRemnant(api.registry, kind, entry)
      const { name, namespace } = found.metadata
      try {
        const { object } = await deleteObject({ ...call, info: { ...info, name, namespace } }, options)
        if (isRemnant) odd.push(entry.key)
        else items[index] = itemText(exactJson(object))
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error // gone already is what was wanted
      }
    })
  } catch (error) {
    leave?.()
    throw error
  }
  if (odd.length > 0)
    warn(`stored objects that cannot be read are deleted too: ${odd.length}, the first is ${shownText(odd[0] ?? '', 300)}`)
  const deleted = items.filter((item) => item !== undefined)
  const head = headOf(listKindOf(kind), apiVersionOf(kind), page.metadata)
  if (leave !== undefined) return streamOf(head, deleted, leave)
  return { type: 'raw', status: 200, contentType: 'application/json', raw: `${head}${deleted.join(',')}]}` }
}
