import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, UpgradeOffer } from '@bramble/shared/api/api-request.ts'

/** What the head of a request offers to speak from here on; undefined: nothing that the hub speaks. */
export function offerOf(headers: ApiRequest['headers']): UpgradeOffer | undefined {
  const over = (headers['upgrade'] ?? '').toLowerCase()
  if (over === 'websocket') return { over, protocols: listed(headers['sec-websocket-protocol']) }
  if (over === 'spdy/3.1') return { over: 'spdy', protocols: listed(headers['x-stream-protocol-version']) }
  return undefined
}

const listed = (header: string | undefined): readonly string[] =>
  (header ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** By which names a resource's streams are spoken; who names none is of a time before there were names, or leaves it to us. */
export type Spoken = Readonly<Record<UpgradeOffer['over'], { readonly protocols: readonly string[]; readonly unnamed?: string }>>

/** The first that the caller offers and we speak. */
export function agreedOn(request: Pick<ApiRequest, 'upgrade' | 'method' | 'headers'>, spoken: Spoken): Agreed {
  const { upgrade } = request
  if (upgrade === undefined) throw badRequest('Upgrade request required')
  if (upgrade.over === 'websocket') mustShakeHands(request)
  const { over, protocols } = upgrade
  const { protocols: ours, unnamed } = spoken[over]
  const found = protocols.length === 0 ? unnamed : protocols.find((name) => ours.includes(name))
  if (found !== undefined) return { over, protocol: found, isNamed: protocols.length > 0 }
  throw new ApiError(
    'Forbidden',
    `unable to upgrade: unable to negotiate protocol: client supports [${protocols.join(' ')}], server accepts [${ours.join(' ')}]`,
  )
}
export type Agreed = {
  readonly over: UpgradeOffer['over']
  readonly protocol: string
  /** The caller wants to hear which. */
  readonly isNamed: boolean
}

/** Before anything is begun for it: a command must not run for whom it is not connected with (RFC 6455, section 4.2.1). */
function mustShakeHands({ method, headers }: Pick<ApiRequest, 'method' | 'headers'>): void {
  if (method !== 'GET') throw badRequest(`a WebSocket is asked for by GET, and not by ${method}`)
  const { 'sec-websocket-version': version = '', 'sec-websocket-key': key = '' } = headers
  if (version !== '13' && version !== '8') throw badRequest(`a WebSocket of version 13 is spoken here, and not ${JSON.stringify(version)}`)
  if (!/^[+/0-9A-Za-z]{22}==$/.test(key)) throw badRequest('Sec-WebSocket-Key: must be 16 bytes in base64')
}
