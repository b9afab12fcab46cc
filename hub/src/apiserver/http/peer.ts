import type { User } from '@bramble/shared/api/api-request.ts'
import { isIssuedBy, isOfTime } from '@bramble/shared/identity/certificate-life.ts'
import { keyHashOf } from '@bramble/shared/identity/node-key.ts'
import { X509Certificate } from 'node:crypto'
import type { Http2ServerRequest } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { anonymous, isAnonymous, userOfCertificate } from '../authn/client-certificate.ts'
import type { NodeKeys } from '../authn/node-keys.ts'
import { isNode, nodeNameOf } from '../authz/node-user.ts'

/** Who is at the other end, with which key if it is a node, and until when that is certified. */
export type Peer = {
  readonly user: User | undefined
  readonly address: string
  readonly until: number
  readonly node?: string
  readonly key?: string
}

export type PeersDeps = {
  /** PEM of the CA that certifies them. */
  readonly ca: string | Buffer
  /** Whose certificate is good for which node. Without it every certificate of the CA is. */
  readonly nodeKeys?: Pick<NodeKeys, 'refusalOf' | 'keyOf'> | undefined
  readonly isOver: (notAfter: number) => boolean
}

/** Who the connections of a door are from, and whether they are served. */
export function createPeers({ ca, nodeKeys, isOver }: PeersDeps) {
  const root = new X509Certificate(ca)
  const peers = new WeakMap<object, Peer>()

  /** Why nobody is served who has this certificate; undefined when its holder is. Asked at each request: a connection may outlive its rights. */
  const refusalOf = ({ user, node, key, until }: Peer): string | undefined => {
    if (user === undefined || isOver(until)) return 'Unauthorized'
    if (nodeKeys === undefined || !isNode(user)) return undefined
    if (node === undefined || key === undefined) return 'Unauthorized'
    const refusal = nodeKeys.refusalOf(node, key)
    if (refusal !== undefined) return refusal
    return nodeKeys.keyOf(node) === key ? undefined : `node ${node} has no key yet: it gets it when its agent connects`
  }

  return {
    refusalOf,
    ofSocket: (socket: TLSSocket): Peer => peerOfSocket(socket, root),
    /** The same one for each request of a connection. */
    of(request: Http2ServerRequest): Peer {
      const holder: object = request.stream?.session ?? request.socket
      let peer = peers.get(holder)
      if (peer === undefined) {
        peer = peerOfSocket((request.stream?.session?.socket ?? request.socket) as TLSSocket, root)
        peers.set(holder, peer)
      }
      return peer
    },
    /** Also with a certificate that is good for nothing: to ask for nothing there are places enough. */
    isStranger: (peer: Peer): boolean => peer.user === undefined || isAnonymous(peer.user) || refusalOf(peer) !== undefined,
  }
}

/** Anonymous without a certificate; nobody with one that is not ours. */
function peerOfSocket(socket: TLSSocket, root: X509Certificate): Peer {
  const certificate = socket.getPeerCertificate()
  const address = socket.remoteAddress ?? ''
  if (certificate === null || certificate.subject === undefined) return { user: anonymous, address, until: Infinity }
  const x509 = socket.getPeerX509Certificate()
  // Whether its time is over is asked at each request: that needs more than this machine's clock.
  const isGood = socket.authorized || (x509 !== undefined && isOfTime(socket.authorizationError) && isIssuedBy(x509, root, 'client'))
  const user = isGood ? userOfCertificate(certificate) : undefined
  const node = user === undefined ? undefined : nodeNameOf(user)
  return {
    user,
    address,
    until: Date.parse(certificate.valid_to),
    ...(node !== undefined && { node }),
    ...(node !== undefined && x509 !== undefined && { key: keyHashOf(x509) }),
  }
}
