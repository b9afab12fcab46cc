import type { IncomingBody } from '@bramble/shared/api/api-request.ts'
import type { Http2ServerRequest } from 'node:http2'
import { letGoByBytes } from './body.ts'

/**
 * The body of a request that is carried on, piece by piece as whoever it is for takes it: nothing of it is held here, so that it has neither a bound nor a
 * part of anybody's memory. Undefined when there is none.
 */
export function incomingOf(request: Http2ServerRequest): Incoming | undefined {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  if (length !== undefined) return Number(length) > 0 ? new Incoming(request, Number(length)) : undefined
  const isFollowed = request.stream === undefined ? coding !== undefined : !request.stream.endAfterHeaders
  return isFollowed ? new Incoming(request, undefined) : undefined
}

export class Incoming implements IncomingBody {
  readonly length: number | undefined
  readonly #request: Http2ServerRequest
  #came = 0
  #isTaken = false

  constructor(request: Http2ServerRequest, length: number | undefined) {
    this.#request = request
    this.length = length
  }

  get bytes(): AsyncIterable<Uint8Array> {
    return this.#pieces()
  }

  /** Nobody has taken it and nobody will: what is little goes by, that its sender may use the connection again, and the rest is not read (`isLeftUnread`). */
  leave(): void {
    if (!this.#isTaken) this.#leave()
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    this.#isTaken = true
    try {
      // Without an encoding.
      for await (const piece of this.#request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
        this.#came += piece.length
        yield piece
      }
    } finally {
      this.#leave()
    }
  }

  #leave(): void {
    if (this.#request.complete) return
    const left = (this.length ?? Infinity) - this.#came
    if (left <= letGoByBytes) this.#request.resume()
    else this.#request.pause()
  }
}
