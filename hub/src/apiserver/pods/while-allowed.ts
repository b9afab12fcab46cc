import { type ApiError, notFound } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { openedBefore } from '@bramble/shared/async/opened-before.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { decide, forbidden } from '../authz/authorizer.ts'
import type { Call } from '../call.ts'
import type { RequestVerb } from '../query/request-info.ts'
import { longRunning } from '../request-series.ts'

/**
 * Opens what lasts as long as its caller may have it: `refusal` is asked again now and then, and what is open ends with the reason that it gives, if it gives
 * one.
 */
export async function whileAllowed(
  call: Call,
  refusal: () => ApiError | undefined,
  open: (signal: AbortSignal) => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const leave = call.api.budget.openStream(call.caller.account)
  const running = longRunning(call)
  const allowed = allowedUntil(call, refusal)
  let isOpen = false
  const close = () => {
    allowed[Symbol.dispose]()
    leave()
    if (isOpen) running.count--
    isOpen = false
  }
  // Also when the caller has gone before the connection is given to anybody.
  allowed.signal.addEventListener('abort', close, { once: true })
  try {
    const opened = await open(allowed.signal)
    if (opened.type !== 'upgrade' && opened.type !== 'stream') {
      close()
      return opened
    }
    if (!allowed.signal.aborted) running.count++
    isOpen = !allowed.signal.aborted
    if (opened.type === 'stream') return { ...opened, stream: openedBefore(untilRead(opened.stream, close), close) }
    return { ...opened, serve: (connection) => opened.serve(connection).finally(close) }
  } catch (error) {
    close()
    throw error
  }
}

/** Aborts when the caller has gone, and with the reason that `refusal` gives, which is asked now and then until it is disposed of. */
export function allowedUntil({ api, request }: Call, refusal: () => ApiError | undefined): Disposable & { readonly signal: AbortSignal } {
  const linked = linkSignals(request.signal)
  const looking = setInterval(() => {
    const why = refusal()
    if (why !== undefined) linked.abort(why)
  }, api.streamLookMs)
  return {
    signal: linked.signal,
    [Symbol.dispose]() {
      clearInterval(looking)
      linked[Symbol.dispose]()
    },
  }
}

async function* untilRead(stream: AsyncIterable<Uint8Array>, close: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } finally {
    close()
  }
}

/** Throws for who may not connect, before anything else is told. */
export function mustBeAllowed(call: Call): void {
  const refusal = forbiddenTo(call, 'create')
  if (refusal !== undefined) throw refusal
}

/** Why a caller may not do that with what it asks for, by what is allowed now. */
export function forbiddenTo({ api: { authorizers }, caller: { user }, info }: Call, verb: RequestVerb): ApiError | undefined {
  const attributes = { user, info: { ...info, verb } }
  const decision = decide(authorizers, attributes)
  return decision.type === 'allow' ? undefined : forbidden(attributes, decision.reason ?? '')
}

/**
 * Why a caller may not be joined with a pod any more: it has lost the right, or the pod is deleted. To read a pod's part is not enough (Kubernetes 1.35 asks for
 * `create`, by whatever method it is asked for).
 */
export const refusalToJoin = (call: Call, pod: Pod) => (): ApiError | undefined => forbiddenTo(call, 'create') ?? goneOf(call, pod)

/** That a pod has gone, if it has: another one of that name is another one. */
export function goneOf({ api: { registry } }: Call, { metadata: { namespace, name, uid } }: Pod): ApiError | undefined {
  const entry = registry.find(pods, namespace, name)
  const isThere = entry !== undefined && registry.objectOf(pods, entry).metadata.uid === uid
  return isThere ? undefined : notFound(pods, name)
}
