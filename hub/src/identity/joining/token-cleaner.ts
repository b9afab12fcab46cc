import { every } from '@bramble/shared/async/every.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import type { Tokens } from './tokens.ts'

// Nobody joins with an expired token; this only keeps the list of Secrets short.
const everyMs = 600_000

/** Takes expired join tokens away while the hub runs. */
export const createTokenCleaner = ({ tokens, log }: { readonly tokens: Pick<Tokens, 'removeExpired'>; readonly log: Log }): Service => ({
  name: 'token-cleaner',
  async run(signal) {
    for await (const _ of every(everyMs, signal))
      await tokens.removeExpired().catch((error: unknown) => log.debug({ error: messageOf(error) }, 'expired join tokens not removed'))
  },
})
