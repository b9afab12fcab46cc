import type { StreamStatus } from './stream-status.ts'

/** What a stream of each kind is asked with. A new kind is a line here, its channels below, and a server of its own in the agent. */
export type StreamParams = {
  readonly logs: {
    readonly namespace: string
    readonly pod: string
    readonly podUid: string
    readonly container: string
    readonly follow: boolean
    readonly previous: boolean
    readonly timestamps: boolean
    readonly tailLines?: number
    readonly sinceSeconds?: number
    /** RFC 3339 */
    readonly sinceTime?: string
    readonly limitBytes?: number
  }
  /** A command in a container that runs. The stream ends with what became of it, as Kubernetes tells it: `NonZeroExitCode`, with the code as a cause. */
  readonly exec: CommandStreams & { readonly podUid: string; readonly container: string; readonly command: readonly string[] }
  /** The main process of a container, as it goes on. */
  readonly attach: CommandStreams & { readonly podUid: string; readonly container: string }
  /** A connection to a port of a pod, made inside of its network: what listens at `localhost` there is reached. Without a port only: is the pod here? */
  readonly forward: { readonly podUid: string; readonly port?: number }
  /** What node and pods use now, as one `NodeUsage` in JSON. */
  readonly usage: Readonly<Record<never, never>>
  /** A connection to the HTTP API of the node's kubelet, as far as the agent has one: its pages of health, pods and metrics. */
  readonly kubelet: Readonly<Record<never, never>>
  /** A connection to a port of a pod. The node answers for that being one of its own. */
  readonly dial: { readonly podUid: string; readonly address: string; readonly port: number }
}
/** Which channels are used. With `tty` there is no `stderr`, and `resize` has lines of `{"Width":80,"Height":24}`. */
export type CommandStreams = { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean; readonly tty: boolean }
export type StreamKind = keyof StreamParams
export type StreamRequest<K extends StreamKind> = { readonly kind: K } & StreamParams[K]
/** What the hub may ask a node to stream, over the node's one connection. */
export type NodeStreamRequest = { [K in StreamKind]: StreamRequest<K> }[StreamKind]

/** The channels of what runs in a container, numbered as Kubernetes' remotecommand does. Streams of other kinds number theirs as they like, up to `maxChannels`. */
export const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const

const ofCommands = [channels.stdin, channels.stdout, channels.stderr, channels.resize]

/** The channels that streams of a kind have. Bytes on any other end the session: each may hold a window of bytes that nobody reads. */
export const channelsOf: Readonly<Record<StreamKind, readonly number[]>> = {
  logs: [channels.stdout],
  exec: ofCommands,
  attach: ofCommands,
  dial: [channels.stdin],
  forward: [channels.stdin],
  usage: [channels.stdout],
  kubelet: [channels.stdin],
}

/**
 * One of the byte streams of a `NodeStream`, in both directions, each under a credit of its own: who does not read one holds up its writer,
 * and no other channel or stream. Bytes keep their order and not their bounds: what was written at once may be read in pieces.
 */
export type StreamChannel = AsyncIterable<Uint8Array> & {
  /** Resolves when the bytes are on their way; rejects when the stream is over. Who waits for it holds one piece, however slow the other side is. */
  write(bytes: Uint8Array): Promise<void>
  /** No more is written: the other side reads to the end of what was. Reading goes on. */
  end(): void
}

/**
 * A stream between the hub and a node: numbered channels, and one end for all of them. It ends in order when either side closes it with a
 * status; readers then see the end of their channel after what was sent, and `closed` resolves. It breaks when it is aborted or the
 * connection is lost; readers, writers and `closed` then reject. A channel whose iteration is left early throws away what still comes.
 */
export type NodeStream = {
  channel(number: number): StreamChannel
  /** The node's side: what was asked for is there. Without it the first bytes say so. */
  accept(): void
  /** Resolves when the node has what was asked for; rejects with its refusal. A node of an earlier version says it with its first bytes. */
  readonly accepted: Promise<void>
  /** Ends all channels after what was written. Nothing is read any more. */
  close(status?: StreamStatus): void
  /** Breaks the stream now, dropping what waits. */
  abort(reason: unknown): void
  readonly closed: Promise<StreamStatus>
  /** Aborts when the stream is over, however it ended. */
  readonly signal: AbortSignal
}

/**
 * Opens a stream on a node. Throws an `ApiError`: `ServiceUnavailable` when the node is not connected, `TooManyRequests`,
 * `MethodNotAllowed` for a kind that the node is too old for. What the node itself refuses comes with `accepted` and `closed`.
 */
export type OpenNodeStream = (node: string, request: NodeStreamRequest, signal: AbortSignal) => NodeStream

/** The agent's side: serves one stream and ends it with the status returned, or the `ApiError` thrown. */
export type ServeNodeStream<K extends StreamKind> = (request: StreamRequest<K>, stream: NodeStream) => Promise<StreamStatus | void>
/** The kinds that an agent serves. Any other is refused by its name. */
export type StreamServers = { readonly [K in StreamKind]?: ServeNodeStream<K> }
