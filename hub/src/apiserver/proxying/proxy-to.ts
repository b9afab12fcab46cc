import type { Duplex } from 'node:stream'
import type { ApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { Call } from '../call.ts'
import { forbiddenTo, whileAllowed } from '../pods/while-allowed.ts'
import type { Connection } from '../verbs/connect.ts'
import { carry } from './carry.ts'
import { proxiedUrl } from './proxied-url.ts'
import { type TargetName, targetNamed } from './target-name.ts'

/** What is behind a proxy. */
export type Behind = {
  readonly dial: (signal: AbortSignal) => Promise<Duplex>
  /** Why what was found is not there any more, if it is not. */
  readonly gone?: () => ApiError | undefined
  /** Where it is not as the name says. */
  readonly isTls?: boolean
}

/** Carries a request to what its name says; `find` throws for what there is not. */
export async function proxyTo<T extends object>(
  call: Call,
  connection: Connection<T>,
  find: (target: TargetName, call: Call) => Behind,
): Promise<ApiResponse> {
  const { request, caller, info } = call
  const url = proxiedUrl(request)
  await connection.admit(call, url.below.slice(1))
  const target = targetNamed(info.name ?? '', info.resource.replace(/s$/, ''))
  const { dial, gone = () => undefined, isTls = target.isTls } = find(target, call)
  return whileAllowed(
    call,
    () => forbiddenTo(call, info.verb) ?? gone(),
    (signal) => carry({ request, address: caller.address, url, isTls, dial, signal }),
  )
}
