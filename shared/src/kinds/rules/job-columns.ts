import { isConditionTrue } from '../../meta/conditions.ts'
import { humanDuration } from '../../meta/time.ts'
import type { ObjectMeta } from '../../meta/object-meta.ts'
import type { JobStatus } from '../../types/job-status.ts'

type Job = { readonly metadata: ObjectMeta; readonly status?: JobStatus }

export function statusText({ metadata, status }: Job): string {
  const is = (type: string) => isConditionTrue(status?.conditions, type)
  if (is('Complete')) return 'Complete'
  if (is('Failed')) return 'Failed'
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(is) ?? 'Running'
}

/** Until now, while it runs. */
export function durationText({ status }: Job, now: Date): string {
  if (status?.startTime === undefined) return ''
  const end = status.completionTime === undefined ? now.getTime() : Date.parse(status.completionTime)
  return humanDuration(end - Date.parse(status.startTime))
}
