/**
 * A request that is no hurry to its caller (a Lease that is renewed) says so at the very beginning of its frame, where whoever carries it sees that without
 * reading it, and may let it wait a tenth of a second for others; and so does the rest of a credit that goes along with it. Who does not know of it does it
 * at once.
 */
export const lazy = { t: 'req', lazy: true } as const

export const lazyAck = { t: 'ack', lazy: true } as const

/** What begins each frame of a message of which so much is known. */
const headOf = (message: object): Buffer => Buffer.from(JSON.stringify(message).slice(0, -1))
const beginsWith = (frame: Uint8Array, head: Buffer): boolean => frame.length > head.length && head.compare(frame, 0, head.length) === 0

const lazyHeads = [lazy, lazyAck].map((message) => Buffer.concat([headOf(message), Buffer.from(',')]))
export const isLazy = (frame: Uint8Array): boolean => lazyHeads.some((head) => beginsWith(frame, head))

/** Of a stream, whose ids are below 0. Somebody waits for it, or for the credit that it is. */
const streamHeads = ['data', 'credit', 'open', 'opened', 'end'].map((t) => Buffer.concat([headOf({ t }), Buffer.from(',"id":-')]))
export const isOfStream = (frame: Uint8Array): boolean => streamHeads.some((head) => beginsWith(frame, head))
