import type { StreamChannel } from './node-stream.ts'

/** Small pieces go on together; one of this size waits until it is on its way, and is all that waits. */
const aheadBytes = 64 * 1024

/** Gives on what is read to who writes, to its end; no more is read while this much has not been taken. */
export async function pump(from: AsyncIterable<Uint8Array>, to: Pick<StreamChannel, 'write' | 'end'>): Promise<void> {
  let ahead = 0
  let last = Promise.resolve()
  for await (const bytes of from) {
    ahead += bytes.length
    last = to.write(bytes)
    last.catch(() => {}) // told by the next that is waited for: what was refused once is refused from then on
    if (ahead < aheadBytes) continue
    await last
    ahead = 0
  }
  await last
  to.end()
}
