import type { Writable } from 'node:stream'
import { isWhole } from '../packed.ts'

/**
 * The bytes of a frame as they may be handed to a socket. Those of one turn share a buffer (`packed.ts`): what goes out at once does so from
 * there, and what has to wait behind something else gets bytes of its own, or each small frame that a slow client does not read would hold
 * what a thousand others were sent with it.
 */
export function bytesToKeep(payload: Uint8Array, { writableLength }: Pick<Writable, 'writableLength'>): Buffer {
  const shared = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  return writableLength === 0 || isWhole(payload) ? shared : Buffer.from(new Uint8Array(payload).buffer)
}
