import { backslash, closeBrace, closeBracket, openBrace, openBracket, quote } from '@bramble/shared/json/characters.ts'
import type { Typed } from './envelope.ts'

type Head = Typed & { readonly metadata: object }

const itemsMark = '"items":['

/** No item is like this. It is told before the source ends, so that who wants it to stay open can stop here. */
export const endOfList = ''

/**
 * The items of a list that the hub writes (`{"kind":…,"apiVersion":…,"metadata":…,"items":[…]}`), one text after the other as its bytes
 * come, and then `endOfList`. `head` is what stands before them, once the first of them or the end is there.
 */
export function splitList(stream: AsyncIterable<Uint8Array>): { readonly head: () => Head; readonly texts: AsyncGenerator<string> } {
  let head: Head | undefined
  async function* texts(): AsyncGenerator<string> {
    let rest = Buffer.alloc(0)
    let at = 0
    let from = -1
    let depth = 0
    let isText = false
    for await (const chunk of stream) {
      rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
      if (head === undefined) {
        const mark = rest.indexOf(itemsMark)
        if (mark === -1) continue
        head = JSON.parse(`${rest.toString('utf8', 0, mark)}"items":[]}`) as Head // the hub's own words
        at = mark + itemsMark.length
      }
      for (; at < rest.length; at++) {
        const byte = rest[at]
        if (isText) {
          if (byte === backslash) at++
          else if (byte === quote) isText = false
        } else if (byte === quote) isText = true
        else if (byte === openBrace || byte === openBracket) {
          if (depth++ === 0) from = at
        } else if (byte === closeBrace || byte === closeBracket) {
          if (depth === 0) {
            yield endOfList
            return
          }
          if (--depth > 0) continue
          yield rest.toString('utf8', from, at + 1)
          from = -1
        }
      }
      const keep = from === -1 ? at : from
      rest = rest.subarray(Math.min(keep, rest.length))
      at -= keep
      if (from !== -1) from = 0
    }
  }
  return {
    head() {
      if (head === undefined) throw new Error('a list without items')
      return head
    },
    texts: texts(),
  }
}
