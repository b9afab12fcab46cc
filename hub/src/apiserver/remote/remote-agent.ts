import { Agent } from 'node:https'
import type { Duplex } from 'node:stream'
import { checkServerIdentity, connect, createSecureContext, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { once } from 'node:events'
import { rootsOf, type Target } from './target.ts'

/** A certificate of the hub's own, shown to who asks for one. */
export type Identity = { readonly cert: string; readonly key: string }

/** What a request says to the agent beside what Node's own agents know. */
export type Towards = { readonly target: Target; readonly identity: Identity | undefined; readonly signal: AbortSignal }

// In all. A watch has one of its own for as long as it lasts.
const maxTotalSockets = 512
const maxFreeSockets = 4
const idleMs = 30_000
/** Of dialling and handshake together. */
const connectMs = 10_000
const keptContexts = 32

/** Keeps connections to other servers, each for those who trust it for the same reasons. */
export class RemoteAgent extends Agent {
  readonly #dial: (target: Target, signal: AbortSignal) => Promise<Duplex>
  readonly #contexts = new LatestMap<string, SecureContext>({ count: keptContexts })

  /** `maxSockets`: of one server. */
  constructor(dial: (target: Target, signal: AbortSignal) => Promise<Duplex>, { maxSockets }: { readonly maxSockets: number }) {
    super({ keepAlive: true, maxSockets, maxTotalSockets, maxFreeSockets, timeout: idleMs })
    this.#dial = dial
  }

  override getName(options?: object): string {
    const { target, identity } = options as Towards // only `send` makes requests with it
    return keyOf(target, identity)
  }

  override createConnection(options: object, callback?: (error: Error | null, socket: Duplex) => void): undefined {
    const tell = async () => {
      let socket: TLSSocket
      try {
        socket = await this.#connect(options as Towards) // as above
      } catch (error) {
        return callback?.(error as Error, undefined as never) // as Node's own agents do
      }
      return callback?.(null, socket)
    }
    void tell()
  }

  async #connect({ target, identity, signal }: Towards): Promise<TLSSocket> {
    using limit = linkSignals(signal)
    const timer = setTimeout(() => limit.abort(new Error('TLS handshake timeout')), connectMs)
    try {
      const through = await this.#dial(target, limit.signal)
      return await secured(through, { target, secureContext: this.#contextFor(target, identity), signal: limit.signal })
    } catch (error) {
      throw limit.signal.aborted ? limit.signal.reason : error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Reading some authorities takes milliseconds, and connections come in bursts. */
  #contextFor({ trust, key }: Target, identity: Identity | undefined): SecureContext {
    const name = keyOf({ key }, identity)
    let context = this.#contexts.get(name)
    if (context === undefined) {
      context = createSecureContext({ ...(trust.type === 'roots' && { ca: rootsOf(trust.pem) }), ...identity, minVersion: 'TLSv1.2' })
      this.#contexts.set(name, context)
    }
    return context
  }
}

/** Another certificate of ours is another connection, so that none outlives the one that it was shown. */
const keyOf = ({ key }: Pick<Target, 'key'>, identity: Identity | undefined): string => `${key} ${identity?.cert ?? ''}`

type Securing = { readonly target: Target; readonly secureContext: SecureContext; readonly signal: AbortSignal }

async function secured(through: Duplex, { target, secureContext, signal }: Securing): Promise<TLSSocket> {
  const { serverName, trust } = target
  const socket = connect({
    socket: through,
    secureContext,
    host: serverName,
    ...(!/^[\d.]+$|:/.test(serverName) && { servername: serverName }), // an address is no name to ask for
    rejectUnauthorized: trust.type === 'roots',
    checkServerIdentity: (_host, certificate) => whyNotIts(serverName, certificate),
    ALPNProtocols: ['http/1.1'],
  })
  socket.on('error', () => through.destroy()) // who waits hears it as well
  through.on('error', (error) => socket.destroy(error))
  try {
    await once(socket, 'secureConnect', { signal })
    return socket
  } catch (error) {
    socket.destroy()
    through.destroy()
    throw error
  }
}

/** As Go has it: a certificate says in its alternative names whose it is, and its common name is a text for people. */
function whyNotIts(name: string, certificate: PeerCertificate): Error | undefined {
  if (certificate.subjectaltname === undefined) return new Error('x509: certificate relies on legacy Common Name field, use SANs instead')
  return checkServerIdentity(name, certificate)
}
