import { X509Certificate } from 'node:crypto'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { isIP } from 'node:net'
import { strongTls } from '@bramble/shared/identity/strong-tls.ts'
import { isIssuedBy, isOfTime, lifeOf } from '@bramble/shared/identity/certificate-life.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { messageOf } from '@bramble/shared/process/service.ts'

export type HubAddress = { readonly host: string; readonly port: number }

export type HubSocketDeps = {
  readonly address: HubAddress
  readonly ca: string
  /** Absent while joining. */
  readonly own?: { readonly key: string; readonly certificate: string }
  readonly clock: Clock
  /** Whether what ends then is over; by this machine's clock alone when nothing is known besides. */
  readonly isOver?: (notAfter: number) => boolean
  readonly signal: AbortSignal
  readonly timeoutMs?: number
}

/** `mqtts://host:port` */
export function parseHubUrl(hubUrl: string): HubAddress {
  const url = URL.canParse(hubUrl) ? new URL(hubUrl) : undefined
  if (url?.protocol !== 'mqtts:' || url.hostname === '') throw new Error(`the hub's address is written mqtts://host:port, not ${hubUrl}`)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 8883 : Number(url.port) }
}

/**
 * A TLS connection to a hub that has proved to be ours. "Not yet valid" is forgiven, and nothing else is: our CA dates nothing ahead,
 * so a certificate that is not valid yet means that this clock is behind (a board without a battery), or that the hub's was ahead
 * when it made it. An expired one is refused: it may be a key that somebody has kept; but "expired" by more than this clock, which may
 * be years ahead (`HubTime`).
 */
export async function openHubSocket({
  address,
  ca,
  own,
  clock,
  isOver = (notAfter) => notAfter < clock.now(),
  signal,
  timeoutMs = 10_000,
}: HubSocketDeps): Promise<TLSSocket> {
  const options: ConnectionOptions = {
    ...address,
    ...(isIP(address.host) === 0 && { servername: address.host }),
    ca,
    ...(own !== undefined && { key: own.key, cert: own.certificate }),
    // What is wrong is looked at below, before a byte is said.
    rejectUnauthorized: false,
    ...strongTls,
  }
  const socket = connect(options)
  // As an option it does not reach a socket of TLS. With Nagle's rule what is short waits for the acknowledgement of what was said before: 40 ms.
  socket.setNoDelay(true)
  try {
    await secured(socket, signal, timeoutMs)
    const why = socket.authorized ? undefined : String(socket.authorizationError)
    if (isOfTime(why)) checkWithoutTime(socket, address, { ca, isOver })
    else if (why !== undefined) throw Object.assign(new Error(why), { code: why })
    return socket
  } catch (cause) {
    socket.destroy()
    throw new Error(`hub ${address.host}:${address.port}: ${explain(cause, clock)}`, { cause })
  }
}

const secured = (socket: TLSSocket, signal: AbortSignal, timeoutMs: number) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new Error(`no answer within ${timeoutMs} ms`))), timeoutMs)
    const onAbort = () => settle(() => reject(signal.reason))
    const settle = (end: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.on('error', () => {}) // whoever takes the socket over listens for itself; a late error must not be fatal
      end()
    }
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('secureConnect', () => settle(resolve))
    socket.once('error', (error) => settle(() => reject(error)))
  })

type Judge = { readonly ca: string; readonly isOver: (notAfter: number) => boolean }

function checkWithoutTime(socket: TLSSocket, { host }: HubAddress, { ca, isOver }: Judge): void {
  const leaf = socket.getPeerX509Certificate()
  if (leaf === undefined || !isIssuedBy(leaf, new X509Certificate(ca), 'server'))
    throw new Error("its certificate was not issued by our CA, or is not a server's")
  if ((isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) === undefined) throw new Error(`its certificate is not for ${host}`)
  const { to } = lifeOf(leaf)
  if (isOver(to)) throw Object.assign(new Error(`its certificate ended on ${dayOf(to)}`), { code: 'CERT_HAS_EXPIRED' })
}

/** A text that changes by the second would be told each time. */
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

function explain(cause: unknown, clock: Clock): string {
  const code = (cause as { code?: string } | undefined)?.code
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `its certificate has expired by this machine's clock (${dayOf(clock.now())}): ${messageOf(cause)}; set this clock if it is wrong (\`date -s\`), or the hub's, which renews its certificate by itself`
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'its certificate was not issued by our CA, which this node has joined: is it another cluster?'
    default:
      return messageOf(cause)
  }
}
