import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { PageExpired } from '@bramble/shared/api/page-expired.ts'
import { apiVersionOf, listKindOf } from '@bramble/shared/schema/kind.ts'
import { type Entry, type Listing, RevisionAhead, RevisionCompacted } from '../../store/store.ts'
import { type Call, type Verb, nowOf } from '../call.ts'
import { type ContinueToken, decodeContinue, encodeContinue } from '../query/continue-token.ts'
import { checkListOptions } from '../query/list-options.ts'
import { queryNumber } from '../query/query-number.ts'
import { expired, parseListedVersion, reached, tooLarge } from '../query/resource-version.ts'
import { itemPartsFor } from '../answers/list-items.ts'
import { formOf, mustBeOf, storedMetadata } from '../answers/response.ts'
import { readableObject, type Selection, scopeOf, selectionOf, selects } from '../query/selectors.ts'
import { toTable } from '../answers/table.ts'
import { isLong, isStreamed, type Page, roomFor, streamedList } from './list-stream.ts'
import { warnOfOdd } from './odd-objects.ts'
import { sharedPage } from './shared-page.ts'

export const list: Verb = async (call) => {
  const shared = await sharedPage(call)
  if (shared !== undefined) return shared
  const read = () => readPage(call, selectionOf(call.kind, call.request.query))
  const page = await read()
  const form = formOf(call.request)
  const { api, kind } = call
  if (form.type === 'metadata') mustBeOf('list', form, kind)
  if (isStreamed(call, form, page)) return streamedList(call, form, readable(call, page), async () => readable(call, await read()))
  if (form.type === 'text') return textList(call, page)
  const { metadata } = page
  // Each is reduced as it is read, so that not all are in memory at once.
  if (form.type === 'metadata') {
    const items = await understood(call, page.entries, (_object, entry) => storedMetadata(call, form, entry))
    return objectAnswer({ kind: 'PartialObjectMetadataList', apiVersion: form.version, metadata, items })
  }
  const objects = await understood(call, page.entries)
  switch (form.type) {
    case 'shared':
      return objectAnswer({ kind: listKindOf(kind), apiVersion: apiVersionOf(kind), metadata, items: objects })
    case 'table':
      return objectAnswer(toTable({ ...form, kind, objects, listMeta: metadata, now: nowOf(api), withColumns: true }))
    default:
      return form satisfies never
  }
}

/** In turns, as there may be megabytes to parse. A stored object that cannot be read costs itself only, and the caller hears of it. */
export async function understood(
  { api, kind, warn }: Call,
  entries: readonly Entry[],
  shown: (object: KubeObject, entry: Entry) => KubeObject = (object) => object,
): Promise<readonly KubeObject[]> {
  const objects: KubeObject[] = []
  const odd: string[] = []
  for (const entry of entries) {
    if (isTurnOver()) await nextTurn()
    const object = readableObject(api.registry, kind, entry)
    if (object === undefined) odd.push(entry.key)
    else objects.push(shown(object, entry))
  }
  warnOfOdd(warn, odd)
  return objects
}

/** The page without what is no object of this kind, of which the caller hears. */
function readable({ api, kind, warn }: Call, { entries, metadata }: Page): Page {
  const strange = new Set(entries.filter((entry) => !api.registry.isOfKind(kind, entry)))
  warnOfOdd(
    warn,
    [...strange].map(({ key }) => key),
  )
  return { entries: entries.filter((entry) => !strange.has(entry)), metadata }
}

const objectAnswer = (object: object): ApiResponse => ({ type: 'object', status: 200, object })

/**
 * The list put together from stored text: nothing is parsed and nothing serialised. Grown rather than joined, because V8 then copies
 * the text once, when it is sent, instead of once more for each object and for the whole.
 */
function textList(call: Call, { entries, metadata }: Page): ApiResponse {
  const { kind, warn } = call
  const itemParts = itemPartsFor(call)
  let items = ''
  const odd: string[] = []
  for (const entry of entries) {
    try {
      const text = itemParts(entry).join('')
      items += `${items === '' ? '' : ','}${text}`
    } catch {
      odd.push(entry.key)
    }
  }
  warnOfOdd(warn, odd)
  const raw = `{"kind":"${listKindOf(kind)}","apiVersion":"${apiVersionOf(kind)}","metadata":${JSON.stringify(metadata)},"items":[${items}]}`
  return { type: 'raw', status: 200, contentType: 'application/json', raw }
}

/** The entries that one list request asks for. */
export async function readPage(call: Call, selection: Selection): Promise<Page> {
  const { api, kind, info, request } = call
  const scope = scopeOf(api.registry, kind, info.namespace, selection)
  checkListOptions(request.query)
  // Without a limit, and with one that is not above 0, everything is listed.
  const asked = queryNumber(request.query, 'limit') ?? 0
  const limit = asked > 0 ? asked : undefined
  const token = request.query.get('continue') ?? ''
  const from = token === '' ? undefined : decodeContinue(token, api.registry.prefixOf(kind, info.namespace))
  const revision = from === undefined ? await pinnedRevision(call, limit !== undefined) : await revisionOf(call, from)

  const read = (after: string | undefined, at = revision): Listing => {
    try {
      return api.registry.store.list(scope, { revision: at, limit, after, where: selection?.where })
    } catch (error) {
      if (error instanceof RevisionAhead) throw tooLarge(at ?? 0, error.newest)
      if (!(error instanceof RevisionCompacted)) throw error
      if (from === undefined) throw expired('The resourceVersion for the provided list is too old.')
      throw new PageExpired(encodeContinue({ revision: 'newest', after: from.after }))
    }
  }
  const select = selection === undefined ? undefined : (entry: Entry) => selects(api.registry, kind, selection, entry)

  const seen = async (listing: Listing): Promise<Listing> => {
    if (kind.storage?.elsewhere === undefined) return listing
    const leave = request.pageBytes === undefined && isLong(listing.entries) ? await roomFor(call, listing.entries) : undefined
    try {
      return { ...listing, entries: await api.registry.allInVersion(kind, listing.entries) }
    } finally {
      leave?.()
    }
  }
  let listing = await seen(read(from?.after))
  const entries = await selected(listing.entries, select)
  // A selector may let through less than a page of each page read.
  const isShort = () => listing.more && entries.length < (limit ?? 0)
  while (isShort()) {
    listing = await seen(read(listing.entries.at(-1)?.key, listing.revision))
    entries.push(...(await selected(listing.entries, select)))
  }
  const pageBytes = limit === undefined ? undefined : request.pageBytes
  return pageOf(entries, listing, { limit, pageBytes, lengthOf: lengthIn(call), counts: select === undefined })
}

/** In turns: each object may have megabytes to parse, and the selector thousands of terms. */
async function selected(entries: readonly Entry[], select: ((entry: Entry) => boolean) | undefined): Promise<Entry[]> {
  if (select === undefined) return [...entries]
  const found: Entry[] = []
  for (const entry of entries) {
    if (isTurnOver()) await nextTurn()
    if (select(entry)) found.push(entry)
  }
  return found
}

type PageBounds = {
  readonly limit: number | undefined
  readonly pageBytes: number | undefined
  readonly lengthOf: (entry: Entry) => number
  readonly counts: boolean
}

function pageOf(found: readonly Entry[], listing: Listing, { limit = Infinity, pageBytes = Infinity, lengthOf, counts }: PageBounds): Page {
  const fits = Math.min(limit, countWithin(found, pageBytes, lengthOf))
  const left = Math.max(0, found.length - fits)
  const entries = left > 0 ? found.slice(0, fits) : found
  const more = listing.more || left > 0
  const last = (left > 0 ? entries : listing.entries).at(-1)
  return {
    entries,
    metadata: {
      resourceVersion: String(listing.revision),
      ...(more && last !== undefined && { continue: encodeContinue({ revision: listing.revision, after: last.key }) }),
      // With a selector nobody knows how many are left without looking at them all.
      ...(more && counts && { remainingItemCount: listing.remaining + left }),
    },
  }
}

/** Of what is shown in parts, the length of those: a Node has thousands of characters, and other nodes see some hundreds of them. */
const lengthIn =
  ({ api: { registry }, kind }: Call) =>
  (entry: Entry): number => {
    if (registry.looksSame === undefined) return entry.value.length
    try {
      return registry.textOf(kind, entry).length
    } catch {
      return entry.value.length
    }
  }

/** How many of the first entries have so many characters together; at least one, or a list would never end. */
function countWithin(entries: readonly Entry[], characters: number, lengthOf: (entry: Entry) => number): number {
  if (characters === Infinity) return entries.length
  let sum = 0
  const index = entries.findIndex((entry) => (sum += lengthOf(entry)) > characters)
  return index < 0 ? entries.length : Math.max(1, index)
}

const revisionOf = async (call: Call, { revision }: ContinueToken): Promise<number | undefined> =>
  revision === 'newest' ? undefined : await reached(call, revision)

/**
 * The revision that the caller insists on; undefined is now, which is newer than anything it may have seen. Who asks for a page and names a
 * revision gets that one, as in Kubernetes: pages of before `resourceVersionMatch` were read so.
 */
async function pinnedRevision(call: Call, isPage: boolean): Promise<number | undefined> {
  const { query } = call.request
  const asked = parseListedVersion(query.get('resourceVersion'))
  const match = query.get('resourceVersionMatch') ?? ''
  if (asked === undefined) return undefined
  await reached(call, asked)
  return match === 'Exact' || (match === '' && isPage && asked > 0) ? asked : undefined
}
