import type { StreamChannel } from './node-stream.ts'

/** Gives on what is read to who writes, to its end; at most one piece is on its way. */
export async function pump(from: AsyncIterable<Uint8Array>, to: Pick<StreamChannel, 'write' | 'end'>): Promise<void> {
  for await (const bytes of from) await to.write(bytes)
  to.end()
}
