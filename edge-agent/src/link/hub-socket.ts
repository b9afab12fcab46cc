import { X509Certificate } from 'node:crypto'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { isIP } from 'node:net'
import type { Clock } from '@bramble/shared/clock.ts'
import { messageOf } from '@bramble/shared/service.ts'

export type HubAddress = { readonly host: string; readonly port: number }

export type HubSocketDeps = {
  readonly address: HubAddress
  readonly ca: string
  /** Absent while joining. */
  readonly own?: { readonly key: string; readonly certificate: string }
  readonly clock: Clock
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
 * when it made it. An expired one is refused: it may be a key that somebody has kept.
 */
export async function openHubSocket({ address, ca, own, clock, signal, timeoutMs = 10_000 }: HubSocketDeps): Promise<TLSSocket> {
  const options: ConnectionOptions & { noDelay: boolean } = {
    ...address,
    ...(isIP(address.host) === 0 && { servername: address.host }),
    ca,
    ...(own !== undefined && { key: own.key, cert: own.certificate }),
    // What is wrong is looked at below, before a byte is said.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    noDelay: true, // reaches net.connect, though the types of tls do not say so
  }
  const socket = connect(options)
  try {
    await secured(socket, signal, timeoutMs)
    const why = socket.authorized ? undefined : String(socket.authorizationError)
    if (why === 'CERT_NOT_YET_VALID') checkButNotBefore(socket, address, ca, clock)
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

function checkButNotBefore(socket: TLSSocket, { host }: HubAddress, ca: string, clock: Clock): void {
  const leaf = socket.getPeerX509Certificate()
  const root = new X509Certificate(ca)
  if (leaf === undefined || !leaf.checkIssued(root) || !leaf.verify(root.publicKey))
    throw new Error('its certificate was not issued by our CA')
  if ((isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) === undefined) throw new Error(`its certificate is not for ${host}`)
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes('1.3.6.1.5.5.7.3.1')) throw new Error("its certificate is not a server's")
  if (Date.parse(leaf.validTo) < clock.now()) throw new Error('its certificate has expired')
}

function explain(cause: unknown, clock: Clock): string {
  const code = (cause as { code?: string } | undefined)?.code
  const now = new Date(clock.now()).toISOString().slice(0, 10) // the day: a text that changes by the second would be told each time
  switch (code) {
    case 'CERT_NOT_YET_VALID':
      return `its certificate is not valid yet by this machine's clock (${now}): one of the two clocks is wrong`
    case 'CERT_HAS_EXPIRED':
      return `its certificate has expired by this machine's clock (${now}): renew it, or set the clock that is wrong`
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'its certificate was not issued by our CA, which this node has joined: is it another cluster?'
    default:
      return messageOf(cause)
  }
}
