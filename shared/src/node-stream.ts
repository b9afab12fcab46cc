/** What the hub may ask a node to stream; opened over the node's one connection, under the same credit rule as everything else. */
export type NodeStreamRequest = {
  readonly kind: 'logs'
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

/** Opens a stream on a node; throws an `ApiError` (`ServiceUnavailable` when the node is not connected, `NotFound`, `BadRequest` from the node). */
export type OpenNodeStream = (node: string, request: NodeStreamRequest, signal: AbortSignal) => AsyncIterable<Uint8Array>

/** The agent's side: serves a stream; an `ApiError` thrown before the first byte reaches the caller as such. */
export type ServeNodeStream = (request: NodeStreamRequest, signal: AbortSignal) => AsyncIterable<Uint8Array>
