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
export function agreedOn({ upgrade }: Pick<ApiRequest, 'upgrade'>, spoken: Spoken): Agreed {
  if (upgrade === undefined) throw badRequest('Upgrade request required')
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
