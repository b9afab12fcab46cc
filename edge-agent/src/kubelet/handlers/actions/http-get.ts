import { createDeadline } from '@bramble/shared/async/deadline.ts'
import type { HTTPGetAction } from '@bramble/shared/types/probe.ts'
import { findHost } from '../find-host.ts'
import { handler, type HandlerTarget, maxOutputBytes, type Verdict } from '../handler.ts'
import { httpGetPlainly } from '../plain-http.ts'
import { portNumber } from '../port-number.ts'
import { reasonOf } from '../reason-of.ts'

// As Go's client: so many requests, and these statuses lead on.
const maxRedirects = 10
const redirects = new Set([301, 302, 303, 307, 308])

export const httpGet = handler('httpGet', ask)

async function ask(action: HTTPGetAction, target: HandlerTarget): Promise<Verdict> {
  const port = portNumber(action.port, target.container)
  if (port === undefined) return { outcome: 'error', message: `port ${action.port} is not a port of the container` }
  const host = action.host || target.podIP
  const scheme = (action.scheme ?? 'HTTP').toLowerCase()
  const headers = headersOf(action)
  let url: URL
  try {
    url = new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${(action.path ?? '/').replace(/^(?!\/)/, '/')}`)
  } catch (error) {
    return { outcome: 'error', message: (error as Error).message } // URL throws only TypeErrors
  }
  using deadline = createDeadline(target.timeoutMs, target.signal)
  const first = url.hostname
  try {
    // Redirects stay with this host.
    const address = await findHost(first.replace(/^\[|\]$/g, ''), target, deadline.signal)
    for (let asked = 1; ; asked++) {
      const { status, location, body } = await httpGetPlainly({ url, address, headers, signal: deadline.signal })
      const message = body.slice(0, maxOutputBytes)
      const next = redirects.has(status) && location !== undefined ? new URL(location, url) : undefined
      if (next === undefined) {
        if (status >= 200 && status < 400) return { outcome: 'success', message }
        return { outcome: 'failure', message: `HTTP probe failed with statuscode: ${status}` }
      }
      // Another host is not ours to judge: reaching the redirect was the answer.
      if (next.hostname !== first) return { outcome: 'success', message: `Probe terminated redirects, Response body: ${message}` }
      if (asked >= maxRedirects) return { outcome: 'failure', message: `Get "${next.href}": stopped after ${maxRedirects} redirects` }
      url = next
    }
  } catch (error) {
    target.signal.throwIfAborted()
    const why = deadline.hasPassed ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : reasonOf(error)
    return { outcome: 'failure', message: `Get "${url.href}": ${why}` }
  }
}

/** What the kubelet sends; a header of the probe replaces ours of that name, and an empty Accept takes it away. */
function headersOf({ httpHeaders = [] }: HTTPGetAction): readonly (readonly [string, string])[] {
  const isGiven = (name: string) => httpHeaders.some((header) => header.name.toLowerCase() === name.toLowerCase())
  const ours = [
    ['User-Agent', 'kube-probe/1.35'],
    ['Accept', '*/*'],
  ] as const
  return [
    ...ours.filter(([name]) => !isGiven(name)),
    ...httpHeaders
      .filter(({ name, value }) => !(name.toLowerCase() === 'accept' && value === ''))
      .map(({ name, value }) => [name, value] as const),
    ['Connection', 'close'],
  ]
}
