import * as z from 'zod/mini'
import { maxChannels, maxParts } from './limits.ts'

const count = z.int().check(z.nonnegative())
const id = z.int()
const text = (max: number) => z.string().check(z.maxLength(max))
/** `q` numbers the frames of a direction from 1; `n` says in how many parts the body comes. */
const common = { q: z.int().check(z.positive()), n: z.optional(z.int().check(z.minimum(2), z.maximum(maxParts.now))) }
const query = z.record(text(256), text(4096))
const features = z.optional(z.array(text(64)).check(z.maxLength(64)))

/** Of the hub, the newest first: its name and its last revision, which the one that goes on does not have. */
export const knownLives = z.readonly(z.array(z.object({ life: text(64), to: z.optional(count) })).check(z.maxLength(16)))
export type KnownLives = z.infer<typeof knownLives>
const lives = z.optional(knownLives)
/** The body is deflated (RFC 1951); with the feature `deflate`. */
const deflated = z.optional(z.literal(true))

const part = z.object({ ...common, t: z.literal('part'), m: z.int().check(z.positive()), i: z.int().check(z.positive()) })
const ping = z.object({ ...common, t: z.literal('ping') })
const pong = z.object({ ...common, t: z.literal('pong') })
const bye = z.object({ ...common, t: z.literal('bye'), reason: text(512) })
/** These many bytes are dealt with. Acknowledgements themselves are not counted. */
const ack = z.object({ ...common, t: z.literal('ack'), lazy: z.optional(z.literal(true)), bytes: count })
const cancel = z.object({ ...common, t: z.literal('cancel'), id })
/** The end of a watch, a read or a stream; the body is a `Status` when it did not end well. */
const end = z.object({ ...common, t: z.literal('end'), id })

// Streams. Ids that the node gave (watches, reads) are positive, those that the hub gave negative. A channel that is not named is 1,
// which is all that the first version has.
const ch = z.optional(z.int().check(z.nonnegative(), z.maximum(maxChannels - 1)))
/** The hub asks for a stream; the body is a `NodeStreamRequest`. */
const open = z.object({ ...common, t: z.literal('open'), id })
/** The node serves it. */
const opened = z.object({ ...common, t: z.literal('opened'), id })
/** Bytes of a channel; with `fin` no more of them come. */
const data = z.object({ ...common, t: z.literal('data'), id, ch, fin: z.optional(z.literal(true)) })
/** These many more bytes of a channel may be sent. */
const credit = z.object({ ...common, t: z.literal('credit'), id, ch, bytes: count })

const both = [part, ping, pong, bye, ack, cancel, end, open, opened, data, credit] as const

const up = [
  ...both,
  /** The first frame of a session. `mono` and `clock` are the node's two times in milliseconds; `lives` are those of the hub that it was told of last. */
  z.object({
    ...common,
    t: z.literal('hello'),
    v: z.literal(1),
    node: text(253),
    agent: text(64),
    boot: text(64),
    mono: count,
    clock: count,
    features,
    lives,
  }),
  /** `lazy`, right behind its type: see `lazy.ts`. `ms`: how long the caller still waits. `key`: the same request sent again after a reconnect carries the same key, and is not done twice. */
  z.object({
    ...common,
    t: z.literal('req'),
    lazy: z.optional(z.literal(true)),
    id,
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    path: text(2048),
    query,
    type: z.optional(text(128)),
    ms: count,
    key: z.optional(text(64)),
  }),
  z.object({ ...common, t: z.literal('watch'), id, path: text(2048), query }),
  /** A request whose answer is a stream of bytes. */
  z.object({ ...common, t: z.literal('read'), id, path: text(2048), query }),
  /** The body is a CSR; answered by `res`. */
  z.object({ ...common, t: z.literal('renew'), id }),
] as const

const down = [
  ...both,
  /** What the node heard in the lives that it named is part of what this hub knows up to the revision `shared`; all of it when there is none. */
  z.object({
    ...common,
    t: z.literal('welcome'),
    v: z.literal(1),
    hubTime: count,
    window: count,
    features,
    lives,
    shared: z.optional(count),
  }),
  z.object({ ...common, t: z.literal('res'), id, status: z.int().check(z.minimum(100), z.maximum(599)), z: deflated }),
  /** The body is the event as on HTTP: `{"type":…,"object":…}`, or with the feature `lines` several of them, a line each. */
  z.object({ ...common, t: z.literal('ev'), id, z: deflated }),
] as const

/** Node → hub. */
export const upHeader = z.discriminatedUnion('t', up)
/** Hub → node. */
export const downHeader = z.discriminatedUnion('t', down)

/** A frame of a type that only a later version knows; of its header nothing else is read. */
const unknown = z.object({ ...common, t: text(64) })
const typesOf = (options: readonly { readonly shape: { readonly t: { readonly def: { readonly values: readonly string[] } } } }[]) =>
  new Set(options.flatMap(({ shape }) => shape.t.def.values))
const known = { up: typesOf(up), down: typesOf(down) }

export type UpHeader = z.infer<typeof upHeader>
export type DownHeader = z.infer<typeof downHeader>
export type UnknownHeader = { readonly t: 'unknown'; readonly type: string; readonly q: number; readonly n?: number | undefined }
/** What a sender says; number and parts are given to it by `framing`. */
export type UpMessage = Unnumbered<UpHeader>
export type DownMessage = Unnumbered<DownHeader>
/** What both say of a stream. */
export type StreamMessage = Extract<UpMessage, { t: 'open' | 'opened' | 'data' | 'credit' | 'cancel' | 'end' }>
type Unnumbered<H> = H extends unknown ? Omit<H, 'q' | 'n'> : never

/** A header as it is on the wire, or what is wrong with it. */
export function parseHeader(direction: 'up' | 'down', json: unknown): UpHeader | DownHeader | UnknownHeader | { readonly wrong: string } {
  const type = (json as { readonly t?: unknown } | null)?.t
  const isKnown = typeof type !== 'string' || known[direction].has(type)
  const schema: z.ZodMiniType<UpHeader | DownHeader | z.infer<typeof unknown>> = !isKnown
    ? unknown
    : direction === 'up'
      ? upHeader
      : downHeader
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return { wrong: `${issue?.path.join('.') || 'its type'}: ${issue?.message ?? ''}` }
  }
  const { data: header } = parsed
  return isKnown ? (header as UpHeader | DownHeader) : { t: 'unknown', type: String(type), q: header.q, n: header.n } // by its schema
}
