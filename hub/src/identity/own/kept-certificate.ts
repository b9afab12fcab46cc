import type { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isRenewalDue, lifeOf } from '@bramble/shared/identity/certificate-life.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { CertificateAuthority } from '../authority/ca.ts'
import { certificateOf } from '../authority/key-pair.ts'
import { writeSecretFile } from '../secret-file.ts'
import type { KeyPair } from '../authority/signer.ts'

/** A key and certificate of the hub's own, in one file so that they change together. */
export type KeptCertificate = {
  readonly name: string
  current(): KeyPair
  /** Makes a new one when it is past half of its time; answers whether it did. One that cannot be kept is used all the same: it throws then, and the next call only writes. */
  renewIfNeeded(): Promise<boolean>
  /** Called with each new one, for listeners that must be told (`setSecureContext`). */
  onRenewed(listener: (pair: KeyPair) => void): void
}

export type KeptCertificateDeps = {
  readonly name: string
  readonly path: string
  readonly ca: CertificateAuthority
  readonly clock: Clock
  readonly issue: () => Promise<KeyPair>
  /** Whether a certificate still says what it must: the names a server answers to. */
  readonly covers: (certificate: X509Certificate) => boolean
}

/** Opens the pair in a file and makes a new one when there is none, it is not of our CA, does not cover what it must, or is old. */
export async function keepCertificate({ name, path, ca, clock, issue, covers }: KeptCertificateDeps): Promise<KeptCertificate> {
  const listeners: ((pair: KeyPair) => void)[] = []

  const isGood = (pair: KeyPair): boolean => {
    const certificate = certificateOf(pair)
    return certificate !== undefined && ca.hasIssued(certificate) && covers(certificate) && !isRenewalDue(lifeOf(certificate), clock.now())
  }
  const write = ({ keyPem, certPem }: KeyPair) => {
    try {
      writeSecretFile(path, `${keyPem}${certPem}`)
    } catch (cause) {
      throw new Error(`it is used, but cannot be kept for the next start: ${messageOf(cause)}`, { cause })
    }
  }

  const kept = read(path)
  let current = kept !== undefined && isGood(kept) ? kept : await issue()
  let isKept = current === kept
  const keep = () => {
    if (!isKept) write(current)
    isKept = true
  }
  try {
    keep()
  } catch (error) {
    // A full disk is no reason not to start; without any file it may be the wrong folder.
    if (kept === undefined) throw error
  }
  return {
    name,
    current: () => current,
    onRenewed: (listener) => void listeners.push(listener),
    async renewIfNeeded() {
      if (!isGood(current)) {
        current = await issue()
        isKept = false
        for (const listener of listeners) listener(current)
      } else if (isKept) return false
      keep()
      return true
    },
  }
}

function read(path: string): KeyPair | undefined {
  if (!existsSync(path)) return undefined
  const text = readFileSync(path, 'utf8')
  const split = text.indexOf('-----BEGIN CERTIFICATE-----')
  return split < 0 ? undefined : { keyPem: text.slice(0, split), certPem: text.slice(split) }
}
