import type { Duplex } from 'node:stream'

/** The person, node or component that asks. */
export type User = {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** Who asks, as the door through which they came has settled it: nothing after it decides this anew. */
export type Caller = {
  readonly user: User
  readonly account: Account
  /** Who is behind a user that he only wants to be taken for. */
  readonly impersonatedBy?: User
  /** The address that the connection is from, where there is one. */
  readonly address?: string | undefined
}

/**
 * Whose limits hold for a caller. `hub`: its own parts, which come over the loopback and take from nothing, because without them nothing would
 * heal; `nodes` may come through several doors and have one account; administrators have a share that nobody else can take.
 */
export type Account = { readonly of: 'hub' | 'administrators' | 'nodes' | 'others'; readonly name: string }

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * One request as the apiserver's pipeline sees it, whichever door it came through (HTTPS, MQTT frame, loopback).
 * `path` is decoded and without the query. `body` is bytes from a network, or an object from the loopback.
 */
export type ApiRequest = {
  readonly method: Method
  /** What was said is no verb of the API (HEAD, OPTIONS, TRACE, …): looked at as a GET, and answered only where any method is. */
  readonly otherMethod?: string
  readonly path: string
  /** The URL as it came, where one did. */
  readonly uri?: string
  readonly query: URLSearchParams
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body?: Uint8Array | object
  /** In its place, of what is only carried on to somebody else. */
  readonly incoming?: IncomingBody
  /** Hears what the body was read as, before anything is done with it, and how long it was. A patch says only what is to be changed. */
  readonly onBody?: (value: unknown, how: { readonly bytes: number; readonly isPatch?: boolean }) => void
  /** A door whose messages are bounded: a list that is asked for in pages ends its page here too, after at least one object. */
  readonly pageBytes?: number
  /** The caller wants to speak another protocol from here on. Only a door that can do so says it. */
  readonly upgrade?: UpgradeOffer
  /** A door behind which what is deflated (RFC 1951) is understood; the answer says whether it is. */
  readonly takesDeflated?: boolean
  readonly signal: AbortSignal
}

/** A body that nobody has read: as it is taken it comes, and no faster. Who leaves it be leaves the rest to the door. */
export type IncomingBody = {
  /** As it was announced, where it was. */
  readonly length: number | undefined
  readonly bytes: AsyncIterable<Uint8Array>
}

/** A request of which something else is said. What it makes when it is first asked for is still made then, which a spread of it would ask for, or lose. */
export const changedRequest = (request: ApiRequest, changes: Omit<Partial<ApiRequest>, 'signal'>): ApiRequest =>
  Object.assign(Object.create(Object.getPrototypeOf(request) as object) as ApiRequest, request, changes)

/** What a caller can speak over the connection of its request: Kubernetes' protocols by their names, those it likes best first. */
export type UpgradeOffer = { readonly over: 'websocket' | 'spdy'; readonly protocols: readonly string[] }

/**
 * The answer. `object`: one value to be sent as JSON. `raw`: bytes already encoded (a list assembled from stored text, OpenAPI).
 * `events`: a watch; each item is one event, ends with the watch. `stream`: bytes as they come (logs), or as they are read (long lists), which may then be
 * compressed. `upgrade`: the connection is the answer's from now on; whoever is given it says the 101, and returns when it is closed. Only to who offered one.
 */
export type ApiResponse = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Hears how many bytes are sent, of a watch with each of its events. */
  readonly sizes?: { observe(bytes: number): void }
} & (
  | { readonly type: 'object'; readonly object: object }
  | { readonly type: 'raw'; readonly contentType: string; readonly raw: string | Uint8Array; readonly isDeflated?: boolean }
  | { readonly type: 'events'; readonly events: AsyncIterable<RawWatchEvent> }
  | {
      readonly type: 'stream'
      readonly contentType: string
      readonly stream: AsyncIterable<Uint8Array>
      readonly isCompressible?: boolean
      /** It goes on for as long as its reader is there, also when that takes nothing for long: it holds little for it, and one may have only so many. */
      readonly isPatient?: boolean
      /** Each is a header of its own, which nobody may join. */
      readonly cookies?: readonly string[]
    }
  | { readonly type: 'upgrade'; readonly serve: (connection: Duplex) => Promise<void> }
)

/**
 * A watch event on its way out. `text` is the event's JSON (`{"type":…,"object":…}`), serialised once however many watchers
 * there are; `object` is its shared, frozen object, for the loopback.
 */
export type RawWatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly resourceVersion: string
  readonly object: object
  readonly text: string
  /** It stands for all of these, in order, of which everything else is the last one's; `text` has a line for each. */
  readonly several?: readonly RawWatchEvent[]
  /** `text` as bytes, made once for all who are told of several. */
  readonly bytes?: Uint8Array
  /** The same deflated, where that is shorter. */
  readonly deflated?: Uint8Array
}

/** The apiserver behind its doors: never throws, every refusal is a response carrying a `Status`. */
export type Handler = (request: ApiRequest, caller: Caller) => Promise<ApiResponse>
