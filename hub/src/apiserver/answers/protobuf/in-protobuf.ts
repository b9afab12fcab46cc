import type { ApiResponse, RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { discard } from '@bramble/shared/api/discard.ts'
import { openedBefore } from '@bramble/shared/async/opened-before.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import type { Spoken } from '../../routes/route.ts'
import { eventFrame, itemMessage, listHead, objectMessage, type Typed } from './envelope.ts'
import { endOfList, splitList } from './split-list.ts'

const contentType = 'application/vnd.kubernetes.protobuf'

type Speaks = Typed & { readonly node: TypeNode }

/** A finished answer in JSON, as protobuf. What has no such form (a log, a list of something else) stays what it is. */
export async function inProtobuf(answer: ApiResponse, spoken: Spoken): Promise<ApiResponse> {
  const speaks: Speaks = { kind: spoken.kind, apiVersion: apiVersionOf(spoken), node: spoken.node }
  switch (answer.type) {
    case 'events': {
      const stream = openedBefore(frames(answer.events, speaks), () => discard(answer))
      return { ...headOf(answer), type: 'stream', contentType: `${contentType};stream=watch`, stream }
    }
    case 'object':
      return whole(answer, answer.object as Typed & Partial<List>, speaks) // an object of the API has a type
    case 'raw': {
      if (!answer.contentType.startsWith('application/json')) return answer
      const text = typeof answer.raw === 'string' ? answer.raw : Buffer.from(answer.raw).toString()
      return whole(answer, parseExactJson(text) as Typed & Partial<List>, speaks) // as above
    }
    case 'stream':
      return answer.contentType.startsWith('application/json') ? longList(answer, speaks) : answer
    case 'upgrade':
      return answer
    default:
      return answer satisfies never
  }
}

type List = { readonly metadata: object; readonly items: readonly object[] }

const headOf = ({ status, headers }: ApiResponse) => ({ status, ...(headers !== undefined && { headers }) })

async function whole(answer: ApiResponse, value: Typed & Partial<List>, speaks: Speaks): Promise<ApiResponse> {
  const node = Array.isArray(value.items) ? itemNode(value, speaks) : undefined
  if (node === undefined) {
    const raw = objectMessage(value, speaks)
    return raw === undefined ? answer : { ...headOf(answer), type: 'raw', contentType, raw }
  }
  const items: Uint8Array[] = []
  for (const item of value.items ?? []) {
    if (isTurnOver()) await nextTurn()
    items.push(itemMessage(item, node))
  }
  const head = listHead(value, value.metadata ?? {}, lengthOf(items))
  return { ...headOf(answer), type: 'raw', contentType, raw: Buffer.concat([head, ...items]) }
}

/**
 * A list's length stands before its items, so all of them are there before the first byte goes: as bytes, and never as one text. The list that
 * they come from is closed when they are read, because its room is theirs.
 */
async function longList(answer: ApiResponse & { type: 'stream' }, speaks: Speaks): Promise<ApiResponse> {
  const { head, texts } = splitList(answer.stream)
  const items: Uint8Array[] = []
  const close = () => void texts.return(undefined).catch(() => {})
  try {
    let node: TypeNode | 'metadata' | undefined
    for (let { value } = await texts.next(); value !== undefined && value !== endOfList; { value } = await texts.next()) {
      if (isTurnOver()) await nextTurn()
      node ??= itemNode(head(), speaks)
      if (node === undefined) throw new Error('a long list of what has no protobuf')
      items.push(itemMessage(parseExactJson(value) as object, node)) // of a list of objects
    }
    const { metadata, ...type } = head()
    const parts = [listHead(type, metadata, lengthOf(items)), ...items]
    return { ...headOf(answer), type: 'stream', contentType, stream: openedBefore(piecesOf(parts, close), close) }
  } catch (error) {
    close()
    throw error
  }
}

async function* piecesOf(parts: readonly Uint8Array[], close: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* inChunks(parts)
  } finally {
    close()
  }
}

const chunkBytes = 64 * 1024

function* inChunks(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  let waiting: Uint8Array[] = []
  let length = 0
  for (const part of parts) {
    waiting.push(part)
    length += part.length
    if (length < chunkBytes) continue
    yield Buffer.concat(waiting)
    waiting = []
    length = 0
  }
  if (length > 0) yield Buffer.concat(waiting)
}

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0)

function itemNode({ kind, apiVersion }: Typed, speaks: Speaks): TypeNode | 'metadata' | undefined {
  if (kind === 'PartialObjectMetadataList') return 'metadata'
  return kind.endsWith('List') && apiVersion === speaks.apiVersion ? speaks.node : undefined
}

/** Events are shared, and so are their frames. */
const framed = new WeakMap<RawWatchEvent, Uint8Array>()

async function* frames(events: AsyncIterable<RawWatchEvent>, speaks: Speaks): AsyncGenerator<Uint8Array> {
  for await (const event of events) {
    let bytes = framed.get(event)
    if (bytes === undefined) framed.set(event, (bytes = Buffer.concat(event.text.split('\n').map((line) => frameOf(line, speaks)))))
    yield bytes
  }
}

function frameOf(line: string, speaks: Speaks): Uint8Array {
  const { type, object } = parseExactJson(line) as { readonly type: string; readonly object: Typed } // ours
  const message = objectMessage(object, speaks)
  if (message === undefined) throw new Error(`a ${object.kind} has no protobuf`)
  return eventFrame(type, message)
}
