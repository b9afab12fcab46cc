import type { DownMessage, UpMessage } from './headers.ts'
import { maxHeaderBytes, maxParts, partBytes } from './limits.ts'

/**
 * The control protocol between a node and the hub: HTTP semantics, framed. A frame is one MQTT payload: a line of JSON
 * (the header), and after a newline the body's bytes, if it has one. Bodies therefore travel as the text they already are:
 * an object is serialised once however many nodes watch it, and the bytes of streams are not dressed up as base64.
 *
 * A body larger than a frame goes in parts: the first frame's header says how many (`n`), the rest are `part` frames naming the
 * first one's number (`m`). Frames are numbered per direction (`q`, from 1): one out of turn is a replay or a loss and ends the session.
 * A frame of a type that the receiver does not know is counted and left out.
 */
export type FrameRefusal = 'malformed' | 'too-large' | 'replayed' | 'gap' | 'wrong-node' | 'unexpected'

/** A frame that ends the session: the other side is broken, hostile or of another version. */
export class FrameError extends Error {
  readonly refusal: FrameRefusal
  constructor(refusal: FrameRefusal, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FrameError'
    this.refusal = refusal
  }
}

/** Text is kept as the text it is until its turn comes. */
export type Content = string | Uint8Array

/** One message on its way out, a frame at a time; what comes between two of its frames may be anything else. */
export type Framing = { readonly isDone: boolean; next(): Uint8Array }

/** `number` gives each frame its number when it is made. A body goes in `most` parts at most, each of `size` bytes where that is enough. */
export type FramingOptions = { readonly number: () => number; readonly most?: number; readonly size?: number }

/** Text becomes bytes with the first frame. */
export const framing = (message: UpMessage | DownMessage, content: Content | undefined, options: FramingOptions): Framing =>
  new Frames(message, content, options)

// A class, because each object literal with a getter has a map of its own in V8's old generation, which holds what the getter sees: the body of
// each frame lay there until the next full collection, half of what a stream carried.
class Frames implements Framing {
  readonly #message: UpMessage | DownMessage
  readonly #options: FramingOptions
  #content: Content | undefined
  #body: Uint8Array | undefined
  #parts = 1
  #size = 0
  #first = 0
  #made = 0

  constructor(message: UpMessage | DownMessage, content: Content | undefined, options: FramingOptions) {
    this.#message = message
    this.#content = content
    this.#options = options
  }

  get isDone(): boolean {
    return this.#made >= this.#parts
  }

  next(): Uint8Array {
    const frame = this.#made === 0 ? this.#begin() : this.#goOn()
    this.#made += 1
    return frame
  }

  #begin(): Uint8Array {
    const { number, most = maxParts.now, size = partBytes } = this.#options
    const body = typeof this.#content === 'string' ? Buffer.from(this.#content) : this.#content
    this.#content = undefined
    this.#body = body
    const length = body?.length ?? 0
    this.#size = Math.max(size, Math.ceil(length / most))
    this.#parts = Math.max(1, Math.ceil(length / this.#size))
    this.#first = number()
    return this.#parts === 1
      ? encode({ ...this.#message, q: this.#first }, body)
      : encode({ ...this.#message, q: this.#first, n: this.#parts }, body?.subarray(0, this.#size))
  }

  #goOn(): Uint8Array {
    const from = this.#made * this.#size
    return encode({ t: 'part', q: this.#options.number(), m: this.#first, i: this.#made }, this.#body?.subarray(from, from + this.#size))
  }
}

/** All frames of one message, in order. */
export function* frames(
  message: UpMessage | DownMessage,
  content: Content | undefined,
  number: () => number,
  most?: number,
): Generator<Uint8Array> {
  const made = framing(message, content, { number, ...(most !== undefined && { most }) })
  while (!made.isDone) yield made.next()
}

function encode(header: object, body: Uint8Array | undefined): Uint8Array {
  const line = Buffer.from(JSON.stringify(header))
  if (line.length > maxHeaderBytes)
    throw new FrameError('too-large', `a frame header may have ${maxHeaderBytes} bytes, this one has ${line.length}`)
  return body === undefined ? line : Buffer.concat([line, newline, body])
}

const newline = Buffer.from('\n')
