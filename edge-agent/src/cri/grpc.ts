import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { longestTimerMs } from '@bramble/shared/async/sleep.ts'
import { CriError, criCode } from './cri-error.ts'
import { createShortMessage } from './short-fields.ts'

export type GrpcCall = {
  /** `/package.Service/Method` */
  readonly path: string
  readonly message: Uint8Array
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Each text of the answer is cut after so many bytes, and what is cut is never held. */
  readonly maxFieldBytes?: number
}

/** gRPC over HTTP/2 without TLS. One connection, opened when first needed and again after the runtime restarted. */
export type Grpc = {
  unary(call: GrpcCall): Promise<Uint8Array>
  /** Server streaming; ends when the server ends it, throws a `CriError` when it fails. */
  stream(call: GrpcCall): AsyncGenerator<Uint8Array>
  close(): void
}

// The largest answer a runtime gives is its list of containers; containerd itself stops at 16 MiB.
const runtimeMessageBytes = 32 * 1024 * 1024

// Why a call failed is told in a header, and it may be what a registry or a pod's author wrote. One of 64 KiB ends the connection with all
// calls on it, so that the server is told to fail the one call instead.
const maxWordsBytes = 60 * 1024

/** A message of more than `maxMessageBytes` is not taken: whoever answers need not be ours. */
export function createGrpc(openSocket: () => Socket, { maxMessageBytes = runtimeMessageBytes } = {}): Grpc {
  let session: ClientHttp2Session | undefined
  let socket: Socket | undefined

  const sessionNow = (): ClientHttp2Session => {
    if (session && !session.closed && !session.destroyed) return session
    const opened = connect('http://localhost', {
      createConnection: () => (socket = openSocket()),
      settings: { maxHeaderListSize: maxWordsBytes },
    })
    const drop = () => {
      if (session === opened) session = undefined
    }
    opened.on('error', drop) // every open stream fails with it and tells its caller
    opened.on('close', drop)
    opened.on('goaway', drop)
    session = opened
    return opened
  }

  const open = ({ path, message, timeoutMs, signal }: GrpcCall) => {
    const stream = sessionNow().request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: path,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
      ...(timeoutMs === undefined ? {} : { 'grpc-timeout': grpcTimeout(timeoutMs) }),
    })
    // A stream of a connection that never opens waits for it also to close: only its end ends it.
    const onAbort = () => (stream.pending ? stream.destroy() : stream.close(constants.NGHTTP2_CANCEL))
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    // A little later than the server's own deadline, whose answer says more than ours.
    const timer = timeoutMs === undefined ? undefined : setTimeout(onAbort, Math.min(timeoutMs + 500, longestTimerMs))
    const release = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    stream.once('close', release)
    stream.end(frame(message))
    return stream
  }

  return {
    unary(call) {
      return new Promise((resolve, reject) => {
        if (call.signal?.aborted) return reject(call.signal.reason)
        const stream = open(call)
        const outcome = watchOutcome(stream, call)
        const answer = createAnswer(call, maxMessageBytes)
        let problem: unknown
        stream.on('data', (chunk: Buffer) => {
          if (problem !== undefined) return
          try {
            answer.push(chunk)
          } catch (error) {
            problem = error
            stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM)
          }
        })
        stream.once('close', () => {
          const failure = problem ?? outcome()
          if (failure) return reject(failure)
          try {
            resolve(answer.take())
          } catch (error) {
            reject(error)
          }
        })
      })
    },

    async *stream(call) {
      call.signal?.throwIfAborted()
      const stream = open(call)
      const outcome = watchOutcome(stream, call)
      const closed = new Promise<void>((resolve) => stream.once('close', resolve))
      try {
        let rest: Buffer = Buffer.alloc(0)
        try {
          for await (const chunk of stream) {
            rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
            while (rest.length >= 5) {
              const size = rest.readUInt32BE(1)
              if (size > maxMessageBytes)
                throw new CriError('RESOURCE_EXHAUSTED', call.path, `${call.path} sent a message of ${size} bytes`)
              if (rest.length < 5 + size) break
              yield rest.subarray(5, 5 + size)
              rest = rest.subarray(5 + size)
            }
          }
        } catch (error) {
          if (error instanceof CriError) throw error
          // the stream's own error says less than the status we look at below
        }
        await closed
        const failure = outcome()
        if (failure) throw failure
      } finally {
        stream.close(constants.NGHTTP2_CANCEL)
      }
    },

    close() {
      session?.destroy()
      session = undefined
      // One that is still being opened outlives its session.
      socket?.destroy()
    },
  }
}

/** The one message of an answer, which comes in pieces. */
function createAnswer({ path, maxFieldBytes }: GrpcCall, maxMessageBytes: number) {
  const head = Buffer.alloc(5)
  const parts: Buffer[] = []
  const short = maxFieldBytes === undefined ? undefined : createShortMessage(maxFieldBytes)
  let bytes = 0
  return {
    push(chunk: Buffer): void {
      const ofHead = chunk.copy(head, Math.min(bytes, head.length))
      bytes += chunk.length
      if (bytes > maxMessageBytes + head.length)
        throw new CriError('RESOURCE_EXHAUSTED', path, `${path} answered more than ${maxMessageBytes} bytes`)
      const message = chunk.subarray(ofHead)
      if (short) short.push(message)
      else parts.push(message)
    },
    take(): Buffer {
      if (bytes < head.length || bytes !== head.length + head.readUInt32BE(1))
        throw new CriError('INTERNAL', path, `${path} answered ${bytes} bytes, which is not one message`)
      return short ? short.take() : Buffer.concat(parts)
    },
  }
}

/** A time as gRPC writes it: eight digits at most, so a longer one is told in a coarser unit. Never shorter than it is. */
export function grpcTimeout(ms: number): string {
  const units = [
    ['m', 1],
    ['S', 1000],
    ['M', 60_000],
    ['H', 3_600_000],
  ] as const
  const fitting = units.find(([, unitMs]) => Math.ceil(ms / unitMs) <= mostDigits)
  return fitting === undefined ? `${mostDigits}H` : `${Math.ceil(ms / fitting[1])}${fitting[0]}`
}

const mostDigits = 99_999_999

const frame = (message: Uint8Array): Buffer => {
  const framed = Buffer.alloc(5 + message.length)
  framed.writeUInt32BE(message.length, 1)
  framed.set(message, 5)
  return framed
}

/** Collects what tells how a call ended; the answer is the error to throw, or undefined after grpc-status 0. */
function watchOutcome(stream: ClientHttp2Stream, { path, signal, timeoutMs }: GrpcCall): () => unknown {
  const startedAt = performance.now()
  let status: string | undefined
  let message = ''
  let error: Error | undefined
  const read = (headers: Record<string, unknown>) => {
    if (headers['grpc-status'] === undefined) return
    status = String(headers['grpc-status'])
    message = decodeMessage(String(headers['grpc-message'] ?? ''))
  }
  stream.on('response', read)
  stream.on('trailers', read)
  stream.on('error', (cause: Error) => (error = cause))
  return () => {
    if (status === '0') return undefined
    if (signal?.aborted) return signal.reason
    if (status !== undefined) return new CriError(criCode(Number(status)), path, message)
    if (stream.rstCode === constants.NGHTTP2_INTERNAL_ERROR && isOfStream(error))
      return new CriError(
        'INTERNAL',
        path,
        `${path} failed, and why takes more than ${maxWordsBytes / 1024} KiB: the log of the runtime has it`,
      )
    if (timeoutMs !== undefined && performance.now() - startedAt >= timeoutMs) {
      return new CriError('DEADLINE_EXCEEDED', path, `${path} did not answer within ${timeoutMs} ms`, { cause: error })
    }
    return new CriError('UNAVAILABLE', path, `not reachable: ${error?.message ?? 'connection closed'}`, {
      cause: error,
    })
  }
}

/** The other side ended this one call, and not the connection. */
const isOfStream = (error: Error | undefined) => (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_HTTP2_STREAM_ERROR'

// grpc-message is percent-encoded; text that is not stays as it came.
function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
