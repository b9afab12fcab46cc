import { type ApiError, notFound } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { decide, forbidden } from '../authz/authorizer.ts'
import type { Call } from '../call.ts'
import { longRunning } from '../request-series.ts'

/**
 * Opens what lasts as long as its caller may have it: whoever loses the right to connect to a pod, or whose pod is deleted, has what is open ended, with that
 * as the reason. To read a pod's part is not enough (Kubernetes 1.35 asks for `create`, by whatever method it is asked for).
 */
export async function whileAllowed(
  call: Call,
  pod: Pod,
  open: (signal: AbortSignal) => Promise<ApiResponse & { type: 'upgrade' }>,
): Promise<ApiResponse> {
  const { api, request } = call
  const leave = api.budget.openStream(call.caller.account)
  const running = longRunning(call)
  const linked = linkSignals(request.signal)
  const looking = setInterval(() => {
    const refusal = refusalOf(call, pod)
    if (refusal !== undefined) linked.abort(refusal)
  }, api.streamLookMs)
  const close = () => {
    clearInterval(looking)
    linked[Symbol.dispose]()
    leave()
  }
  // Also when the caller has gone before the connection is given to anybody.
  linked.signal.addEventListener('abort', close, { once: true })
  try {
    const opened = await open(linked.signal)
    return {
      ...opened,
      async serve(connection) {
        running.count++
        try {
          await opened.serve(connection)
        } finally {
          running.count--
          close()
        }
      },
    }
  } catch (error) {
    close()
    throw error
  }
}

/** Throws for who may not connect, before anything else is told. */
export function mustBeAllowed(call: Call): void {
  const refusal = forbiddenTo(call)
  if (refusal !== undefined) throw refusal
}

function forbiddenTo({ api: { authorizers }, caller: { user }, info }: Call): ApiError | undefined {
  const attributes = { user, info: { ...info, verb: 'create' as const } }
  const decision = decide(authorizers, attributes)
  return decision.type === 'allow' ? undefined : forbidden(attributes, decision.reason ?? '')
}

function refusalOf(call: Call, { metadata: { namespace, name, uid } }: Pod): ApiError | undefined {
  const { registry } = call.api
  const entry = registry.find(pods, namespace, name)
  const isThere = entry !== undefined && registry.objectOf(pods, entry).metadata.uid === uid
  return forbiddenTo(call) ?? (isThere ? undefined : notFound(pods, name))
}
