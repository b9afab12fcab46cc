import { conflict, fieldInvalid, invalid, isApiError } from '@bramble/shared/api-error.ts'
import type { Client } from '@bramble/shared/client.ts'
import { leases } from '@bramble/shared/kinds/lease.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import type { CertificateAuthority } from './ca.ts'
import type { Tokens } from './tokens.ts'

export type EnrollmentDeps = { readonly ca: CertificateAuthority; readonly tokens: Tokens; readonly client: Client }

/** How a machine becomes a node of this cluster, and stays one. */
export type Enrollment = {
  /** A join token and a certificate request become a certificate for this node and no other. */
  enroll(request: {
    readonly token: string
    readonly csrPem: string
    readonly node: string
  }): Promise<{ certificatePem: string; caPem: string }>
  /** For a node that has proved who it is with a certificate that is still good. */
  renew(request: { readonly node: string; readonly csrPem: string }): Promise<{ certificatePem: string; caPem: string }>
}

const dns1123Subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/**
 * A valid token is all that a board needs, also one that was flashed anew and comes back under its old name: whoever holds the name is
 * replaced, unless it is connected and well right now. A name is not taken from a living node, because two boards with the same
 * host name would take it from each other for ever.
 */
export function createEnrollment({ ca, tokens, client }: EnrollmentDeps): Enrollment {
  const sign = async (node: string, csrPem: string) => ({
    certificatePem: await ca.signCsr(csrPem, { commonName: `system:node:${node}`, organizations: ['system:nodes'] }),
    caPem: ca.caPem,
  })

  const isLiving = async (node: string): Promise<boolean> => {
    const seen = await orUndefined(client.get(nodes, { name: node }))
    if (!seen?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) return false
    const lease = await orUndefined(client.get(leases, { name: node, namespace: 'kube-node-lease' }))
    return lease !== undefined && lease.metadata.annotations?.['bramble.io/disconnected-at'] === undefined
  }

  return {
    async enroll({ token, csrPem, node }) {
      // The token first: without one nobody learns which nodes there are.
      const { id } = await tokens.verify(token)
      checkName(node)
      if (await isLiving(node))
        throw conflict(
          nodes,
          node,
          'a node with this name is connected. If this board replaces it, switch the other one off and try again in a minute; else give this one another name with --node',
        )
      const answer = await sign(node, csrPem)
      await tokens.use(id)
      return answer
    },
    async renew({ node, csrPem }) {
      checkName(node)
      return sign(node, csrPem)
    },
  }
}

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
