import { createHash, X509Certificate } from 'node:crypto'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import { ApiError, conflict, fieldInvalid, invalid, isApiError } from '@bramble/shared/api/api-error.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { type Clock, systemClock } from '@bramble/shared/clock.ts'
import { leases } from '@bramble/shared/kinds/lease.ts'
import { type Node, nodes } from '@bramble/shared/kinds/node.ts'
import { keyHashOf, nodeKeyAnnotation } from '@bramble/shared/identity/node-key.ts'
import type { CertificateAuthority } from '../authority/ca.ts'
import { keyPatch } from './node-trust.ts'
import type { Tokens } from './tokens.ts'

export type EnrollmentDeps = {
  readonly ca: CertificateAuthority
  readonly tokens: Tokens
  readonly client: Client
  readonly clock?: Clock
  /** Whether a node has a session right now, whatever its Node says. */
  readonly isConnected?: (node: string) => boolean
}

/** How a machine becomes a node of this cluster, and stays one. */
export type Enrollment = {
  /** A join token and a certificate request become a certificate for this node and no other. */
  enroll(request: {
    readonly token: string
    readonly csrPem: string
    readonly node: string
  }): Promise<{ certificatePem: string; caPem: string; hubTime: number }>
  /** For a node that has proved who it is with a certificate that is still good, for the key of that certificate. */
  renew(request: {
    readonly node: string
    readonly csrPem: string
    readonly key?: string
  }): Promise<{ certificatePem: string; caPem: string }>
}

const dns1123Subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
// As long as the node lifecycle controller waits for a Lease.
const leaseMs = 40_000
const attempts = 16
// A board asks again within half a minute, as long as nobody ends it.
const repeatMs = 10 * 60_000
const maxGiven = 256

/**
 * A valid token makes a board a node under a name that is free; its key is written on the Node (which is made if need be) before the
 * certificate leaves the hub, so that of two boards with one name one gets it. A name that has a key, or that is in use, is given
 * away only after its Node was deleted: a token alone is no right to somebody else's name.
 */
export function createEnrollment({ ca, tokens, client, clock = systemClock, isConnected = () => false }: EnrollmentDeps): Enrollment {
  const sign = async (node: string, csrPem: string) => {
    const certificatePem = await ca.signCsr(csrPem, { commonName: `system:node:${node}`, organizations: ['system:nodes'] })
    return { certificatePem, caPem: ca.caPem, key: keyHashOf(new X509Certificate(certificatePem)) }
  }

  /** For Nodes without a key, from before there were any. */
  const isLiving = async (node: Node): Promise<boolean> => {
    const { name } = node.metadata
    if (isConnected(name)) return true
    const lease = await orUndefined(client.get(leases, { name, namespace: 'kube-node-lease' }))
    if (lease === undefined || lease.metadata.annotations?.['bramble.io/disconnected-at'] !== undefined) return false
    const isReady = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
    return isReady === true || clock.now() - Date.parse(lease.spec?.renewTime ?? '') < leaseMs
  }

  /** Takes the key off the Node that was given it, whoever else wrote there meanwhile: controllers do so at once. */
  const giveBack = async ({ metadata: { name, uid } }: Node, key: string, take: (node: Node) => Promise<unknown>): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const node = await orUndefined(client.get(nodes, { name }))
      if (node?.metadata.uid !== uid || node?.metadata.annotations?.[nodeKeyAnnotation] !== key) return
      try {
        await take(node)
        return
      } catch (error) {
        const isRace = isApiError(error, 'NotFound') || isApiError(error, 'Conflict')
        if (!isRace || attempt === attempts) throw error
      }
    }
  }

  /** The name, if this key may have it; throws why not. Answers how to give it back. */
  const reserve = async (name: string, key: string): Promise<() => Promise<void>> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const seen = await orUndefined(client.get(nodes, { name }))
        if (seen === undefined) {
          const made = await client.create(nodes, {
            apiVersion: 'v1',
            kind: 'Node',
            metadata: { name, annotations: { [nodeKeyAnnotation]: key } },
          })
          return () => giveBack(made, key, (node) => client.delete(nodes, { name }, { preconditions: asRead(node) }))
        }
        const known = seen.metadata.annotations?.[nodeKeyAnnotation]
        if (known === key) return async () => {}
        if (known !== undefined) throw taken(name, 'has joined with another key')
        if (await isLiving(seen)) throw taken(name, 'is connected')
        const written = await client.patch(nodes, { name }, keyPatch(seen.metadata, key))
        return () => giveBack(written, key, ({ metadata }) => client.patch(nodes, { name }, keyPatch(metadata, null)))
      } catch (error) {
        // Somebody else was there in between: look again.
        const isRace = isApiError(error, 'AlreadyExists') || (isApiError(error, 'Conflict') && !(error instanceof NameTaken))
        if (!isRace || attempt === attempts) throw error
      }
    }
  }

  // What was answered lately, by question. The token that paid for it may be used up, so a board that did not get its answer
  // could never ask for it again, and its name would be taken by a key that nobody has.
  const given = new LatestMap<string, { readonly key: string; readonly certificatePem: string; readonly at: number }>({ count: maxGiven })
  const givenBefore = async (question: string, name: string): Promise<string | undefined> => {
    const before = given.get(question)
    if (before === undefined || clock.monotonic() - before.at >= repeatMs) return undefined
    const node = await orUndefined(client.get(nodes, { name }))
    return node?.metadata.annotations?.[nodeKeyAnnotation] === before.key ? before.certificatePem : undefined
  }
  const remember = (question: string, key: string, certificatePem: string) =>
    given.set(question, { key, certificatePem, at: clock.monotonic() })

  return {
    async enroll({ token, csrPem, node }) {
      const question = createHash('sha256')
        .update(JSON.stringify([token, csrPem, node]))
        .digest('base64')
      const certificate = await givenBefore(question, node)
      if (certificate !== undefined) return { certificatePem: certificate, caPem: ca.caPem, hubTime: clock.now() }
      // The token first: without one nobody learns which nodes there are.
      const { id } = await tokens.verify(token)
      checkName(node)
      const { key, ...answer } = await sign(node, csrPem)
      const undo = await reserve(node, key)
      try {
        await tokens.use(id)
      } catch (error) {
        await undo()
        throw error
      }
      remember(question, key, answer.certificatePem)
      return { ...answer, hubTime: clock.now() }
    },
    async renew({ node, csrPem, key: current }) {
      checkName(node)
      const { key, ...answer } = await sign(node, csrPem)
      if (current !== undefined && key !== current)
        throw new ApiError(
          'Forbidden',
          `a renewal keeps the key of node ${node}; for a new key delete the node (kubectl delete node ${node}) and join with a new token`,
        )
      return answer
    },
  }
}

/** A refusal, and not a lost race, though both are a Conflict. */
class NameTaken extends ApiError {}

const taken = (name: string, why: string) => {
  const { reason, message, details } = conflict(
    nodes,
    name,
    `a node with this name ${why}. If this board replaces it, delete the node first (kubectl delete node ${name}) and try again; else give this one another name with --node`,
  )
  return new NameTaken(reason, message, details)
}

const asRead = ({ metadata: { uid, resourceVersion } }: Node) => ({
  ...(uid !== undefined && { uid }),
  ...(resourceVersion !== undefined && { resourceVersion }),
})

function checkName(node: string): void {
  if (node.length <= 253 && dns1123Subdomain.test(node)) return
  throw invalid(nodes, node.slice(0, 253), [
    fieldInvalid(
      'metadata.name',
      node.slice(0, 300),
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character; give the board another name with --node",
    ),
  ])
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}
