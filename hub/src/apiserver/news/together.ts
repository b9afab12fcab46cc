import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { deflated } from '@bramble/shared/frames/deflated.ts'

/** What is told at once is not longer than this, but for a single event that is. */
const mostCharacters = 64 * 1024

/** Shorter than this it is not worth the node's while. */
const leastDeflated = 1024

/** Events in as few as they go well in; `forMany`: they are packed as well, once for all who are told of them. */
export function together(events: readonly RawWatchEvent[], { forMany }: { readonly forMany: boolean }): readonly RawWatchEvent[] {
  const all: RawWatchEvent[] = []
  let several: RawWatchEvent[] = []
  let length = 0
  const flush = () => {
    const last = several.at(-1)
    if (last !== undefined) all.push(asOne(several, last, forMany))
    several = []
    length = 0
  }
  for (const event of events) {
    if (length + event.text.length > mostCharacters) flush()
    several.push(event)
    length += event.text.length
  }
  flush()
  return all
}

function asOne(several: readonly RawWatchEvent[], last: RawWatchEvent, forMany: boolean): RawWatchEvent {
  const text = several.map((event) => event.text).join('\n')
  let bytes: Uint8Array | undefined
  return {
    type: last.type,
    resourceVersion: last.resourceVersion,
    get object() {
      return last.object
    },
    text,
    several,
    get bytes() {
      return (bytes ??= Buffer.from(text))
    },
    ...(forMany && text.length >= leastDeflated && { deflated: deflated(text) }),
  }
}
