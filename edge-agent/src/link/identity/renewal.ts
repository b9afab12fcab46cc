import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { isRenewalDue, lifeOf } from '@bramble/shared/identity/certificate-life.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { errorOf } from '@bramble/shared/api/rest-client.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Credentials, CredentialStore } from './credentials.ts'
import { createCsr } from './csr.ts'
import type { HubTime } from '../hub-time.ts'
import type { NodeSession } from '../node-session.ts'

export type RenewalDeps = {
  readonly credentials: CredentialStore
  readonly hubTime: HubTime
  /** The connection that there is, and the next one. */
  readonly current: () => NodeSession | undefined
  readonly session: (signal: AbortSignal) => Promise<NodeSession>
  readonly log: Log
}

const lookMs = 60_000
const answerMs = 30_000
// There is a year to try.
const longestRetryMs = 3600_000

/** Keeps a node's certificate good: asks for a new one at half of the old one's life. */
export function createRenewal({ credentials, hubTime, current, session, log }: RenewalDeps) {
  let told = ''
  /** A full disk costs a renewed certificate its place there and nothing else: its key is kept, and the old one lasts. */
  const keep = () => {
    try {
      credentials.save()
      told = ''
    } catch (error) {
      const text = messageOf(error)
      if (text !== told) log.warn({ error: text }, 'renewed certificate cannot be kept yet')
      told = text
    }
  }
  const use = (next: Credentials) => {
    try {
      credentials.replace(next)
    } catch {
      keep() // says why, and again only when it is for another reason
    }
  }

  return {
    /** Looks until its certificate is renewed, which calls `onRenewed`, or until it is stopped by what it answers. */
    watch(own: Credentials, { onRenewed, signal }: { readonly onRenewed: () => void; readonly signal: AbortSignal }): () => void {
      const stopped = linkSignals(signal)
      const until = stopped.signal
      const life = lifeOf(new X509Certificate(own.certificate))
      const backoff = createBackoff({ firstMs: lookMs, maxMs: longestRetryMs })
      const look = async () => {
        while (!until.aborted) {
          keep()
          const connection = current()
          let waitMs = lookMs
          if (connection !== undefined && isRenewalDue(life, hubTime.now() ?? 0)) {
            try {
              use(await renew(own, connection, until))
              log.info({}, 'certificate renewed')
              return onRenewed()
            } catch (error) {
              if (!until.aborted) log.warn({ error: messageOf(error) }, 'certificate not renewed, will try again')
              waitMs = backoff.next()
            }
          }
          await (connection === undefined ? session(until) : sleep(waitMs, until)).catch(() => {})
        }
      }
      void look()
      return () => stopped.abort()
    },
  }
}

async function renew(own: Credentials, session: NodeSession, signal: AbortSignal): Promise<Credentials> {
  // With the same key: it is what stands on our Node, so an answer that is lost on its way, or a hub that comes back from a backup, does no harm.
  const csrPem = createCsr(own.node, createPrivateKey(own.key))
  using deadline = createDeadline(answerMs, signal)
  const { status, body } = await session.renew(csrPem, deadline.signal)
  const answer: unknown = JSON.parse(Buffer.from(body ?? []).toString())
  if (status !== 200) throw errorOf(answer)
  const { certificatePem } = answer as { certificatePem?: unknown }
  if (typeof certificatePem !== 'string') throw new Error('the hub answered a renewal without a certificate')
  return { ...own, certificate: certificatePem }
}
