import { every } from '@bramble/shared/async/every.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import type { BelievedClock } from '../believed-clock.ts'
import type { KeptCertificate } from './kept-certificate.ts'

export type CertificateRenewalDeps = {
  readonly kept: readonly Pick<KeptCertificate, 'name' | 'renewIfNeeded'>[]
  /** What it knows is written down along the way. */
  readonly clock?: Pick<BelievedClock, 'keep'>
  readonly log: Log
  /** Also how long a hub that woke up with a wrong clock goes on with a certificate that does not fit the right one. */
  readonly everyMs?: number
}

/** Renews the hub's own certificates while it runs. */
export function createCertificateRenewal({ kept, clock, log, everyMs = 600_000 }: CertificateRenewalDeps): Service {
  return {
    name: 'certificate-renewal',
    async run(signal) {
      const failing = new Set<string>()
      for await (const _ of every(everyMs, signal)) {
        for (const certificate of kept) {
          const { name } = certificate
          try {
            if (await certificate.renewIfNeeded()) log.info({ certificate: name }, 'certificate renewed')
            failing.delete(name)
          } catch (error) {
            // There is a year left to try: half of the certificate's time.
            if (!failing.has(name)) log.error({ certificate: name, error: messageOf(error) }, 'certificate could not be renewed or kept')
            failing.add(name)
          }
        }
        try {
          clock?.keep()
        } catch (error) {
          log.debug({ error: messageOf(error) }, 'the time could not be kept') // a full disk: an older one does as well
        }
      }
    },
  }
}
