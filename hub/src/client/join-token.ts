import { X509Certificate, createHash, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@bramble/shared/api/client.ts'
import { secrets } from '@bramble/shared/kinds/secret.ts'

/** As Kubernetes keeps its bootstrap tokens: a Secret of this type and name in this namespace. */
export const joinTokenNamespace = 'kube-system'
export const joinTokenType = 'bootstrap.kubernetes.io/token'
export const joinTokenName = (id: string): string => `bootstrap-token-${id}`

/** `caHash` is the SHA-256 of the CA certificate's DER in hex: a new node trusts the hub that has it, before it has any certificate. */
export type JoinToken = { readonly id: string; readonly secret: string; readonly caHash?: string }

export const joinTokenText = ({ id, secret, caHash }: JoinToken): string =>
  [id, secret, ...(caHash === undefined ? [] : [caHash])].join('.')

/** Undefined for a text that is no token. */
export function parseJoinToken(text: string): JoinToken | undefined {
  const [, id, secret, caHash] = /^([a-z0-9]{6})\.([a-z0-9]{16})(?:\.([0-9a-f]{64}))?$/.exec(text.trim()) ?? []
  if (id === undefined || secret === undefined) return undefined
  return { id, secret, ...(caHash !== undefined && { caHash }) }
}

/** What is kept of a secret of 82 random bits; nothing slower is needed to keep it from being guessed back. */
export const joinSecretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest()

export type NewJoinToken = {
  readonly client: Client
  readonly ttlMs: number
  /** How many nodes may join with it; default: as many as like to until it expires. */
  readonly uses?: number
  readonly now?: number
  readonly signal?: AbortSignal
}

/** Makes a token for the hub whose folder this is. The text is told once; the hub keeps a hash of its secret. */
export const createJoinToken = ({ hubDir, ...options }: NewJoinToken & { readonly hubDir: string }): Promise<string> => {
  const { fingerprint256 } = new X509Certificate(readFileSync(join(hubDir, 'pki', 'ca.crt')))
  return createTokenSecret({ ...options, caHash: fingerprint256.replaceAll(':', '').toLowerCase() })
}

export async function createTokenSecret({
  client,
  caHash,
  ttlMs,
  uses,
  now = Date.now(),
  signal,
}: NewJoinToken & { readonly caHash: string }): Promise<string> {
  const token = { id: randomText(6), secret: randomText(16), caHash }
  await client.create(
    secrets,
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: joinTokenName(token.id), namespace: joinTokenNamespace },
      type: joinTokenType,
      data: encoded({
        'token-id': token.id,
        'token-hash': joinSecretHash(token.secret).toString('hex'),
        expiration: new Date(now + ttlMs).toISOString(),
        'usage-bootstrap-authentication': 'true',
        ...(uses !== undefined && { 'uses-left': String(uses) }),
      }),
    },
    signal === undefined ? {} : { signal },
  )
  return joinTokenText(token)
}

const encoded = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]))

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
const randomText = (length: number): string => Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
