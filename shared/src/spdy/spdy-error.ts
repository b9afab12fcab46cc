/** What the other side of a SPDY connection said is none: the connection ends. */
export class SpdyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SpdyError'
  }
}
