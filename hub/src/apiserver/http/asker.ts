import type { ApiRequest, Caller, User } from '@bramble/shared/api/api-request.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Http2ServerRequest } from 'node:http2'
import { accountOf, anonymous, isAnonymous } from '../authn/client-certificate.ts'
import type { Verdict } from '../authn/tokens/authenticator.ts'
import { type Shown, shownAmongProtocols } from '../authn/tokens/protocol-token.ts'
import { bearerOf, type Tokens } from '../authn/tokens/tokens.ts'
import type { createPeers, Peer } from './peer.ts'

/** Who asks, at this moment. */
export type Asker = {
  readonly caller: Caller
  readonly isStranger: boolean
  /** What is counted: strangers by their address, whoever is known by its own name. */
  readonly name: string
  /** Why it is not served. */
  readonly refusal?: string
  /** The node it has the certificate of. */
  readonly node?: string
  /** Why it would not be served any more; undefined while it is. */
  refusalNow(): string | undefined
}

export type AskersDeps = {
  readonly peers: ReturnType<typeof createPeers>
  /** Without it no token is good for anything. */
  readonly tokens?: Pick<Tokens, 'authenticate'> | undefined
  readonly log: Log
}

/** Of each request. A promise only for a token whose signature cannot be looked at before something is fetched. */
export type Askers = {
  of(request: Http2ServerRequest): Asker | Promise<Asker>
  /** Who asks as long as nothing is known but the connection. */
  strangerOf(request: Http2ServerRequest): Asker
}

/**
 * A good certificate says who asks, whatever else is shown; without one a token does. Who shows a bad one of either, and nothing that is good, is
 * refused everything, also what anybody may have: he believes that he is known.
 */
export function createAskers({ peers, tokens, log }: AskersDeps): Askers {
  const byConnection = (peer: Peer, agent: string | undefined): Asker => {
    const refusalNow = () => peers.refusalOf(peer)
    return askerOf({ ...peer, user: peer.user ?? anonymous, agent, refusal: refusalNow(), refusalNow })
  }
  const byToken = (peer: Peer, agent: string | undefined, token: string, verdict: Verdict): Asker => {
    const { address } = peer
    if (verdict.type === 'refused') return refused(peer, agent, verdict.why)
    const refusalNow = () => refusalIn(tokens?.authenticate(token))
    return askerOf({ address, user: verdict.user, agent, refusal: undefined, refusalNow })
  }
  const refused = ({ address }: Peer, agent: string | undefined, why: string): Asker => {
    log.debug({ why, address }, 'a token is refused')
    return askerOf({ address, user: anonymous, agent, refusal: 'Unauthorized', refusalNow: () => 'Unauthorized' })
  }
  return {
    of(request) {
      const peer = peers.of(request)
      const agent = request.headers['user-agent']
      if (!peers.isStranger(peer)) return byConnection(peer, agent)
      const shown = shownBy(request)
      if (shown.type === 'nothing') return byConnection(peer, agent)
      if (shown.type === 'refused') return refused(peer, agent, shown.why)
      const { token } = shown
      const verdict = tokens?.authenticate(token) ?? unknown
      if (verdict instanceof Promise) return verdict.then((found) => byToken(peer, agent, token, found))
      return byToken(peer, agent, token, verdict)
    },
    strangerOf: (request) => {
      const { address } = peers.of(request)
      return askerOf({ address, user: anonymous, agent: undefined, refusal: 'Unauthorized', refusalNow: () => 'Unauthorized' })
    },
  }
}

/** A token in its header goes before one among protocols. */
function shownBy({ headers }: Http2ServerRequest): Shown {
  const token = bearerOf(headers.authorization)
  return token === undefined ? shownAmongProtocols(headers as ApiRequest['headers']) : { type: 'token', token } // Node joins repeated ones
}

type Found = Pick<Asker, 'refusalNow'> & {
  readonly user: User
  readonly address: string
  readonly agent: string | undefined
  readonly refusal: string | undefined
  readonly node?: string
}

function askerOf({ user, address, agent, refusal, node, refusalNow }: Found): Asker {
  const isStranger = refusal !== undefined || isAnonymous(user)
  const account = accountOf(user, agent)
  const name = isStranger ? `a stranger at ${address}` : account.name
  return {
    caller: { user, account, address },
    isStranger,
    name,
    refusalNow,
    ...(refusal !== undefined && { refusal }),
    ...(node !== undefined && { node }),
  }
}

/** What has to be fetched first is not looked at again now: the next request is. */
const refusalIn = (verdict: Verdict | Promise<Verdict> | undefined): string | undefined =>
  verdict === undefined || verdict instanceof Promise || verdict.type === 'known' ? undefined : 'Unauthorized'

const unknown: Verdict = { type: 'refused', why: 'this door takes no tokens' }
