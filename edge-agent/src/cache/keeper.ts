import { every } from '@bramble/shared/async/every.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import type { Cache } from './cache.ts'

// A disk that fills up is emptied by a person, or by log rotation: half a minute later is soon enough to have everything on it again.
const retryMs = 30_000

/** Tries again to write what the disk refused. */
export const createCacheKeeper = (cache: Pick<Cache, 'save'>): Service => ({
  name: 'cache',
  async run(signal) {
    for await (const _ of every(retryMs, signal)) cache.save()
  },
})
