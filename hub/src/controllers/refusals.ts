import { ApiError, type StatusReason } from '@bramble/shared/api/api-error.ts'
import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import { parseKey } from '@bramble/shared/api/object-key.ts'
import { apiVersionOf } from '@bramble/shared/schema/api-version.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { Lister } from '../client/lister.ts'

const refusing: ReadonlySet<StatusReason> = new Set(['Invalid', 'BadRequest', 'Forbidden', 'RequestEntityTooLarge', 'MethodNotAllowed'])

/** As long as a refused write is waited for at most, if nothing of what it is about changes before. */
const longestRetryMs = 5 * 60_000

/** The server said no to what was written, and says it again until somebody changes something. */
const isRefusal = (error: unknown): error is ApiError => error instanceof ApiError && refusing.has(error.reason)

/** How long a key that failed so waits at most; undefined where it is as long as for any failure. */
export const longestRetryOf = (error: unknown): number | undefined => (isRefusal(error) ? longestRetryMs : undefined)

export type FindObject = (key: string) => KubeObject | undefined

/** For who has keys of the objects of a lister. */
export const objectsOf =
  <T extends KubeObject>(resource: Resource<T>, lister: Lister<T>): FindObject =>
  (key) => {
    const { namespace, name } = parseKey(key)
    const metadata = lister.get(namespace, name)?.metadata
    return metadata && { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata }
  }

/** Tells of what cannot be written, in an Event of the object that a key names: once, until something else is wrong or it has been written. */
export type Refusals = {
  /** Whom a key of the controller is about. Who does not say so tells it himself, or has nobody to tell. */
  readonly tellAbout: (find: FindObject) => void
  readonly failed: (key: string, error: unknown) => void
  readonly done: (key: string) => void
}

export function createRefusals(recorder: Pick<EventRecorder, 'record'>): Refusals {
  let find: FindObject = () => undefined
  const told = new Map<string, string>()
  return {
    tellAbout: (how) => void (find = how),
    failed(key, error) {
      const about = isRefusal(error) ? find(key) : undefined
      if (about === undefined || !isRefusal(error)) return
      // Its message may have another name of what was to be made each time.
      const what = [error.reason, ...(error.details.causes ?? []).map(({ field }) => field)].join(' ')
      if (told.get(key) === what) return
      told.set(key, what)
      recorder.record(about, 'Warning', 'FailedSync', `Error syncing, tried again at most every five minutes: ${error.message}`)
    },
    done: (key) => void told.delete(key),
  }
}
