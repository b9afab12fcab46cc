/**
 * A request that is no hurry to its caller (a Lease that is renewed) says so at the very beginning of its frame, where whoever carries it sees that without
 * reading it, and may let it wait a tenth of a second for others; and so does the rest of a credit that goes along with it. Who does not know of it does it
 * at once.
 */
export const lazy = { t: 'req', lazy: true } as const

export const lazyAck = { t: 'ack', lazy: true } as const

const heads = [lazy, lazyAck].map((message) => Buffer.from(JSON.stringify(message).replace('}', ',')))

export const isLazy = (frame: Uint8Array): boolean =>
  heads.some((head) => frame.length > head.length && head.compare(frame, 0, head.length) === 0)
