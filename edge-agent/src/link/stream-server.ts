import { ApiError } from '@bramble/shared/api/api-error.ts'
import { FrameError } from '@bramble/shared/frames/frame.ts'
import { maxStreams } from '@bramble/shared/frames/limits.ts'
import { parseObject } from '@bramble/shared/json/parse-object.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { NodeStream, StreamKind, StreamServers } from '@bramble/shared/streams/node-stream.ts'
import type { StreamTable } from '@bramble/shared/streams/stream-table.ts'
import { statusOfError } from '@bramble/shared/streams/stream-status.ts'

export type StreamServerDeps = { readonly table: StreamTable; readonly servers: StreamServers; readonly log: Log }

/** Gives each stream that the hub opens to the server of its kind, and closes it with what became of it. */
export const createStreamServer =
  ({ table, servers, log }: StreamServerDeps) =>
  (id: number, body: Uint8Array | undefined): void => {
    const isFull = table.size >= maxStreams
    const request = requestIn(body)
    const stream = table.begin(id, request.kind)
    if (isFull) return stream.close(statusOfError(new ApiError('TooManyRequests', `this node serves ${maxStreams} streams already`)))
    void serve(servers, request, stream).then(
      (status) => stream.close(status ?? undefined),
      (error: unknown) => {
        if (stream.signal.aborted) return
        if (!(error instanceof ApiError)) log.warn({ error: messageOf(error) }, 'stream failed')
        stream.close(statusOfError(error))
      },
    )
  }

/** Made by our own hub, which proved to be it: what a kind is asked with is not looked at again. */
function requestIn(body: Uint8Array | undefined): { readonly kind: string } {
  const request = parseObject(Buffer.from(body ?? []).toString())
  if (typeof request?.['kind'] !== 'string') throw new FrameError('malformed', 'a stream was opened without a kind')
  return request as { readonly kind: string } // as was just seen
}

const serve = async (servers: StreamServers, request: { readonly kind: string }, stream: NodeStream) => {
  const { kind } = request
  if (!Object.hasOwn(servers, kind))
    throw new ApiError(
      'MethodNotAllowed',
      `the agent of this node serves streams of ${Object.keys(servers).sort().join(', ')} and no ${String(kind)}: update it`,
    )
  return servers[kind as StreamKind]?.(request as never, stream) // the request of that kind, which it serves
}
