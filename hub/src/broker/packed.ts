import { isLazy, isOfStream } from '@bramble/shared/frames/lazy.ts'
import type { BrokerEvent, BrokerOrder } from './broker-messages.ts'

/** What goes between the threads, in either direction. */
export type Parcel = BrokerOrder | BrokerEvent

/**
 * The messages of one turn of the loop as one, in their order: a change of which a thousand nodes hear would otherwise be a thousand messages,
 * and each wakes the other thread. What there is most of (frames, and that they were dealt with) is four numbers each, with all bytes in one
 * buffer, because an object costs more to hand over than what it says.
 */
export type Packed<P extends Parcel = Parcel> = {
  readonly numbers: Float64Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Large frames that have a buffer of their own, which is handed over as it is. */
  readonly whole: readonly Uint8Array<ArrayBuffer>[]
  readonly others: readonly P[]
}

/** Whoever gives a large frame has no use for it any more: its buffer goes with it. */
export const isWhole = (payload: Uint8Array): payload is Uint8Array<ArrayBuffer> =>
  payload.length >= wholeBytes && payload.length === payload.buffer.byteLength && payload.buffer instanceof ArrayBuffer

/** To hand a buffer over costs as much as to copy so many bytes twice. */
const wholeBytes = 8 * 1024

const kinds = { other: 0, send: 1, frame: 2, read: 3 } as const
const width = 4

export function packed<P extends Parcel>(parcels: readonly P[]): Packed<P> {
  const numbers = new Float64Array(parcels.length * width)
  const bytes = new Uint8Array(
    parcels.reduce((sum, parcel) => sum + (hasFrame(parcel) && !isWhole(parcel.payload) ? parcel.payload.length : 0), 0),
  )
  const others: P[] = []
  const whole: Uint8Array<ArrayBuffer>[] = []
  let at = 0
  for (const [index, parcel] of parcels.entries()) {
    const put = (...four: readonly [number, number, number, number]) => numbers.set(four, index * width)
    if (hasFrame(parcel) && isWhole(parcel.payload)) put(kinds[parcel.type], parcel.connection, 0, whole.push(parcel.payload))
    else if (hasFrame(parcel)) {
      bytes.set(parcel.payload, at)
      at += parcel.payload.length
      put(kinds[parcel.type], parcel.connection, parcel.payload.length, 0)
    } else if (parcel.type === 'read') put(kinds.read, parcel.connection, parcel.bytes, parcel.asked)
    else put(kinds.other, others.push(parcel) - 1, 0, 0)
  }
  return { numbers, bytes, whole, others }
}

export function unpack<P extends Parcel>({ numbers, bytes, whole, others }: Packed<P>, take: (parcel: P) => void): void {
  let at = 0
  for (let index = 0; index < numbers.length; index += width) {
    const [kind, first = 0, second = 0, third = 0] = numbers.subarray(index, index + width)
    if (kind === kinds.other) take(others[first] as P) // its index, as it was packed
    else if (kind === kinds.read) take({ type: 'read', connection: first, bytes: second, asked: third } as P) // of the type that was packed
    else {
      // A body that waits in the hub must not hold what all others have said in the same turn; of what goes out see `bytes-to-keep.ts`.
      const payload = third > 0 ? whole[third - 1] : kind === kinds.frame ? bytes.slice(at, at + second) : bytes.subarray(at, at + second)
      at += second
      take({ type: kind === kinds.frame ? 'frame' : 'send', connection: first, payload } as P) // as above
    }
  }
}

const hasFrame = (parcel: Parcel): parcel is Parcel & { readonly type: 'send' | 'frame' } =>
  parcel.type === 'send' || parcel.type === 'frame'

// That bytes were dealt with goes with what is said next, or when it is of so many: far fewer than a node may be ahead, so that none waits for it. There is no
// timer for credit: one that is cleared still wakes the thread, and so for each Lease.
// To wake a thread that sleeps costs as much as a third of a Lease: of what nodes say at all times one thing goes at once, and the rest together; what
// streams say goes at once, because the pace of all that follows hangs on it.
const paceMs = 5
// A fleet's Leases come one by one all the time: ten of a thousand nodes' go together.
const lazyMs = 100
const hurryBytes = 64 * 1024

/** Gathers what one turn of the loop gives, and what comes soon after a message, and with it the credit of those before. */
export function together<P extends Parcel>(send: (packed: Packed<P>, transfer: ArrayBuffer[]) => void) {
  let waiting: P[] = []
  let bytes = 0
  let sentAt = -Infinity
  /** When it goes; 0 is after this turn. */
  let due: number | undefined
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    due = undefined
    bytes = 0
    if (waiting.length === 0) return
    const all = packed(waiting)
    waiting = []
    sentAt = performance.now()
    send(all, [all.numbers.buffer, all.bytes.buffer, ...all.whole.map(({ buffer }) => buffer)])
  }
  const goIn = (ms: number) => {
    if (due !== undefined && due <= ms) return
    due = ms
    clearTimeout(timer)
    if (ms === 0) setImmediate(flush)
    else timer = setTimeout(flush, ms)
  }
  return {
    give(parcel: P): void {
      waiting.push(parcel)
      if (due === 0) return
      bytes += parcel.type === 'read' ? parcel.bytes : hasFrame(parcel) ? parcel.payload.length : 0
      if (bytes >= hurryBytes) goIn(0)
      else if (parcel.type === 'read') return
      else if (hasFrame(parcel) && isOfStream(parcel.payload)) goIn(0)
      else if (parcel.type === 'frame' && isLazy(parcel.payload)) goIn(lazyMs)
      else goIn(performance.now() - sentAt < paceMs ? paceMs : 0)
    },
    flush,
  }
}
