import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, Method } from '@bramble/shared/api/api-request.ts'
import type { Http2ServerRequest } from 'node:http2'
import { betweenValues, isImpersonating } from '../authn/impersonation.ts'
import { withoutTokens } from '../authn/tokens/protocol-token.ts'
import { saysOwn } from '../answers/own-accept.ts'
import { isThroughProxy } from '../proxying/proxied-url.ts'
import { offerOf } from '../upgrades/offer.ts'
import { type BodyBudget, readBody } from './body.ts'
import { incomingOf } from './incoming.ts'

const methods: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] satisfies readonly Method[]

/** With no bytes allowed the body is not read: whoever may not ask anything need not send anything. */
type Limits = {
  /** The request came with an offer to speak another protocol, and has no body. */
  readonly isUpgrade?: boolean
  readonly gone: AbortController
  readonly maxBodyBytes: number
  readonly budget: BodyBudget
}

/** What a request asks for, with its body. */
export async function apiRequest(
  request: Http2ServerRequest,
  { gone, maxBodyBytes, budget, isUpgrade = false }: Limits,
): Promise<ApiRequest> {
  const isKnown = methods.includes(request.method)
  const method = isKnown ? request.method : 'GET'
  const query = request.url.indexOf('?')
  // Before the body: nothing may fail after it, because only the caller gives back what it takes.
  const path = decodedPath(pathOnly(request.url))
  const headers = fromOutside(request)
  const upgrade = isUpgrade ? offerOf(headers) : undefined
  if (isUpgrade && upgrade === undefined)
    throw badRequest(`the hub does not speak ${request.headers['upgrade']}: ask again without \`Upgrade\``)
  const isRead = !isUpgrade && maxBodyBytes > 0
  const incoming = isRead && isThroughProxy(request.url) ? incomingOf(request) : undefined
  const body =
    !isRead || method === 'GET' || isThroughProxy(request.url)
      ? undefined
      : await readBody(request, { maxBytes: maxBodyBytes, budget, until: gone })
  if (maxBodyBytes === 0) request.resume()
  return DoorRequest.of(gone, {
    method: method as Method, // one of those above
    ...(!isKnown && { otherMethod: request.method }),
    path,
    uri: request.url,
    query: new URLSearchParams(query < 0 ? '' : request.url.slice(query + 1)),
    headers,
    ...(upgrade !== undefined && { upgrade }),
    ...(body !== undefined && body.byteLength > 0 && { body }),
    ...(incoming !== undefined && { incoming }),
  })
}

// A class, because each object literal with a getter has a map of its own in V8's old generation (`frame.ts` of the shared package), which would hold the
// whole request until the next full collection.
class DoorRequest implements Pick<ApiRequest, 'signal'> {
  /** Makes its signal when it is first asked for one, which few requests do. */
  readonly gone: AbortController

  private constructor(gone: AbortController, said: Omit<ApiRequest, 'signal'>) {
    this.gone = gone
    Object.assign(this, said)
  }

  static of(gone: AbortController, said: Omit<ApiRequest, 'signal'>): ApiRequest {
    return new DoorRequest(gone, said) as DoorRequest & Omit<ApiRequest, 'signal'> // all of which it was given
  }

  get signal(): AbortSignal {
    return this.gone.signal
  }
}

/**
 * What the hub's own parts ask for among themselves (shared objects, whole and unstreamed) nobody asks for from a network: it gets JSON. And a token among
 * protocols has been read.
 */
function fromOutside({ headers: given, rawHeaders }: Http2ServerRequest): ApiRequest['headers'] {
  const headers = withoutTokens(given as ApiRequest['headers']) // Node joins repeated ones, but for set-cookie, which no request has
  const isOwn = saysOwn(headers['accept'] ?? '')
  const isOther = isImpersonating(headers)
  return isOwn || isOther ? { ...headers, ...(isOwn && { accept: 'application/json' }), ...(isOther && groupsApart(rawHeaders)) } : headers
}

/** Names of groups may hold the commas by which Node joins headers of one name. */
function groupsApart(rawHeaders: readonly string[]): ApiRequest['headers'] {
  const found = new Map<string, string>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = [rawHeaders[index]?.toLowerCase(), rawHeaders[index + 1]]
    if (!name.startsWith('impersonate-')) continue
    const before = found.get(name)
    found.set(name, before === undefined ? value : before + betweenValues + value)
  }
  return Object.fromEntries(found)
}

export function pathOnly(url = ''): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new ApiError('BadRequest', 'the path is not percent-encoded UTF-8')
  }
}
