import { X509Certificate, createPrivateKey } from 'node:crypto'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'
import { ConfigError } from '@bramble/shared/process/config.ts'
import { forgetJoinRequest, keepForJoining } from './join-request.ts'

/** What a node proves itself with; all PEM. */
export type Credentials = { readonly node: string; readonly key: string; readonly certificate: string; readonly ca: string }

export type CredentialStore = {
  /** Undefined before the node has joined. */
  current(): Credentials | undefined
  /** Throws what the disk says; a renewed certificate, whose key is kept already, is used all the same, and `save` keeps it later. */
  replace(credentials: Credentials): void
  /** Writes what could not be written; throws what the disk says. */
  save(): void
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
  let isSaved = true
  const write = (credentials: Credentials) => {
    writeFileAtomic(caFile, credentials.ca, 0o644)
    writeFileAtomic(nodeFile, `${credentials.key.trimEnd()}\n${credentials.certificate.trimEnd()}\n`, 0o600)
    isSaved = true
  }
  return {
    current: () => current,
    replace(next) {
      check(next)
      // A new key that is lost with this life would be a name that nobody can use: it is not used before it is kept.
      if (next.key === current?.key) current = next
      isSaved = false
      // The hub answers the same request again, so a certificate that was not kept is not lost.
      if (current === undefined) keepForJoining(nodeFile, () => write(next))
      else write(next)
      forgetJoinRequest(folder)
      current = next
    },
    save() {
      if (!isSaved && current !== undefined) write(current)
    },
  }
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
