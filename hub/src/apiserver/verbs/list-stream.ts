import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { openedBefore } from '@bramble/shared/async/opened-before.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { apiVersionOf, listKindOf } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../store/store.ts'
import { type Call, nowOf } from '../call.ts'
import { itemPartsFor } from '../answers/list-items.ts'
import { type Form, storedMetadata } from '../answers/response.ts'
import { readableObject } from '../query/selectors.ts'
import { toTable } from '../answers/table.ts'
import { TextChunks } from '../answers/text-chunks.ts'

/** A list longer than this is sent as it is read: as one text it would be in memory for each of its readers, and once more as bytes. */
const streamedFrom = 256 * 1024
const chunkBytes = 64 * 1024

export type ListMeta = { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number }
export type Page = { readonly entries: readonly Entry[]; readonly metadata: ListMeta }

/** Doors whose messages are bounded, and the loopback, take a list whole. */
export const isStreamed = ({ request }: Call, form: Form, { entries }: Page): boolean =>
  form.type !== 'shared' && !(form.type === 'metadata' && form.of === 'anything') && request.pageBytes === undefined && isLong(entries)

export const isLong = (entries: readonly Entry[]): boolean => lengthOf(entries) > streamedFrom

const lengthOf = (entries: readonly Entry[]): number => entries.reduce((sum, { value }) => sum + value.length, 0)

/**
 * The answer for a page that is read anew once there is room for it: what waits holds nothing. It has its room until its reader has
 * everything or is gone.
 */
export async function streamedList(call: Call, form: Form, first: Page, readAgain: () => Promise<Page>): Promise<ApiResponse> {
  const { registry } = call.api
  const revision = () => registry.store.revisionOf(registry.prefixOf(call.kind))
  const before = revision()
  const leave = await roomFor(call, first.entries)
  try {
    const page = revision() === before ? first : await readAgain()
    const stream = openedBefore(bytesOf(call, form, page, leave), leave)
    return { type: 'stream', status: 200, contentType: 'application/json', stream, isCompressible: true }
  } catch (error) {
    leave()
    throw error
  }
}

/** Waits until there is room for what is to be read; the function gives it back. */
export async function roomFor({ api, caller: { account }, request }: Call, entries: readonly Entry[]): Promise<() => void> {
  const leave = await api.budget.waitToAnswer(account, lengthOf(entries), request)
  if (leave === undefined) throw tooManyLists(account.name)
  return leave
}

const tooManyLists = (name: string) =>
  new ApiError(
    'TooManyRequests',
    `${name} reads as many long lists as it may have at once: please try again, or ask for pages with a limit`,
    {
      retryAfterSeconds: 1,
    },
  )

const bytesOf = (call: Call, form: Form, { entries, metadata }: Page, leave: () => void): AsyncGenerator<Uint8Array> => {
  const [head, itemOf] = partsOf(call, form, metadata)
  return chunks(head, entries, itemOf, leave)
}

/** What was made of each of many objects, sent as it is turned into bytes; `leave` is called when that is over. */
export const streamOf = (head: string, items: readonly string[], leave: () => void): ApiResponse => ({
  ...{ type: 'stream', status: 200, contentType: 'application/json', isCompressible: true },
  stream: openedBefore(
    chunks(head, items, (item) => ({ parts: [item] }), leave),
    leave,
  ),
})

type Shown = { readonly parts: readonly string[]; readonly isAscii?: boolean | undefined }

async function* chunks<T>(
  head: string,
  items: readonly T[],
  shownOf: (item: T) => Shown | undefined,
  leave: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    const out = new TextChunks(chunkBytes)
    out.add(head) // with nothing before it there is nothing to send
    let separator = ''
    for (const each of items) {
      if (isTurnOver()) await nextTurn()
      const item = shownOf(each)
      if (item === undefined) continue
      for (const text of [separator, ...item.parts]) {
        const full = out.add(text, item.isAscii)
        if (full !== undefined) yield full
      }
      separator = ','
    }
    const full = out.add(']}')
    if (full !== undefined) yield full
    yield out.rest()
  } finally {
    leave()
  }
}

/** What stands before the items, and how one of them is written; nothing for what cannot be read. */
function partsOf(call: Call, form: Form, metadata: ListMeta): readonly [string, (entry: Entry) => Shown | undefined] {
  const { api, kind } = call
  const leftOut = ({ key }: Entry): undefined => {
    api.log.warn({ key }, 'a stored object that cannot be read is left out of a list')
  }
  const of = (write: (object: NonNullable<ReturnType<typeof readableObject>>, entry: Entry) => object) => (entry: Entry) => {
    const object = readableObject(api.registry, kind, entry)
    return object === undefined ? leftOut(entry) : { parts: [exactJson(write(object, entry))] }
  }
  const itemParts = itemPartsFor(call)
  const whole = (entry: Entry) => {
    try {
      return { parts: itemParts(entry), isAscii: entry.isAscii }
    } catch {
      return leftOut(entry)
    }
  }
  if (form.type === 'table') {
    const now = nowOf(api)
    const request = { ...form, kind, listMeta: metadata, now, withColumns: true }
    const { rows: _rows, ...head } = toTable({ ...request, objects: [] })
    return [`${exactJson(head).slice(0, -1)},"rows":[`, of((object) => toTable({ ...request, objects: [object] }).rows[0] ?? {})]
  }
  if (form.type === 'metadata')
    return [headOf('PartialObjectMetadataList', form.version, metadata), of((_object, entry) => storedMetadata(call, form, entry))]
  return [headOf(listKindOf(kind), apiVersionOf(kind), metadata), whole]
}

export const headOf = (kind: string, apiVersion: string, metadata: ListMeta): string =>
  `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`
