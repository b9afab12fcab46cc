import type { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { Clock } from '@bramble/shared/clock.ts'
import type { CertificateAuthority } from './ca.ts'
import { certificateOf } from './key-pair.ts'
import { writeSecretFile } from './secret-file.ts'
import type { KeyPair } from './signer.ts'
import { needsRenewal } from './validity.ts'

/** A key and certificate of the hub's own, in one file so that they change together. */
export type KeptCertificate = {
  readonly name: string
  current(): KeyPair
  /** Makes a new one when it is past half of its time; answers whether it did. */
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
    return certificate !== undefined && ca.hasIssued(certificate) && covers(certificate) && !needsRenewal(certificate, clock.now())
  }
  const renew = async (): Promise<KeyPair> => {
    const pair = await issue()
    writeSecretFile(path, `${pair.keyPem}${pair.certPem}`)
    return pair
  }

  const kept = read(path)
  let current = kept !== undefined && isGood(kept) ? kept : await renew()
  return {
    name,
    current: () => current,
    onRenewed: (listener) => void listeners.push(listener),
    async renewIfNeeded() {
      if (isGood(current)) return false
      current = await renew()
      for (const listener of listeners) listener(current)
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
