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

const asOne = (several: readonly RawWatchEvent[], last: RawWatchEvent, forMany: boolean): RawWatchEvent => {
  const text = several.map((event) => event.text).join('\n')
  return new Several({ several, last, text, ...(forMany && text.length >= leastDeflated && { deflated: deflated(text) }) })
}

type Joined = Required<Pick<RawWatchEvent, 'several' | 'text'>> & Pick<RawWatchEvent, 'deflated'> & { readonly last: RawWatchEvent }

// A class, for the reason of `frame.ts`: a literal with getters lies in the old generation with all that they see.
class Several implements RawWatchEvent {
  readonly type: RawWatchEvent['type']
  readonly resourceVersion: string
  readonly text: string
  readonly several: readonly RawWatchEvent[]
  readonly deflated?: Uint8Array
  readonly #last: RawWatchEvent
  #bytes: Uint8Array | undefined

  constructor({ several, last, text, deflated: packed }: Joined) {
    this.type = last.type
    this.resourceVersion = last.resourceVersion
    this.text = text
    this.several = several
    if (packed !== undefined) this.deflated = packed
    this.#last = last
  }

  get object(): object {
    return this.#last.object
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= Buffer.from(this.text))
  }
}
