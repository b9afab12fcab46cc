import { X509Certificate, createPrivateKey } from 'node:crypto'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '@bramble/shared/atomic-file.ts'
import { ConfigError } from '@bramble/shared/config.ts'

/** What a node proves itself with; all PEM. */
export type Credentials = { readonly node: string; readonly key: string; readonly certificate: string; readonly ca: string }

export type CredentialStore = {
  /** Undefined before the node has joined. */
  current(): Credentials | undefined
  replace(credentials: Credentials): void
}

/** What this node proved itself with cannot be read any more; only a new token helps. */
export class DamagedCredentials extends ConfigError {}

/** Puts damaged credentials aside, so that the node can join anew. */
export function putCredentialsAside(folder: string): void {
  const file = join(folder, 'node.pem')
  renameSync(file, `${file}.damaged`)
}

/** The credentials in the agent's folder: `node.pem` (key and certificate in one file, so that they change together) and `ca.crt`. */
export function createCredentialStore(folder: string): CredentialStore {
  const nodeFile = join(folder, 'node.pem')
  const caFile = join(folder, 'ca.crt')
  let current = load(nodeFile, caFile)
  return {
    current: () => current,
    replace(next) {
      check(next)
      writeFileAtomic(caFile, next.ca, 0o644)
      writeFileAtomic(nodeFile, `${next.key.trimEnd()}\n${next.certificate.trimEnd()}\n`, 0o600)
      current = next
    },
  }
}

/** When half of a certificate's life is over, in epoch milliseconds: what is then switched off for the other half still gets in. */
export function renewalDue(certificatePem: string): number {
  const { from, to } = lifeOf(certificatePem)
  return from + (to - from) / 2
}

export function lifeOf(certificatePem: string): { readonly from: number; readonly to: number } {
  const { validFrom, validTo } = new X509Certificate(certificatePem)
  return { from: Date.parse(validFrom), to: Date.parse(validTo) }
}

function load(nodeFile: string, caFile: string): Credentials | undefined {
  if (!existsSync(nodeFile) || !existsSync(caFile)) return undefined
  try {
    const text = readFileSync(nodeFile, 'utf8')
    const split = text.indexOf('-----BEGIN CERTIFICATE-----')
    const certificate = text.slice(split)
    const credentials = { node: nodeNameOf(certificate), key: text.slice(0, split), certificate, ca: readFileSync(caFile, 'utf8') }
    check(credentials)
    return credentials
  } catch (cause) {
    throw new DamagedCredentials(`${nodeFile} does not hold a node's key and certificate: join again with a new token (--token)`, { cause })
  }
}

function check({ node, key, certificate }: Credentials): void {
  const parsed = new X509Certificate(certificate)
  if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new Error('the certificate is not for this key')
  if (nodeNameOf(certificate) !== node) throw new Error(`the certificate is for ${nodeNameOf(certificate)}, not for ${node}`)
}

function nodeNameOf(certificatePem: string): string {
  const { subject } = new X509Certificate(certificatePem)
  const name = /^CN=system:node:(.+)$/m.exec(subject)?.[1]
  if (name === undefined) throw new Error(`the certificate of ${subject.replaceAll('\n', ', ')} is not a node's`)
  return name
}
